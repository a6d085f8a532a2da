import type { Socket } from '../node.ts';
import type { Recorder } from '../recorder.ts';
import { lockInternal } from '../locked.ts';

interface SecureSocket extends Socket {
  readonly alpnProtocol?: unknown;
  readonly servername?: unknown;
  readonly _tlsOptions?: { isServer?: boolean };
  getProtocol?(): unknown;
  getPeerCertificate?(): { fingerprint256?: string };
}

/**
 * TLS on top of a connection: its facts, and where the counting of bytes moves up a layer. `node:tls` costs 9 to 16 ms to load, so it is patched when a first handle is wrapped, which its own constructor does before anything else.
 */
export function watchTls(recorder: Recorder, binding: object | undefined): void {
  const { guards, patches } = recorder;
  let patched = false;
  const patch = (): void => {
    if (patched) return;
    patched = true;
    const { TLSSocket } = process.getBuiltinModule('node:tls');
    patches.replace(TLSSocket.prototype, '_init', (original) => guards.callThrough(init, original));
    patches.replace(TLSSocket.prototype, '_finishInit', (original) => guards.callThrough(finishInit, original));
  };

  const init = guards.point('tls.init', {
    inspect: (self, args) => {
      const below = args[0] as Socket | null | undefined;
      if (typeof below !== 'object' || below === null) return undefined;
      const connection = recorder.connections.get(below);
      if (connection === undefined) recorder.covered.set(below, self as Socket);
      if (connection === undefined || connection.closed) return undefined;
      recorder.connections.set(self, connection);
      connection.coverBy(self as Socket);
      return undefined;
    },
  });
  const finishInit = guards.point<SecureSocket>('tls.finishInit', {
    inspect: (self) => {
      const socket = self as SecureSocket;
      const connection = recorder.connections.get(socket);
      if (connection === undefined || connection.closed || !recorder.live('tls')) return undefined;
      const version = socket.getProtocol?.();
      if (typeof version === 'string') connection.tls = version;
      if (connection.direction === 'out') {
        // Not getPeerX509Certificate: it takes (20.20, 24.21) the certificate away from whoever asks next, be it
        // Node's own check of the name.
        const fingerprint = socket.getPeerCertificate?.()?.fingerprint256;
        if (fingerprint !== undefined) connection.certSha256 = fingerprint.replaceAll(':', '').toLowerCase();
      }
      return socket;
    },
    observe: (socket) => {
      const connection = recorder.connections.get(socket);
      if (connection === undefined) return;
      if (typeof socket.alpnProtocol === 'string') connection.alpn = socket.alpnProtocol;
      if (typeof socket.servername === 'string') connection.sni = socket.servername;
    },
  });

  if (binding === undefined) {
    patch();
    return;
  }
  const wrap = guards.point('tls.wrap', {
    inspect: () => {
      patch();
      return undefined;
    },
  });
  lockInternal(recorder, binding, 'wrap', 'tls_wrap.wrap', (original) => guards.callThrough(wrap, original));
}
