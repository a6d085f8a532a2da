import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

/** How the other side of a site behaves. `tcp` accepts, says nothing and hangs up after a moment; the others speak as much of their protocol as brings a client to its call. */
export type PeerKind = 'http' | 'redirect' | 'retry' | 'tcp' | 'smtp' | 'redis';

/** Long enough for a client to have said its first words. */
const HANG_UP_MS = 150;

const SMTP_ANSWERS: readonly [RegExp, string][] = [
  [/^(EHLO|HELO)/i, '250 peer'],
  [/^DATA/i, '354 go on'],
  [/^QUIT/i, '221 bye'],
];

const makers: Record<PeerKind, () => net.Server> = {
  http: () => http.createServer((request, response) => request.resume().on('end', () => response.end('{"data":{}}'))),
  redirect: () =>
    http.createServer((request, response) => {
      request.resume();
      if (request.url === '/end') response.end('ok');
      else response.writeHead(302, { location: '/end' }).end();
    }),
  retry: () => {
    let seen = 0;
    return http.createServer((request, response) => {
      request.resume();
      response.writeHead(++seen === 1 ? 503 : 200).end('ok');
    });
  },
  tcp: () => net.createServer((socket) => void setTimeout(() => socket.destroy(), HANG_UP_MS)),
  smtp: () =>
    net.createServer((socket) => {
      let inMail = false;
      socket.write('220 peer ESMTP\r\n');
      socket.setEncoding('latin1').on('data', (chunk) => {
        for (const line of String(chunk).split('\r\n')) {
          if (line === '' || (inMail && line !== '.')) continue;
          inMail = /^DATA/i.test(line);
          const [, answer] = SMTP_ANSWERS.find(([command]) => command.test(line)) ?? [];
          socket.write(`${answer ?? '250 ok'}\r\n`);
        }
      });
    }),
  // A command begins with `*`, the number of its words.
  redis: () =>
    net.createServer((socket) =>
      socket.setEncoding('latin1').on('data', (chunk) => {
        for (const command of String(chunk)
          .split(/^\*\d+\r\n/m)
          .slice(1))
          socket.write(/\r\ninfo\r\n/i.test(command) ? '$9\r\nloading:0\r\n' : '+OK\r\n');
      }),
    ),
};

/** A server on a port of its own, by which the rows of its site are found. */
export class Peer {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  connections = 0;

  private constructor(kind: PeerKind) {
    this.#server = makers[kind]();
    this.#server.on('connection', (socket: net.Socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
  }

  static async listen(kind: PeerKind): Promise<Peer> {
    const peer = new Peer(kind);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}
