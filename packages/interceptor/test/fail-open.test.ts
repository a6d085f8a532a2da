import assert from 'node:assert/strict';
import { once } from 'node:events';
import childProcess from 'node:child_process';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import inspector from 'node:inspector';
import https from 'node:https';
import { createRequire, isBuiltin } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type sqlite from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import dgram from 'node:dgram';
import { Worker } from 'node:worker_threads';
import { selfSigned } from './certificate.ts';
import { Collector } from './collect.ts';
import { accepting } from './handshake.ts';
import { close, ended, listen, request } from './local.ts';

const identity = selfSigned();

/** What the other side of every connection saw, and what this side got: the traffic, byte for byte. */
async function traffic(servers: Servers): Promise<string> {
  servers.seen.length = 0;
  const got: string[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const answers = await Promise.all(
    [1, 2].map((i) =>
      request({ host: '127.0.0.1', port: servers.http, method: 'POST', path: `/${i}`, agent }, `body ${i}`),
    ),
  );
  got.push(...answers.map(({ body }) => body));
  agent.destroy();
  got.push(
    await request({ host: '127.0.0.1', port: 1, agent: false }).then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code ?? '',
    ),
  );
  got.push(
    await (
      await fetch(`http://127.0.0.1:${servers.http}/f`, {
        method: 'POST',
        body: 'fetched',
        headers: { connection: 'close' },
      })
    ).text(),
  );
  got.push(
    await fetch('http://127.0.0.1:2/').then(
      () => 'answered',
      () => 'refused',
    ),
  );
  if (servers.https !== 0) {
    got.push(
      (
        await request(
          { host: '127.0.0.1', port: servers.https, path: '/s', rejectUnauthorized: false },
          undefined,
          https,
        )
      ).body,
    );
  }
  got.push(await talk(net.connect(servers.raw, 'localhost')), await talk(net.connect(servers.unix)));
  got.push((await dns.promises.lookup('localhost', 4)).address);
  got.push(await new Promise((resolve) => dns.lookup('localhost', 4, (_error, address) => resolve(address))));
  const upgrade = http.get({ host: '127.0.0.1', port: servers.http, headers: { connection: 'upgrade', upgrade: 'x' } });
  got.push(
    await new Promise((resolve) => {
      upgrade.on('upgrade', (_res, socket) => void talk(socket).then(resolve));
    }),
  );
  got.push(
    (await dns.promises.lookupService('127.0.0.1', 22)).hostname,
    await refusedAt('::1'),
    await reset(servers.raw),
  );
  const listened = net.createServer((socket) => socket.resume().end('just listened'));
  got.push(await talk(net.connect(await listen(listened), '127.0.0.1')));
  await close(listened);
  await listen(listened, `${servers.unix}.2`);
  got.push(await talk(net.connect(`${servers.unix}.2`)));
  await close(listened);
  got.push(...(await streams(servers.http2)), await webSocket(servers.http));
  got.push(await datagrams('udp4', 'localhost', '127.0.0.1'), await datagrams('udp6', '::1', '::1'));
  got.push(...(await programs()), ...(await otherCode()));
  return JSON.stringify({ got, seen: servers.seen.map((text) => text.replace(/^(host|date): .*$/gim, '')).sort() });
}

/** What programs say and how they end. */
async function programs(): Promise<string[]> {
  const { status, stdout } = childProcess.spawnSync('/bin/sh', ['-c', 'printf said; exit 3'], { encoding: 'utf8' });
  const child = childProcess.execFile('/bin/sh', ['-c', 'printf later; exit 4']);
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number];
  const missing = childProcess.spawn('/nowhere/no-program');
  const [error] = (await once(missing, 'error')) as [NodeJS.ErrnoException];
  return [stdout, String(status), said, String(code), error.code ?? ''];
}

/** A thread, an addon that is none, an extension of SQLite that is none, and a session with the own inspector. */
async function otherCode(): Promise<string[]> {
  const worker = new Worker('require("worker_threads").parentPort.postMessage("from a thread"); process.exitCode = 5', {
    eval: true,
  });
  let said = '';
  worker.on('message', (text: string) => (said += text));
  const [code] = (await once(worker, 'exit')) as [number];
  let addon = 'loaded';
  try {
    process.dlopen({ exports: {} }, '/nowhere/no.node');
  } catch (error) {
    addon = (error as NodeJS.ErrnoException).code ?? '';
  }
  const extension = isBuiltin('node:sqlite') ? loadExtension('/nowhere/no.so') : 'no SQLite';
  const session = new inspector.Session();
  session.connect();
  const { result } = await new Promise<inspector.Runtime.EvaluateReturnType>((resolve) => {
    session.post('Runtime.evaluate', { expression: '6 * 7' }, (_error, answer) => resolve(answer));
  });
  session.disconnect();
  return [said, String(code), addon, extension, String(result.value)];
}

function loadExtension(file: string): string {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof sqlite;
  const database = new DatabaseSync(':memory:', { allowExtension: true });
  try {
    database.loadExtension(file);
    return 'loaded';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  } finally {
    database.close();
  }
}

async function talk(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.end('to the other side');
  await ended(socket);
  return text;
}

async function refusedAt(host: string): Promise<string> {
  const socket = net.connect(1, host);
  let code = '';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? '';
  });
  await ended(socket);
  return code;
}

/** One datagram to a name and one over a connected socket, each answered; what came, or why nothing could. */
async function datagrams(type: dgram.SocketType, name: string, address: string): Promise<string> {
  const there = dgram.createSocket(type);
  const failed = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    there.once('error', resolve).bind(0, address, () => resolve(undefined));
  });
  if (failed !== undefined) return failed.code ?? '';
  there.on('message', (data, from) => there.send(`answer to ${data.toString()}`, from.port, from.address));
  const { port } = there.address();
  const loose = dgram.createSocket({
    type,
    lookup: (host, _options, done) => dns.lookup(host, { family: type === 'udp4' ? 4 : 6 }, done),
  });
  const first = once(loose, 'message');
  loose.send('first', port, name);
  const connected = dgram.createSocket(type);
  const second = once(connected, 'message');
  connected.connect(port, address, () => connected.send('second'));
  const came = [await first, await second].map(([data]) => String(data));
  for (const socket of [loose, connected, there]) await closed(socket);
  return came.join();
}

/** Two streams at a time on one session, one that its server resets and one that it pushes; what came. */
async function streams(port: number): Promise<string[]> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const pushed = new Promise<string>((resolve) => {
    session.on('stream', (stream, headers) => {
      let text = `pushed ${headers[':path']} `;
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.once('close', () => resolve(text));
    });
  });
  const got = await Promise.all(
    ['/1', '/2', '/reset'].map(async (target) => {
      const stream = session.request({ ':method': 'POST', ':path': target });
      let text = '';
      stream.on('response', (headers) => {
        text += `${headers[':status']} ${headers['x-answer'] as string} `;
      });
      stream.on('error', (error: NodeJS.ErrnoException) => {
        text += error.code;
      });
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.end(`body of ${target}`);
      await new Promise<void>((resolve) => {
        stream.once('close', () => resolve());
      });
      return text;
    }),
  );
  got.push(await pushed);
  await new Promise<void>((resolve) => {
    session.close(resolve);
  });
  return got;
}

/** A WebSocket of the platform; how it was closed. */
async function webSocket(port: number): Promise<string> {
  if (typeof WebSocket === 'undefined') return 'none';
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
  socket.addEventListener('open', () => socket.send('frame'));
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(`closed ${code}`));
  });
}

function closed(socket: dgram.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}

async function reset(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  await new Promise((resolve) => {
    socket.once('connect', resolve);
  });
  socket.resetAndDestroy();
  await ended(socket);
  return socket.readyState;
}

interface Servers {
  seen: string[];
  http: number;
  http2: number;
  https: number;
  raw: number;
  unix: string;
}

describe('fail-open', () => {
  const seen: string[] = [];
  const handler: http.RequestListener = (req, res) => {
    let text = `${req.method} ${req.url} ${req.rawHeaders.join('|').replace(/127\.0\.0\.1:\d+/g, '')}`;
    req.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    req.on('end', () => {
      seen.push(text);
      res.end(`answer to ${req.url}`);
    });
  };
  const plain = http.createServer(handler);
  plain.on('upgrade', (req, socket) => {
    socket.on('error', () => undefined);
    if (req.headers.upgrade === 'websocket') {
      socket.write(accepting(req.headers['sec-websocket-key'] ?? ''));
      // The client's frame is masked, so it differs each time; it is answered by a close frame.
      socket.once('data', () => socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])));
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    socket.on('data', (chunk: Buffer) => seen.push(chunk.toString())).on('end', () => socket.end('upgraded'));
  });
  const multiplexed = http2.createServer((req, res) => {
    if (req.url === '/reset') {
      req.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    let text = `${req.method} ${req.url} `;
    req.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    req.on('end', () => {
      seen.push(text);
      if (req.url === '/2') {
        req.stream.pushStream({ ':path': '/more' }, (error, stream) => {
          if (error !== null) throw error;
          stream.respond({ ':status': 200 });
          stream.end('more');
        });
      }
      res.writeHead(200, { 'x-answer': 'a' }).end(`answer to ${req.url}`);
    });
  });
  const secure = identity === undefined ? undefined : https.createServer(identity, handler);
  const echo = (socket: net.Socket): void => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => seen.push(chunk.toString())).on('end', () => socket.end('echo'));
  };
  const raw = net.createServer({ allowHalfOpen: true }, echo);
  const local = net.createServer({ allowHalfOpen: true }, echo);
  const servers: Servers = {
    seen,
    http: 0,
    http2: 0,
    https: 0,
    raw: 0,
    unix: path.join(os.tmpdir(), `outwitness-fault-${process.pid}.sock`),
  };
  let expected = '';
  const collector = new Collector();
  before(async () => {
    servers.http = await listen(plain);
    servers.http2 = await listen(multiplexed);
    if (secure !== undefined) servers.https = await listen(secure);
    servers.raw = await listen(raw);
    await listen(local, servers.unix);
    expected = await traffic(servers);
  });
  after(async () => {
    await Promise.all(
      [plain, multiplexed, secure, raw, local].map((server) =>
        server === undefined ? Promise.resolve() : close(server),
      ),
    );
  });

  it('watched traffic is the same as unwatched', async () => {
    const watcher = collector.install();
    assert.equal(await traffic(servers), expected);
    assert.equal(watcher.faults, 0);
    watcher.uninstall();
  });

  it('a fault in any guard changes no byte and is counted', async () => {
    const never: string[] = [];
    for (const hook of ['inspect', 'observe', 'leave', 'handle'] as const) {
      const watcher = collector.install();
      const names = [...watcher.points.keys()];
      watcher.uninstall();
      for (const name of names) {
        if (
          name.startsWith('install.') ||
          name.startsWith('port.') ||
          name.startsWith('dns.query') ||
          name === 'dns.getHostByAddr'
        )
          continue;
        const injected = collector.install();
        const point = injected.points.get(name) as unknown as Record<string, unknown>;
        const hookBefore = point[hook];
        if (typeof hookBefore === 'function') {
          collector.clear();
          point[hook] = (...args: unknown[]) => {
            // A hook that fails at once, and for `leave` after its work: its scope must end.
            if (hook === 'leave') Reflect.apply(hookBefore, point, args);
            throw new Error('injected: must not be shown');
          };
          assert.equal(await traffic(servers), expected, `${name} ${hook}`);
          injected.check();
          // As when the process ends.
          if (name === 'recorder.end') injected.end();
          if (injected.faults === 0) never.push(`${name} ${hook}`);
          else
            assert.ok(
              collector.of('gap').some(({ event, text }) => event === 'fault' && text === `guard ${name} caught Error`),
              name,
            );
          assert.ok(!JSON.stringify(collector.records).includes('must not be shown'));
        }
        injected.uninstall();
      }
    }
    assert.deepEqual(
      never.filter((name) => !NEVER.includes(name)),
      [],
    );
  });

  it('ports that throw change no byte and cost no call', async () => {
    const broken = new Collector();
    broken.ports.attributor.capture = () => {
      throw new Error('attributor');
    };
    broken.ports.redaction.target = () => {
      throw new Error('redaction');
    };
    broken.ports.redaction.localPath = () => {
      throw new Error('local path');
    };
    const refuses = (): never => {
      throw new Error('children');
    };
    broken.ports.children = { environment: refuses, replaced: refuses, stays: refuses, thread: refuses };
    const watcher = broken.install();
    assert.equal(await traffic(servers), expected);
    assert.ok(watcher.faults > 0);
    assert.ok(broken.opens().length >= 6);
    assert.ok(
      broken.opens().every(({ path: kept, basis }) => [undefined, 'node:inspector'].includes(kept) && basis === 'none'),
    );
    broken.ports.sink.intent = broken.ports.sink.record = () => {
      throw new Error('sink');
    };
    assert.equal(await traffic(servers), expected);
    watcher.uninstall();
  });
});

/** Guards that this traffic does not reach on every version of Node. */
const NEVER = [
  'dns.GetAddrInfoReqWrap inspect',
  'dns.GetAddrInfoReqWrap observe',
  'dns.GetNameInfoReqWrap inspect',
  'dns.GetNameInfoReqWrap observe',
  'dns.getnameinfo inspect',
  'dns.getnameinfo observe',
  'http.created handle',
  'native.ffi inspect',
  'native.ffi leave',
  'native.ffiLoaded handle',
  'native.inspectorOpen inspect',
  'native.inspectorOpen leave',
  'process.execve inspect',
  'process.execve leave',
  'received.handle inspect',
  'recorder.sweep handle',
  'tcp.onconnection inspect',
  'tcp.open inspect',
  'tcp.open observe',
  'unix.onconnection inspect',
  // Node 20 publishes no channels of http2 and has no WebSocket of its own.
  ...(process.versions.node.startsWith('20.')
    ? ['http2.created handle', 'http2.finish handle', 'http2Server.created handle', 'websocket.open handle']
    : []),
];
