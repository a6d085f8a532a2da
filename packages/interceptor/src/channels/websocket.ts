import type { Recorder } from '../recorder.ts';
import { subscribe } from './http.ts';

/** What `undici:websocket:open` says; the address is that of this end. */
interface Opened {
  readonly address?: { readonly port?: unknown } | null;
}

/**
 * A WebSocket is one row from its handshake to the end of its connection. The handshake is a request of http or undici, whose channels see it first and ask here whose row it is; the connection is that of an accepted upgrade. What is left for this file is that undici tells of an accepted upgrade only here.
 */
export function watchWebsocket(recorder: Recorder): void {
  const opened = recorder.guards.watch<Opened>('websocket.open', ({ address }) => {
    for (const call of recorder.handshakes) {
      const { connection } = call;
      if (connection?.localPort === undefined || connection.localPort !== address?.port) continue;
      recorder.handshakes.delete(call);
      call.answered = recorder.clock.monotonic();
      call.status = 101;
      call.protocol = connection.tls === undefined ? 'ws' : 'wss';
    }
  });
  subscribe(recorder, 'undici:websocket:open', recorder.guards.listener(opened));
}
