/** A mail server that takes every message and keeps none: just enough of RFC 5321 for one client. */
import { createServer } from 'node:net';

/** @type {Record<string, string>} */
const ANSWERS = {
  EHLO: '250 smtp.mailhost.test',
  HELO: '250 smtp.mailhost.test',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  RSET: '250 ok',
  NOOP: '250 ok',
  QUIT: '221 bye',
};
const END_OF_MESSAGE = '\r\n.\r\n';

export function createSmtpServer() {
  return createServer((socket) => {
    let input = '';
    let inMessage = false;
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.write('220 smtp.mailhost.test\r\n');
    socket.on('data', (chunk) => {
      input += chunk;
      for (;;) {
        const mark = inMessage ? END_OF_MESSAGE : '\r\n';
        const end = input.indexOf(mark);
        if (end === -1) return;
        const line = input.slice(0, end);
        input = input.slice(end + mark.length);
        const verb = line.slice(0, 4).toUpperCase();
        socket.write(`${inMessage ? '250 taken' : (ANSWERS[verb] ?? '502 unknown command')}\r\n`);
        if (!inMessage && verb === 'QUIT') socket.end();
        inMessage = !inMessage && verb === 'DATA';
      }
    });
  });
}
