import type { Connection } from './connection.ts';
import type { Address, Handle } from './node.ts';
import type { Recorder } from './recorder.ts';
import { createStamp } from './stamp.ts';

/** A handle of Node's binding tcp_wrap. */
interface TcpHandle extends Handle {
  /** Grows with every handle and request of the thread. */
  getAsyncId(): number;
  close(): void;
}

/**
 * Connections that end in this process and began nowhere: the handle is shut down or closed, has a peer and carried bytes, and nobody connected, accepted, opened or received it. Somebody took the originals before the watcher came, or a handle out of a pipe by himself.
 *
 * Everything that has another explanation is none of them, since such a row is an alarm: a handle from before the watcher or from a time when it was off, one of a server of this process, one that was handed over.
 */
export class Unopened {
  readonly #recorder: Recorder;
  readonly #explained = createStamp<true>();
  readonly #ports = new Set<number>();
  #since = 0;

  constructor(recorder: Recorder, TCP: object) {
    this.#recorder = recorder;
    const handle = new (TCP.constructor as new (type: number) => TcpHandle)(0);
    this.#since = handle.getAsyncId();
    handle.close();
  }

  /** The watcher sees nothing for a while: what begins then is older than the next handle of which this is asked. */
  pause(): void {
    this.#since = Infinity;
  }

  /** What is accepted on the port of this handle has its own rows, or is of a channel that is off. */
  listening(handle: Handle): void {
    const local: Address = {};
    handle.getsockname?.(local);
    if (local.port !== undefined) this.#ports.add(local.port);
  }

  /** It comes from a descriptor or another process. */
  explained(handle: object): void {
    this.#explained.set(handle, true);
  }

  /** A handle that has no connection here is about to end: its destination is written down at last, and that it was not seen before. */
  ending(handle: Handle): Connection | undefined {
    const recorder = this.#recorder;
    const bytes = (handle.bytesWritten ?? 0) + (handle.bytesRead ?? 0);
    if (!recorder.live('tcp') || bytes === 0 || this.#explained.get(handle) === true) return undefined;
    const [peer, local]: [Address, Address] = [{}, {}];
    if (handle.getpeername?.(peer) !== 0 || handle.getsockname?.(local) !== 0) return undefined;
    if (peer.address === undefined || local.port === undefined || this.#ports.has(local.port)) return undefined;
    const id = (handle as TcpHandle).getAsyncId();
    if (this.#since === Infinity) this.#since = id;
    if (id <= this.#since) return undefined;
    const connection = recorder.connectionRecords.create('out', 'tcp');
    connection.origin = { basis: 'none' };
    connection.connected = connection.attempted = true;
    connection.host = connection.peerAddress = peer.address;
    connection.port = connection.peerPort = peer.port;
    connection.localAddress = local.address;
    connection.localPort = local.port;
    recorder.connections.set(handle, connection);
    recorder.connectionRecords.announce(connection);
    const text = 'a connection ended whose beginning passed nothing that the watcher stands on';
    recorder.record({ kind: 'hook', time: recorder.clock.wall(), event: 'close-without-connect', text });
    return connection;
  }
}
