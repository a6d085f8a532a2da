/** A name server on loopback that knows one address for every name (RFC 1035, section 4). */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface DnsStub extends AsyncDisposable {
  readonly port: number;
  /** Names asked for, in order. */
  readonly names: readonly string[];
}

const ADDRESS = [127, 0, 0, 9];
const HEADER_BYTES = 12;
/** Answer, recursion desired and available, no error. */
const FLAGS = 0x8180;

export async function startDnsStub(): Promise<DnsStub> {
  const names: string[] = [];
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = nameIn(query);
    names.push(name);
    socket.send(answerTo(query, end), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    names,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function answerTo(query: Buffer, endOfName: number): Buffer {
  const question = query.subarray(HEADER_BYTES, endOfName + 4);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(FLAGS, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(1, 6);
  // Pointer to the name in the question, type A, class IN, 60 s, four bytes.
  const answer = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...ADDRESS]);
  return Buffer.concat([header, question, answer]);
}
