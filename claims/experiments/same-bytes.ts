/** The same requests over pools of urllib3 with the Python agent and without: what the server read and what the program got. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Checks } from '../output/checks.ts';
import { audit, journal } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const PROGRAM = join(import.meta.dirname, '../fixtures/odoo/same-bytes/main.py');

/** Compares request by request, each by the number in its path. */
export async function sameBytes(requests: number, checks: Checks): Promise<void> {
  using folder = temporaryFolder('same-bytes');
  const server = await RecordingServer.start();
  const env = { PYTHONPATH: PYTHON_AGENT, PYTHONDONTWRITEBYTECODE: '1' };
  const args = [PROGRAM, `${server.port}`, `${requests}`];
  const without = await promisify(execFile)(pythonOrThrow(), [...args, 'without'], {
    env: { PATH: process.env['PATH'], ...env },
    maxBuffer: 2 ** 28,
  });
  const plain = server.take();
  const data = join(folder.path, 'data');
  const { stdout } = await audit(data, [pythonOrThrow(), ...args, 'with'], { cwd: folder.path, env });
  const audited = server.take();
  server.close();
  const rows = (await journal(data, { kind: 'net', app: 'same-bytes' })).filter(
    ({ channel, phase }) => (channel === 'urllib' || channel === 'requests') && phase !== 'end',
  );
  const different = [...plain.seen].filter(([number, bytes]) => audited.seen.get(number) !== bytes);
  checks.equal('requests that the server read', audited.seen.size, requests);
  checks.equal('the same without the agent', plain.seen.size, requests);
  checks.equal('requests whose bytes differ', different.map(([number]) => number).join(' ') || 'none', 'none');
  checks.record('bytes compared', audited.bytes, `${plain.bytes}`, audited.bytes === plain.bytes && plain.bytes > 0);
  const alike = linesOf(stdout) === linesOf(without.stdout);
  checks.equal('answers as without it', alike ? 'yes' : 'NO', 'yes');
  checks.equal('rows', rows.length, requests);
}

/** What the program itself printed. */
function linesOf(stdout: string): string {
  return stdout.split('\n').find((line) => line.startsWith('{')) ?? '(nothing)';
}

/** Reads HTTP/1.1 by its own small parser, so that every byte is seen as it came; answers with what it read. */
class RecordingServer {
  readonly port: number;
  readonly #close: () => void;
  #seen = new Map<number, string>();
  #bytes = 0;

  static async start(): Promise<RecordingServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const recording = new RecordingServer(port, () => server.close());
    server.on('connection', (socket) => recording.#serve(socket));
    return recording;
  }

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  close(): void {
    this.#close();
  }

  /** Number of a request → digest of all its bytes, and how many bytes there were; begins anew. */
  take(): { seen: ReadonlyMap<number, string>; bytes: number } {
    const taken = { seen: this.#seen, bytes: this.#bytes };
    this.#seen = new Map();
    this.#bytes = 0;
    return taken;
  }

  #serve(socket: Socket): void {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let end = endOfRequest(rest); end > 0; end = endOfRequest(rest)) {
        const request = rest.subarray(0, end);
        rest = rest.subarray(end);
        const number = Number(/^\w+ \/(\d+)\//.exec(request.toString('latin1', 0, 40))?.[1] ?? -1);
        const digest = createHash('sha256').update(request).digest('hex');
        this.#seen.set(number, `${this.#seen.get(number) ?? ''}${digest}`);
        this.#bytes += request.length;
        const head = request.subarray(0, 4).toString('latin1') === 'HEAD';
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 64\r\nX-Number: ${number}\r\n\r\n${head ? '' : digest}`);
      }
    });
  }
}

/** Where the first request ends, 0 if it is not all there yet. */
function endOfRequest(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const body = headEnd + 4;
  if (!head.includes('\r\ntransfer-encoding: chunked')) {
    const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0);
    return bytes.length >= body + length ? body + length : 0;
  }
  let at = body;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return 0;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    at = line + 2 + size + 2;
    if (at > bytes.length) return 0;
    if (size === 0) return at;
  }
}
