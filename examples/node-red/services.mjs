/** What the flow's three nodes call: a web service, a line-by-line service and a mail server, all on loopback. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

import { createSmtpServer } from '../shop/world/smtp-server.js';

/** As in flow.json. In a namespace of its own every port is free. */
export const PORTS = { web: 8081, lines: 8082, mail: 8083 };

/** Listens; ends with the process. */
export async function startServices() {
  const web = createHttpServer((_request, response) => response.end('sunny'));
  const lines = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write('heard\n'));
  });
  await listen(web, PORTS.web);
  await listen(lines, PORTS.lines);
  await listen(createSmtpServer(), PORTS.mail);
}

/**
 * @param {import('node:net').Server} server
 * @param {number} port
 */
async function listen(server, port) {
  server.listen(port, '127.0.0.1').unref();
  await once(server, 'listening');
}
