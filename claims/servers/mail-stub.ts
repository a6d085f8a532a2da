/** A relay on loopback that takes every letter and counts sessions. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface MailStub {
  port: number;
  sessions(): number;
  close(): void;
}

/** Answers as a relay would. */
export async function startMailStub(): Promise<MailStub> {
  let sessions = 0;
  const server = createServer((socket) => {
    sessions++;
    let data = false;
    let rest = '';
    socket.on('error', () => socket.destroy());
    socket.write('220 relay\r\n');
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data && line !== '.') continue;
        data = /^DATA/i.test(line);
        socket.write(data ? '354 go on\r\n' : '250 ok\r\n');
        if (/^QUIT/i.test(line)) socket.end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the mail stub has no port');
  return { port: address.port, sessions: () => sessions, close: () => server.close() };
}
