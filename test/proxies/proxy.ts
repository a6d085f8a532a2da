import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** What clients sent to it and got from it, whatever it was. */
  readonly up: number;
  readonly down: number;
  close(): void;
}

/**
 * A proxy that goes to loopback whatever name it is given: it tunnels by CONNECT (RFC 9110, 9.3.6) and by SOCKS 5 (RFC 1928), and passes on requests in absolute form as they are.
 */
export async function openProxy(): Promise<Proxy> {
  const clients: net.Socket[] = [];
  const server = net.createServer((client) => {
    clients.push(client);
    client.on('error', () => undefined);
    client.once('data', (first) => {
      if (first[0] === 5) {
        client.write(Buffer.from([5, 0]));
        client.once('data', (asked) => {
          pass(client, asked.readUInt16BE(asked.length - 2), () => client.write(SOCKS_DONE));
        });
        return;
      }
      const [, method, port] = /^(\w+) (?:http:\/\/)?[^/: ]+:(\d+)/.exec(first.toString('latin1')) ?? [];
      if (method === 'CONNECT') pass(client, Number(port), () => client.write('HTTP/1.1 200 Tunnel\r\n\r\n'));
      else pass(client, Number(port), (upstream) => upstream.write(first));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get up() {
      return clients.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    },
    get down() {
      return clients.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    },
    close() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

const SOCKS_DONE = Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]);

function pass(client: net.Socket, port: number, begin: (upstream: net.Socket) => void): void {
  const upstream = net.connect(port, '127.0.0.1', () => {
    begin(upstream);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
}
