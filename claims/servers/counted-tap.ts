/** Lies between a client and its server, passes on every byte and counts it. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface Tap {
  readonly port: number;
  readonly connections: number;
  /** From the client to the server. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  close(): void;
}

/** Opens a port of its own on loopback for the server at `port`. */
export async function countedTap(port: number): Promise<Tap> {
  const count = { connections: 0, up: 0, down: 0 };
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    count.connections++;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => open.delete(socket));
    }
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.on('data', (data) => (count.up += data.length)).pipe(upstream);
    upstream.on('data', (data) => (count.down += data.length)).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return count.connections;
    },
    get bytesUp() {
      return count.up;
    },
    get bytesDown() {
      return count.down;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
