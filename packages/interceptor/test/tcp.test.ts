import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Collector, type Row, rowsOf, until } from './collect.ts';
import { close, ended, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
const server = net.createServer((socket) => socket.on('error', () => undefined).pipe(socket));
let port = 0;
before(async () => {
  port = await listen(server);
});
after(async () => {
  watcher.uninstall();
  await close(server);
});
beforeEach(() => collector.clear());

async function settled(): Promise<void> {
  await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
}

type Lookup = (
  name: string,
  options: object,
  done: (error: null, found: { address: string; family: number }[]) => void,
) => void;

describe('raw outbound connections', () => {
  it('one row with bytes, addresses and who made it', async () => {
    const socket = net.connect({ port, host: 'LOCALHOST', family: 4 });
    socket.resume().end('12345');
    await ended(socket);
    await settled();
    const [conn, ...others] = collector.conns();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [conn?.by, conn?.host, conn?.port, conn?.package, conn?.channel],
      ['raw', 'localhost', port, 'test', 'tcp'],
    );
    const done = collector.done({ conn: conn?.conn ?? 0 });
    assert.deepEqual(
      [done?.bytesOut, done?.bytesIn, done?.bytesBasis, done?.outcome, done?.peerAddress, done?.peerPort],
      [5, 5, 'transport', 'ok', '127.0.0.1', port],
    );
    assert.equal(done?.localAddress, '127.0.0.1');
    assert.ok((done?.localPort ?? 0) > 0 && (done?.durationUs ?? 0) > 0);
  });

  it('several addresses are one connection; those that failed are its attempts', async () => {
    const lookup: Lookup = (_name, _options, done) =>
      done(null, [
        { address: '127.0.0.2', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const socket = net.connect({ port, host: 'two.example', lookup: lookup, autoSelectFamily: true });
    socket.resume().on('connect', () => socket.end('x'));
    await ended(socket);
    await settled();
    assert.equal(collector.conns().length, 1);
    assert.equal(collector.conns()[0]?.host, 'two.example');
    const done = collector.done({ conn: collector.conns()[0]?.conn ?? 0 });
    assert.deepEqual(done?.attempts, [`127.0.0.2 ${port} ECONNREFUSED`]);
    assert.deepEqual([done?.outcome, done?.peerAddress, done?.bytesIn], ['ok', '127.0.0.1', 1]);
  });

  it('given up before anything was sent leaves no record, given up while connecting is aborted', async () => {
    const never = net.connect(port, '127.0.0.1');
    never.destroy();
    await ended(never);
    assert.deepEqual(collector.records, []);
    const given = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => {
      process.nextTick(() => process.nextTick(resolve));
    });
    given.destroy();
    await ended(given);
    await settled();
    assert.equal(collector.done({ conn: collector.conns()[0]?.conn ?? 0 })?.outcome, 'aborted');
  });

  it('a socket used again is two connections', async () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.resume().end('one');
    await ended(socket);
    socket.connect(port, '127.0.0.1');
    socket.resume().end('three');
    await ended(socket);
    await settled();
    assert.deepEqual(
      collector.conns().map(({ conn }) => collector.done({ conn })?.bytesOut),
      [3, 5],
    );
  });

  it('a call that Node refuses leaves no record and no scope behind', async () => {
    assert.throws(() => net.connect({ port: 70_000 }), { code: 'ERR_SOCKET_BAD_PORT' });
    const throwing = new http.Agent();
    throwing.createConnection = () => {
      throw new Error('no connection today');
    };
    assert.throws(() => http.get({ host: '127.0.0.1', port, agent: throwing }), { message: 'no connection today' });
    collector.clear();
    const socket = net.connect(port, '127.0.0.1');
    socket.resume().end('x');
    await ended(socket);
    await settled();
    assert.deepEqual(
      collector.conns().map(({ by }) => by),
      ['raw'],
    );
  });

  it('a reset ends the row', async () => {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    socket.resetAndDestroy();
    await ended(socket);
    await settled();
    assert.equal(rowsOf(collector)[0]?.outcome, 'ok');
  });

  it('a connected descriptor that is opened is a row', async () => {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    const entry = pathToFileURL(path.join(import.meta.dirname, `collect${path.extname(import.meta.url)}`)).href;
    const script = `
      import { Collector, rowsOf } from ${JSON.stringify(entry)};
      import net from 'node:net';
      const collector = new Collector();
      collector.install();
      const opened = new net.Socket({ fd: 3 });
      opened.write('through the descriptor', () => opened.destroy());
      opened.on('close', () => console.log(JSON.stringify([collector.conns()[0].port, rowsOf(collector)])));`;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit', socket],
    });
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    await ended(child);
    socket.destroy();
    const [to, rows] = JSON.parse(said) as [number, Row[]];
    assert.equal(to, port);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.bytesOut, 'through the descriptor'.length);
  });

  it('http on a server that speaks no http is the call’s error, one row', async () => {
    await assert.rejects(request({ host: '127.0.0.1', port }));
    await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, outcome }) => [what, channel, outcome]),
      [['call', 'http', 'error']],
    );
  });
});
