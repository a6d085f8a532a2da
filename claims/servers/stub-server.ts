/** A server on loopback that counts what it is asked: the other side's own word on what was sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface StubServer extends AsyncDisposable {
  readonly port: number;
  /** Paths with query as they came, in order. */
  readonly requests: readonly string[];
  /** Connections accepted so far. */
  connections(): number;
  /** Bytes received and sent on all connections, headers included. */
  bytes(): { received: number; sent: number };
  /** Calls `listener` for each request when its head has arrived. */
  onRequest(listener: (path: string) => void): void;
}

const ANSWER = 'ok\n';

/** Answers every request with 200 and three bytes. */
export async function startStubServer(): Promise<StubServer> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const listeners: ((path: string) => void)[] = [];
  const server = createServer({ keepAliveTimeout: 60_000 }, (request: IncomingMessage, response) => {
    const path = request.url ?? '';
    requests.push(path);
    for (const listener of listeners) listener(path);
    request.resume();
    response.setHeader('content-length', ANSWER.length);
    response.end(ANSWER);
  });
  server.on('connection', (socket) => sockets.push(socket));
  // A killed client leaves half a request behind; that is its business.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => sockets.length,
    bytes: () => ({
      received: sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
      sent: sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
    }),
    onRequest: (listener) => void listeners.push(listener),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
