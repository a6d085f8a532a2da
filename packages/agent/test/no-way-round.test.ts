import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { withEntry } from '../src/entry.ts';
import { ENTRY, records, run } from './child.ts';
import { layout, temporary } from './layout.ts';

/** Closed ports, one for each way: the attempt is what must be on record. */
const CONNECT = (port: number): string => `connect(${port}, '127.0.0.1').on('error', () => undefined);`;

/** Each makes a connection to the port of its number, or starts who does. */
const WAYS: { readonly [way: string]: (port: number) => string } = {
  'an ESM named import': (port) => `import { connect } from 'node:net'; ${CONNECT(port)}`,
  'process.getBuiltinModule': (port) => `process.getBuiltinModule('node:net').${CONNECT(port)}`,
  'a vm context': (port) =>
    `import vm from 'node:vm'; import net from 'node:net'; vm.runInNewContext(${JSON.stringify(`net.${CONNECT(port)}`)}, { net });`,
  eval: (port) =>
    `import net from 'node:net'; globalThis.net = net; (0, eval)(${JSON.stringify(`net.${CONNECT(port)}`)});`,
  'new Function': (port) =>
    `import net from 'node:net'; new Function('net', ${JSON.stringify(`net.${CONNECT(port)}`)})(net);`,
  'a raw binding': (port) => `
    process.noDeprecation = true;
    const { TCP, TCPConnectWrap } = process.binding('tcp_wrap');
    const [handle, request] = [new TCP(0), new TCPConnectWrap()];
    request.oncomplete = () => handle.close();
    handle.connect(request, '127.0.0.1', ${port});`,
  'a thread without flags and variables': (port) => `
    import { Worker } from 'node:worker_threads';
    new Worker(${JSON.stringify(`require('net').${CONNECT(port)}`)}, { eval: true, execArgv: [], env: {} });`,
  'a Node child without variables': (port) => `
    import { execFileSync } from 'node:child_process';
    execFileSync(process.execPath, ['-e', ${JSON.stringify(`require('net').${CONNECT(port)}`)}], { env: {} });`,
  'a shell without variables that starts Node': (port) => `
    import { execSync } from 'node:child_process';
    import fs from 'node:fs';
    fs.writeFileSync('child.cjs', ${JSON.stringify(`require('net').${CONNECT(port)}`)});
    execSync('"' + process.execPath + '" child.cjs', { env: {} });`,
  'a cluster worker': (port) => `
    import cluster from 'node:cluster';
    import { connect } from 'node:net';
    if (cluster.isPrimary) cluster.fork();
    else connect(${port}, '127.0.0.1').on('error', () => process.exit());`,
};

for (const [index, [way, script]] of Object.entries(WAYS).entries()) {
  test(`no way round: ${way}`, async (t) => {
    const cwd = temporary(t);
    const port = index + 1;
    layout(cwd, { 'package.json': { name: 'shop', version: '1.0.0' }, 'main.mjs': script(port) });
    const data = path.join(cwd, 'data');
    const ended = await run(['--no-warnings', 'main.mjs'], {
      cwd,
      env: { OUTWITNESS_DATA: data, NODE_OPTIONS: withEntry(undefined, ENTRY) },
    });
    assert.equal(ended.code, 0, ended.err);
    const attempts = records(data)
      .flat()
      .flatMap((record) => (record.kind === 'conn' ? [`${record.direction} ${record.host} ${record.port}`] : []));
    assert.ok(attempts.includes(`out 127.0.0.1 ${port}`), `${way}: ${attempts.join(', ') || 'nothing'}`);
  });
}

test('no way round: a socket made from the descriptor of a connection that another process opened', async (t) => {
  const cwd = temporary(t);
  const server = net.createServer((peer) => void peer.resume().on('end', () => peer.end()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const made = net.connect(port, '127.0.0.1');
  await once(made, 'connect');
  const { fd } = (made as unknown as { _handle: { fd: number } })._handle;
  const data = path.join(cwd, 'data');
  const child = spawn(
    process.execPath,
    ['--require', ENTRY, '-e', "new (require('net').Socket)({ fd: 3 }).resume().end('x'.repeat(100))"],
    { cwd, stdio: ['ignore', 'ignore', 'inherit', fd], env: { OUTWITNESS_DATA: data, OUTWITNESS_COLLECTOR: 'off' } },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  made.destroy();
  server.close();
  assert.equal(code, 0);
  const written = records(data).flat();
  const opened = written.flatMap((record) => (record.kind === 'conn' ? [`${record.direction} ${record.port}`] : []));
  assert.deepEqual(opened, [`out ${port}`]);
  const ends = written.flatMap((record) => (record.kind === 'done' ? [record.bytesOut] : []));
  assert.deepEqual(ends, [100]);
});

/** Sends a socket to a process that it forks, or gets one from it; the connection goes to `PORT`. */
const HANDED: { readonly [way: string]: string } = {
  'from the parent': `
    const { fork } = require('child_process'), net = require('net');
    if (process.send) process.on('message', (_, socket) => { socket.on('close', () => process.disconnect()).resume().end('y'.repeat(50)); });
    else { const child = fork(__filename); const socket = net.connect(process.env.PORT, '127.0.0.1', () => {
      socket.write('x'.repeat(100), () => child.send('take it', socket)); }); }`,
  'from a child': `
    const { fork } = require('child_process'), net = require('net');
    if (process.send) { const socket = net.connect(process.env.PORT, '127.0.0.1', () => {
      socket.write('x'.repeat(100), () => process.send('take it', socket, () => process.disconnect())); }); }
    else fork(__filename).on('message', (_, socket) => socket.resume().end('y'.repeat(50)));`,
  'as a bare handle': `
    const { fork } = require('child_process'), net = require('net');
    if (process.send) process.on('message', (_, handle) => {
      const socket = new net.Socket({ handle });
      socket.on('close', () => process.disconnect()).resume().end('y'.repeat(50)); });
    else { const child = fork(__filename); const socket = net.connect(process.env.PORT, '127.0.0.1', () => {
      socket.write('x'.repeat(100), () => child.send('take it', socket._handle, () => socket.destroy())); }); }`,
};

for (const [way, script] of Object.entries(HANDED)) {
  test(`no way round: a connected socket received by IPC ${way}`, async (t) => {
    const cwd = temporary(t);
    let received = 0;
    const server = net.createServer((peer) => {
      peer.on('data', (data) => (received += data.length)).on('end', () => peer.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    layout(cwd, { 'package.json': { name: 'shop', version: '1.0.0' }, 'main.cjs': script });
    const data = path.join(cwd, 'data');
    const ended = await run(['--require', ENTRY, 'main.cjs'], {
      cwd,
      env: { OUTWITNESS_DATA: data, NODE_OPTIONS: withEntry(undefined, ENTRY), PORT: `${port}` },
    });
    server.close();
    assert.equal(ended.code, 0, ended.err);
    const rows = records(data).flatMap((written) =>
      written.flatMap((record) => {
        if (record.kind !== 'conn' || record.port !== port) return [];
        const done = written.find((other) => other.kind === 'done' && other.conn === record.conn);
        return [
          `${record.direction} ${record.host} ${done?.kind === 'done' ? `${done.outcome} ${done.bytesOut}` : '?'} ${record.package}`,
        ];
      }),
    );
    assert.equal(received, 150);
    assert.deepEqual(rows.toSorted(), ['out 127.0.0.1 ok 100 shop', 'out 127.0.0.1 ok 50 shop']);
    assert.deepEqual(unseen(data), []);
  });
}

/** What tells of connections whose beginning nobody saw. */
function unseen(data: string): string[] {
  return records(data).flatMap((written) =>
    written.flatMap((record) =>
      record.kind === 'hook' && record.event === 'close-without-connect' ? [record.event] : [],
    ),
  );
}

/** Ways to a connection that pass nothing the watcher stands on: `PORT` is where it goes, `ENTRY` the agent. */
const UNSEEN: { readonly [way: string]: string } = {
  'by the original of a locked method, taken before the agent': `
    const { TCP, TCPConnectWrap } = process.binding('tcp_wrap');
    const { connect } = TCP.prototype;
    require(process.env.ENTRY);
    const handle = new TCP(0), request = new TCPConnectWrap();
    request.oncomplete = () => new (require('net').Socket)({ handle }).resume().end('y'.repeat(50));
    connect.call(handle, request, '127.0.0.1', Number(process.env.PORT));`,
  'by a handle that is taken out of the IPC pipe itself': `
    if (!process.send) require(process.env.ENTRY);
    const { fork } = require('child_process'), net = require('net');
    if (process.send) {
      const pipe = process[Object.getOwnPropertySymbols(process).find(({ description }) => description === 'kChannelHandle')];
      pipe.onread = () => {
        const handle = pipe.pendingHandle;
        if (handle) new net.Socket({ handle }).on('close', () => process.exit()).resume().end('y'.repeat(50));
      };
      process.on('message', () => undefined);
    } else { const child = fork(__filename); const socket = net.connect(process.env.PORT, '127.0.0.1', () => {
      child.send('take it', socket); }); }`,
};

for (const [way, script] of Object.entries(UNSEEN)) {
  test(`no way round: a connection ${way} has its row and an alarm when it ends`, async (t) => {
    const cwd = temporary(t);
    let received = 0;
    const server = net.createServer((peer) => {
      peer.on('data', (data) => (received += data.length)).on('end', () => peer.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    layout(cwd, { 'main.cjs': script });
    const data = path.join(cwd, 'data');
    const ended = await run(['--no-warnings', 'main.cjs'], {
      cwd,
      env: { OUTWITNESS_DATA: data, ENTRY, PORT: `${port}` },
    });
    server.close();
    assert.equal(ended.code, 0, ended.err);
    assert.equal(received, 50);
    const sent = records(data).flatMap((written) =>
      written.flatMap((record) => (record.kind === 'done' && record.bytesOut === 50 ? [record.peerPort] : [])),
    );
    assert.deepEqual(sent, [port]);
    assert.deepEqual(unseen(data), ['close-without-connect']);
  });
}

test('a connection that a cluster hands to a worker is one inbound row of the worker’s server', async (t) => {
  const cwd = temporary(t);
  layout(cwd, {
    'package.json': { name: 'shop', version: '1.0.0' },
    'main.cjs': `
      const cluster = require('cluster'), http = require('http');
      if (cluster.isPrimary) {
        cluster.fork();
        cluster.on('listening', (worker, { port }) => http.get({ port, host: '127.0.0.1', path: '/orders', agent: false },
          (res) => res.resume().on('end', () => worker.disconnect())));
      } else http.createServer((req, res) => res.end('answer')).listen(0, '127.0.0.1');`,
  });
  const data = path.join(cwd, 'data');
  const ended = await run(['--require', ENTRY, 'main.cjs'], {
    cwd,
    env: { OUTWITNESS_DATA: data, NODE_OPTIONS: withEntry(undefined, ENTRY) },
  });
  assert.equal(ended.code, 0, ended.err);
  const inbound = records(data).map((written) =>
    written.flatMap((one) =>
      one.kind === 'open' && one.direction === 'in' ? [`${one.channel} ${one.path} ${one.package}`] : [],
    ),
  );
  assert.deepEqual(
    inbound.filter((rows) => rows.length > 0),
    [['http /orders shop']],
  );
});

test('a connection that the parent accepted and a server of the child answers is one inbound row there', async (t) => {
  const cwd = temporary(t);
  layout(cwd, {
    'main.cjs': `
      const { fork } = require('child_process'), http = require('http'), net = require('net');
      if (process.send) {
        const server = http.createServer((req, res) => res.end('answer'));
        process.on('message', (_, socket) => { server.emit('connection', socket); socket.resume(); });
      } else {
        const child = fork(__filename);
        const accepting = net.createServer({ pauseOnConnect: true }, (socket) => child.send('take it', socket)).listen(0, '127.0.0.1', () => {
          http.get({ port: accepting.address().port, host: '127.0.0.1', path: '/orders', agent: false }, (res) => res.resume().on('end', () => {
            setTimeout(() => { child.disconnect(); accepting.close(); }, 100); }));
        });
      }`,
  });
  const data = path.join(cwd, 'data');
  const ended = await run(['--require', ENTRY, 'main.cjs'], {
    cwd,
    env: { OUTWITNESS_DATA: data, NODE_OPTIONS: withEntry(undefined, ENTRY) },
  });
  assert.equal(ended.code, 0, ended.err);
  const child = records(data).find((written) => written.some((one) => one.kind === 'open' && one.direction === 'in'));
  const seen = child?.flatMap((one) => (one.kind === 'open' || one.kind === 'conn' ? [one] : [])) ?? [];
  assert.deepEqual(
    seen.map((one) => `${one.kind} ${one.direction} ${one.channel} ${one.path ?? ''} ${one.conn}`),
    ['conn in tcp  1', 'open in http /orders 1'],
  );
  const ends = child?.flatMap((one) => (one.kind === 'done' ? [`${one.call ?? one.conn} ${one.outcome}`] : []));
  assert.equal(ends?.[0], '1 ok');
});
