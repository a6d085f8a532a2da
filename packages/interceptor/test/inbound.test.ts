import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, beforeEach, describe, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';
import { close, ended, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());

async function settled(): Promise<void> {
  await until(
    () =>
      collector.opens('in').every(({ call }) => collector.done({ call }) !== undefined) &&
      collector.conns('in').every(({ conn }) => collector.done({ conn }) !== undefined),
  );
}

/** Sends text and reads to the end. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.write(text);
  await ended(socket);
  return answer;
}

describe('inbound http', () => {
  it('is counted before the first handler runs, and names host, client and listener', async () => {
    let seenFirst = -1;
    collector.ports.attributor.capture = () => ({ basis: 'stack', package: 'listener', site: 'server.js:1:1' });
    const server = http.createServer((req, res) => {
      seenFirst = collector.opens('in').length;
      req.resume().on('end', () => res.setHeader('x-made', '1').writeHead(201).end('done'));
    });
    const port = await listen(server);
    await request(
      {
        host: '127.0.0.1',
        port,
        method: 'PUT',
        path: '/in?token=1',
        headers: { host: 'Shop.Example:8443', 'x-client': '1' },
      },
      'body',
    );
    await settled();
    await close(server);
    collector.ports.attributor.capture = () => ({ basis: 'stack' });
    assert.equal(seenFirst, 1);
    const [open] = collector.opens('in');
    assert.equal(open?.host, 'shop.example');
    assert.equal(open?.port, 8443);
    assert.equal(open?.method, 'PUT');
    assert.equal(open?.path, '/in');
    assert.equal(open?.package, 'listener');
    assert.equal(open?.peerAddress, '127.0.0.1');
    assert.equal(open?.localPort, port);
    assert.ok(open?.requestHeaders?.includes('x-client'));
    const done = collector.done({ call: open?.call ?? 0 });
    assert.equal(done?.status, 201);
    assert.ok(done?.responseHeaders?.includes('x-made'));
    assert.equal(done?.outcome, 'ok');
    const [conn] = collector.conns('in');
    assert.equal(conn?.by, 'http');
    assert.equal(open?.conn, conn?.conn);
    assert.equal(
      collector.intents.every((record) => !('direction' in record) || record.direction === 'out'),
      true,
    );
    assert.equal(rowsOf(collector, 'in').length, 1);
  });

  it('keep-alive and pipelined requests share a connection and add up to it', async () => {
    const server = http.createServer((req, res) => {
      req.resume();
      setTimeout(() => res.end(req.url), req.url === '/1' ? 20 : 1);
    });
    const port = await listen(server);
    const one = 'GET /1 HTTP/1.1\r\nhost: a\r\n\r\n';
    await exchange(
      port,
      `${one}GET /2 HTTP/1.1\r\nhost: a\r\n\r\nGET /3 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    await settled();
    await close(server);
    assert.deepEqual(
      collector.opens('in').map(({ path: asked }) => asked),
      ['/1', '/2', '/3'],
    );
    assert.equal(collector.conns('in').length, 1);
    assert.equal(rowsOf(collector, 'in').length, 3);
  });

  it('a connection that another server accepted and hands over is of who listens', async () => {
    collector.ports.attributor.capture = () => ({ basis: 'stack', package: 'listener', site: 'server.js:1:1' });
    const behind = http.createServer((_req, res) => res.end('done'));
    const front = net.createServer((socket) => behind.emit('connection', socket));
    const port = await listen(front);
    await request({ host: '127.0.0.1', port, path: '/handed' });
    await settled();
    await close(front);
    collector.ports.attributor.capture = () => ({ basis: 'stack' });
    assert.equal(rowsOf(collector, 'in').length, 1);
    const [open] = collector.opens('in');
    assert.deepEqual([open?.channel, open?.package, open?.basis], ['http', 'listener', 'stack']);
  });

  it('a client that goes away', async () => {
    const server = http.createServer(() => undefined);
    const port = await listen(server);
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /gone HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(server, 'request');
    socket.destroy();
    await settled();
    await close(server);
    assert.equal(collector.done({ call: collector.opens('in')[0]?.call ?? 0 })?.outcome, 'aborted');
  });

  it('bytes that are no request are the row of the connection', async () => {
    const server = http.createServer();
    const port = await listen(server);
    await exchange(port, 'hello?\r\n\r\n');
    await settled();
    await close(server);
    const rows = rowsOf(collector, 'in');
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.what, 'raw');
    assert.ok((rows[0]?.bytesIn ?? 0) > 0);
  });

  it('CONNECT is a call before its handler runs', async () => {
    const server = http.createServer();
    let seenFirst = -1;
    server.on('connect', (_req, socket) => {
      seenFirst = collector.opens('in').length;
      socket.end('HTTP/1.1 200 OK\r\n\r\ntunnel');
    });
    const port = await listen(server);
    await exchange(port, 'CONNECT far.example:443 HTTP/1.1\r\nhost: far.example:443\r\n\r\n');
    await settled();
    await close(server);
    assert.equal(seenFirst, 1);
    assert.equal(collector.opens('in')[0]?.method, 'CONNECT');
    const done = collector.done({ call: collector.opens('in')[0]?.call ?? 0 });
    assert.equal(done?.outcome, 'ok');
    assert.equal(done?.bytesOut, 'HTTP/1.1 200 OK\r\n\r\ntunnel'.length);
  });
});

describe('raw servers', () => {
  it('tcp: one row for each accepted connection, before its handler', async () => {
    let seenFirst = -1;
    const server = net.createServer((socket) => {
      seenFirst = collector.conns('in').length;
      socket.resume().end('hi');
    });
    const port = await listen(server);
    await exchange(port, 'to server');
    await settled();
    await close(server);
    assert.equal(seenFirst, 1);
    const [row, ...others] = rowsOf(collector, 'in');
    assert.equal(others.length, 0);
    assert.deepEqual([row?.channel, row?.bytesOut, row?.outcome], ['tcp', 2, 'ok']);
    assert.equal(collector.conns('in')[0]?.by, 'raw');
    assert.equal(collector.conns('in')[0]?.localPort, port);
  });

  it('an upgrade that a framework emits on a stream in memory is no call, and no fault', async () => {
    const server = http.createServer();
    let upgraded = 0;
    server.on('upgrade', () => upgraded++);
    const faults = watcher.faults;
    server.emit('upgrade', { method: 'GET', url: '/', headers: {}, httpVersion: '1.1' }, new PassThrough(), '');
    server.emit('upgrade', undefined, undefined);
    await listen(server);
    server.emit('upgrade', { method: 'GET', url: '/', headers: {}, httpVersion: '1.1' }, new PassThrough(), '');
    await close(server);
    assert.equal(upgraded, 3);
    assert.equal(watcher.faults, faults);
    assert.deepEqual(rowsOf(collector, 'in'), []);
  });

  it('unix', async () => {
    const where = path.join(os.tmpdir(), `outwitness-in-${process.pid}.sock`);
    const server = net.createServer((socket) => socket.pipe(socket));
    await listen(server, where);
    const socket = net.connect(where);
    socket.resume().end('12345');
    await ended(socket);
    await settled();
    await close(server);
    const [row] = rowsOf(collector, 'in');
    assert.deepEqual([row?.channel, row?.bytesIn, row?.bytesOut], ['unix', 5, 5]);
    assert.equal(collector.conns('in')[0]?.path, where);
    assert.deepEqual([rowsOf(collector)[0]?.channel, collector.conns()[0]?.path], ['unix', where]);
  });

  it('a server on a raw handle', async () => {
    const { TCP } = (process as unknown as { binding(name: string): { TCP: new (type: number) => RawHandle } }).binding(
      'tcp_wrap',
    );
    const handle = new TCP(1);
    const accepted = new Promise<RawHandle>((resolve) => {
      handle.onconnection = (_status: number, client: RawHandle) => resolve(client);
    });
    handle.bind('127.0.0.1', 0);
    handle.listen(8);
    const out: { port?: number } = {};
    handle.getsockname(out);
    const socket = net.connect(out.port ?? 0, '127.0.0.1');
    const client = await accepted;
    socket.destroy();
    client.close();
    handle.close();
    await ended(socket);
    await settled();
    assert.equal(collector.conns('in').length, 1);
    assert.equal(collector.conns('in')[0]?.localPort, out.port);
  });
});

interface RawHandle {
  onconnection: unknown;
  bind(address: string, port: number): number;
  listen(backlog: number): number;
  getsockname(out: object): number;
  close(): void;
}
