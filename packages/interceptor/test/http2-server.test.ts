import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { selfSigned } from './certificate.ts';
import { Collector, rowsOf, until } from './collect.ts';
import { request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
const identity = selfSigned();
after(() => watcher.uninstall());

type Server = http2.Http2Server | http2.Http2SecureServer;

async function listening(server: Server): Promise<number> {
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

/** Streams of one session to their ends, errors or not; then the session and the server. */
async function visit(
  server: Server,
  port: number,
  paths: readonly string[],
  body = '',
): Promise<(number | undefined)[]> {
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
  const got = await Promise.all(
    paths.map(async (path) => {
      const stream = session.request({ ':method': 'POST', ':path': path, 'x-sent': 'v' }).on('error', () => undefined);
      let status: number | undefined;
      stream.on('response', (headers) => {
        status = headers[':status'];
      });
      stream.resume().end(body);
      await new Promise<void>((resolve) => stream.once('close', () => resolve()));
      return status;
    }),
  );
  session.destroy();
  await new Promise((done) => server.close(done));
  return got;
}

describe('inbound http2', () => {
  beforeEach(() => collector.clear());

  async function settled(): Promise<void> {
    await until(() => collector.conns('in').every(({ conn }) => collector.done({ conn }) !== undefined));
  }

  it('a stream is a row with its target, names and bytes, by whoever listened', async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 201, 'x-answer': 'a' });
      stream.end('y'.repeat(2000));
    });
    const port = await listening(server);
    assert.deepEqual(await visit(server, port, ['/in/1?key=secret'], 'b'.repeat(700)), [201]);
    await settled();
    const [open] = collector.opens('in');
    assert.ok(open !== undefined);
    assert.deepEqual(
      [open.channel, open.method, open.scheme, open.host, open.port, open.path, open.protocol, open.package],
      ['http2', 'POST', 'http', '127.0.0.1', port, '/in/1', 'h2c', 'test'],
    );
    assert.deepEqual(open.requestHeaders, ['x-sent']);
    assert.equal(open.peerAddress, '127.0.0.1');
    const done = collector.done({ call: open.call });
    assert.deepEqual([done?.outcome, done?.status, done?.bytesBasis], ['ok', 201, 'stream']);
    assert.ok((done?.bytesIn ?? 0) > 700 && (done?.bytesIn ?? 0) < 900, `${done?.bytesIn}`);
    assert.ok((done?.bytesOut ?? 0) > 2000 && (done?.bytesOut ?? 0) < 2200, `${done?.bytesOut}`);
    assert.ok(done?.responseHeaders?.includes('x-answer'));
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel }) => [what, channel]),
      [['call', 'http2']],
    );
    assert.equal(collector.conns('in')[0]?.by, 'http2');
  });

  it('is counted before the first handler runs, be it for streams, requests or sessions', async () => {
    const seen: number[] = [];
    const count = (): void => void seen.push(collector.opens('in').length);
    const streams = http2.createServer().on('stream', (stream) => {
      count();
      stream.respond();
      stream.end();
    });
    assert.deepEqual(await visit(streams, await listening(streams), ['/']), [200]);
    const requests = http2.createServer((_req, res) => {
      count();
      res.end();
    });
    assert.deepEqual(await visit(requests, await listening(requests), ['/']), [200]);
    const sessions = http2.createServer((_req, res) => res.end());
    sessions.on('session', (session) => session.on('stream', count));
    assert.deepEqual(await visit(sessions, await listening(sessions), ['/']), [200]);
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it('a handler that throws, one that never answers, a reset by it and one by the client have their rows', async () => {
    const server = http2.createServer();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      const path = headers[':path'];
      if (path === '/throws') throw new Error('of the handler');
      if (path === '/reset') stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    });
    const port = await listening(server);
    const caught = new Promise<Error>((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
    const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
    for (const path of ['/throws', '/hangs', '/reset', '/given-up']) {
      const stream = session.request({ ':path': path }).on('error', () => undefined);
      if (path === '/given-up') setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 50);
      if (path === '/reset' || path === '/given-up')
        await new Promise<void>((resolve) => stream.resume().once('close', () => resolve()));
    }
    assert.equal((await caught).message, 'of the handler');
    process.setUncaughtExceptionCaptureCallback(null);
    await until(() => collector.opens('in').length === 4);
    session.destroy();
    await new Promise((done) => server.close(done));
    await settled();
    assert.deepEqual(
      collector.opens('in').map(({ call, path }) => [path, collector.done({ call })?.outcome]),
      [
        ['/throws', 'aborted'],
        ['/hangs', 'aborted'],
        ['/reset', 'error'],
        ['/given-up', 'aborted'],
      ],
    );
    assert.equal(watcher.faults, 0);
  });

  it(
    'a server with allowHTTP1 has rows of http and http2',
    { skip: identity === undefined && 'no openssl' },
    async () => {
      const server = http2.createSecureServer({ ...identity, allowHTTP1: true }, (_req, res) => {
        res.end('both');
      });
      const port = await listening(server);
      const old = await request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }, undefined, https);
      assert.equal(old.body, 'both');
      const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
      const stream = session.request({ ':path': '/new' });
      await once(stream.resume(), 'close');
      session.destroy();
      await new Promise((done) => server.close(done));
      await settled();
      assert.deepEqual(
        rowsOf(collector, 'in').map(({ what, channel, outcome }) => [what, channel, outcome]),
        [
          ['call', 'http', 'ok'],
          ['call', 'http2', 'ok'],
        ],
      );
      assert.deepEqual(
        collector.opens('in').map(({ package: name, protocol, scheme }) => [name, protocol, scheme]),
        [
          ['test', 'http/1.1', 'https'],
          ['test', 'h2', 'https'],
        ],
      );
    },
  );

  it('a connection that speaks no http2 is a row of its own', async () => {
    const server = http2.createServer(() => undefined);
    const port = await listening(server);
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    socket.end('GET / HTTP/1.1\r\n\r\n').resume();
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await new Promise((done) => server.close(done));
    await settled();
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel }) => [what, channel]),
      [['raw', 'tcp']],
    );
  });
});
