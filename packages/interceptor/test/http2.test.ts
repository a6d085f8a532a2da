import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { selfSigned } from './certificate.ts';
import { Collector, callsOf, rowsOf, until } from './collect.ts';

const collector = new Collector();
const watcher = collector.install();
const identity = selfSigned();

const answering = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void => {
  stream.on('error', () => undefined);
  const [, what = '', size = '0'] = (headers[':path'] ?? '').split('?')[0]?.split('/') ?? [];
  if (what === 'hang') return;
  if (what === 'reset') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  if (what === 'cut') return stream.session?.destroy();
  stream.resume().on('end', () => {
    if (stream.destroyed) return;
    stream.respond({ ':status': what === 'teapot' ? 418 : 200, 'x-answer': 'a', 'set-cookie': ['a=1', 'b=2'] });
    stream.end('y'.repeat(Number(size)));
  });
};

interface Got {
  status: number;
  bytes: number;
}

function get(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let [status, bytes] = [0, 0];
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0;
    });
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('error', reject);
    stream.on('close', () => resolve({ status, bytes }));
    stream.end(body);
  });
}

async function begun(stream: http2.ClientHttp2Stream): Promise<void> {
  if (stream.pending) await once(stream, 'ready');
}

async function closed(session: http2.Http2Session): Promise<void> {
  const end = session.destroyed ? undefined : once(session, 'close');
  session.close();
  await end;
}

describe('http2', () => {
  const plain = http2.createServer();
  const secure = identity === undefined ? undefined : http2.createSecureServer(identity);
  let origin = '';
  let port = 0;
  let securePort = 0;
  before(async () => {
    for (const server of [plain, secure]) server?.on('stream', answering).on('sessionError', () => undefined);
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', () => resolve()));
    port = (plain.address() as AddressInfo).port;
    origin = `http://127.0.0.1:${port}`;
    if (secure !== undefined) {
      await new Promise<void>((resolve) => secure.listen(0, 'localhost', () => resolve()));
      securePort = (secure.address() as AddressInfo).port;
    }
  });
  after(async () => {
    watcher.uninstall();
    for (const server of [plain, secure]) if (server !== undefined) await new Promise((done) => server.close(done));
  });
  beforeEach(async () => {
    await settled();
    collector.clear();
  });

  async function settled(): Promise<void> {
    const conns = [...collector.conns(), ...collector.conns('in')];
    await until(() => conns.every(({ conn }) => collector.done({ conn }) !== undefined));
  }

  it('a request over plain text is one row with target, status, names, bytes and times', async () => {
    const session = http2.connect(origin);
    const got = await get(
      session,
      { ':method': 'POST', ':path': '/data/1000?key=secret', 'x-own': 'v', 'content-type': 'text/plain' },
      'z'.repeat(500),
    );
    assert.deepEqual(got, { status: 200, bytes: 1000 });
    await closed(session);
    await settled();
    const [open, ...more] = collector.opens();
    assert.deepEqual(more, []);
    assert.ok(open !== undefined);
    assert.equal(open.channel, 'http2');
    assert.equal(open.scheme, 'http');
    assert.equal(open.method, 'POST');
    assert.equal(open.host, '127.0.0.1');
    assert.equal(open.port, port);
    assert.equal(open.path, '/data/1000');
    assert.equal(open.package, 'test');
    assert.deepEqual(open.requestHeaders, ['x-own', 'content-type']);
    assert.ok(collector.intents.includes(open));
    const done = collector.done({ call: open.call });
    assert.equal(done?.outcome, 'ok');
    assert.equal(done.status, 200);
    assert.equal(done.protocol, 'h2c');
    assert.equal(done.bytesBasis, 'stream');
    assert.ok((done.bytesOut ?? 0) > 500 && (done.bytesOut ?? 0) < 700, `${done.bytesOut}`);
    assert.ok((done.bytesIn ?? 0) > 1000 && (done.bytesIn ?? 0) < 1200, `${done.bytesIn}`);
    assert.deepEqual(done.responseHeaders?.slice(0, 2), ['x-answer', 'set-cookie']);
    assert.ok(!done.responseHeaders.some((name) => name.startsWith(':')));
    assert.ok((done.ttfbUs ?? 0) > 0 && (done.durationUs ?? 0) >= (done.ttfbUs ?? 0));
    assert.equal(rowsOf(collector).length, 1);
    const [conn] = collector.conns();
    assert.deepEqual(callsOf(collector, conn?.conn ?? 0), [open.call]);
  });

  it(
    'over TLS the row says h2, with what is known of the connection',
    { skip: identity === undefined && 'no openssl' },
    async () => {
      const session = http2.connect(`https://localhost:${securePort}`, { ca: identity?.cert });
      assert.deepEqual(await get(session, { ':path': '/a/10' }), { status: 200, bytes: 10 });
      await closed(session);
      await settled();
      const rows = rowsOf(collector);
      assert.deepEqual(
        rows.map(({ what, channel, host, outcome }) => [what, channel, host, outcome]),
        [['call', 'http2', 'localhost', 'ok']],
      );
      const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
      assert.equal(done?.protocol, 'h2');
      assert.equal(done.alpn, 'h2');
      assert.equal(done.tls, 'TLSv1.3');
      assert.equal(done.certSha256?.length, 64);
      assert.equal(done.proxy, undefined);
      assert.equal(collector.conns()[0]?.channel, 'tls');
    },
  );

  it('the connection is made by http2 and claimed by every stream on it', async () => {
    const session = http2.connect(`http://localhost:${port}`);
    await once(session, 'connect');
    await get(session, { ':path': '/a/1' });
    await get(session, { ':path': '/a/2' });
    await closed(session);
    await settled();
    assert.deepEqual(
      collector.conns().map(({ by }) => by),
      ['http2'],
    );
    assert.equal(collector.claims().length, 2);
    assert.deepEqual(
      rowsOf(collector).map(({ channel }) => channel),
      ['http2', 'http2'],
    );
  });

  it('a session without a request is a row of its connection', async () => {
    const session = http2.connect(origin);
    await once(session, 'connect');
    await closed(session);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, port: to }) => [what, channel, to]),
      [['raw', 'tcp', port]],
    );
  });

  it('100 streams at a time on one session have each their own bytes', async () => {
    const session = http2.connect(origin);
    const got = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        get(session, { ':method': 'POST', ':path': `/n/${i * 300}` }, 'b'.repeat(i * 200)),
      ),
    );
    await closed(session);
    await settled();
    assert.deepEqual(
      got.map(({ bytes }) => bytes),
      Array.from({ length: 100 }, (_, i) => i * 300),
    );
    assert.equal(collector.conns().length, 1);
    assert.equal(rowsOf(collector).length, 100);
    for (const { call, path } of collector.opens()) {
      const i = Number(path?.split('/')[2]) / 300;
      const done = collector.done({ call });
      const [out, in_] = [(done?.bytesOut ?? 0) - i * 200, (done?.bytesIn ?? 0) - i * 300];
      assert.equal(done?.outcome, 'ok');
      assert.ok(out > 0 && out < 200 && in_ > 0 && in_ < 200, `stream ${i}: ${out} and ${in_} beside its payload`);
    }
    const [conn] = collector.conns();
    const whole = collector.done({ conn: conn?.conn ?? 0 });
    assert.equal(whole?.bytesBasis, 'stream');
    const rows = rowsOf(collector);
    assert.equal(
      whole.bytesOut,
      rows.reduce((sum, { bytesOut = 0 }) => sum + bytesOut, 0),
    );
  });

  it('data that a session carries beside its streams is a row of the connection', async () => {
    const session = http2.connect(origin);
    await get(session, { ':path': '/a/1' });
    const ping = promisify((payload: Buffer, done: (error: Error | null) => void) => void session.ping(payload, done));
    for (let i = 0; i < 1000; i++) await ping(Buffer.alloc(8, i));
    await closed(session);
    await settled();
    const rows = rowsOf(collector);
    assert.deepEqual(
      rows.map(({ what, channel }) => [what, channel]),
      [
        ['call', 'http2'],
        ['raw', 'tcp'],
      ],
    );
    assert.ok((rows[1]?.bytesOut ?? 0) > 17_000, `${rows[1]?.bytesOut}`);
  });

  it('says how it ended: other status, reset, given up, cut off, refused', async () => {
    const session = http2.connect(origin).on('error', () => undefined);
    assert.equal((await get(session, { ':path': '/teapot/0' })).status, 418);
    await assert.rejects(get(session, { ':path': '/reset' }), { code: 'ERR_HTTP2_STREAM_ERROR' });
    const given = session.request({ ':path': '/hang' });
    await begun(given);
    given.close(http2.constants.NGHTTP2_CANCEL);
    await once(given, 'close');
    const aborter = new AbortController();
    const aborted = session.request({ ':path': '/hang' }, { signal: aborter.signal }).on('error', () => undefined);
    await begun(aborted);
    aborter.abort();
    if (!aborted.closed) await once(aborted, 'close');
    const cut = session.request({ ':path': '/cut' }).on('error', () => undefined);
    await new Promise<void>((resolve) => cut.once('close', () => resolve()));
    const refused = http2.connect('http://127.0.0.1:1').on('error', () => undefined);
    await assert.rejects(get(refused, { ':path': '/' }));
    session.destroy();
    await settled();
    await until(() => rowsOf(collector).every(({ outcome }) => outcome !== undefined));
    const ends = collector.opens().map(({ call, path }) => {
      const done = collector.done({ call });
      return [path, done?.outcome, done?.status, done?.error];
    });
    const cutOff = ends.find(([path]) => path === '/cut');
    assert.ok(['aborted', 'error'].includes(String(cutOff?.[1])), String(cutOff));
    assert.deepEqual(
      ends.filter(([path]) => path !== '/cut'),
      [
        ['/teapot/0', 'ok', 418, undefined],
        ['/reset', 'error', undefined, 'ERR_HTTP2_STREAM_ERROR'],
        ['/hang', 'aborted', undefined, undefined],
        ['/hang', 'aborted', undefined, 'ABORT_ERR'],
        ['/', 'refused', undefined, 'ECONNREFUSED'],
      ],
    );
  });

  it('an answer that is all there is no less so for a caller who ends the session at once', async () => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/ok/3' });
    stream.resume();
    await once(stream, 'end');
    session.destroy();
    await once(session, 'close');
    await until(() => collector.done({ call: collector.opens()[0]?.call ?? 0 }) !== undefined);
    assert.deepEqual(
      rowsOf(collector).map(({ outcome }) => outcome),
      ['ok'],
    );
  });

  it('createConnection: a socket of the application, TCP or TLS, is claimed by the streams on it', async () => {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const session = http2.connect('http://virtual.example', { createConnection: () => socket });
    await get(session, { ':path': '/a/5' });
    await closed(session);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, host, port: to }) => [what, channel, host, to]),
      [['call', 'http2', 'virtual.example', 80]],
    );
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.deepEqual([done?.outcome, done?.peerAddress, done?.peerPort], ['ok', '127.0.0.1', port]);
    if (secure === undefined) return;
    collector.clear();
    const above = tls.connect({ port: securePort, host: 'localhost', ca: identity?.cert, ALPNProtocols: ['h2'] });
    await once(above, 'secureConnect');
    const second = http2.connect(`https://localhost:${securePort}`, { createConnection: () => above });
    await get(second, { ':path': '/a/5' });
    await closed(second);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [['call', 'http2']],
    );
  });

  it('a name in :authority other than the one that was connected to shows the latter as proxy', async () => {
    const session = http2.connect(`http://localhost:${port}`);
    await get(session, { ':path': '/', ':authority': 'elsewhere.example' });
    await closed(session);
    await settled();
    const [open] = collector.opens();
    assert.equal(open?.host, 'elsewhere.example');
    assert.equal(collector.done({ call: open.call })?.proxy, `localhost:${port}`);
  });

  it('with the channel off the connection is a raw row', async () => {
    watcher.setDisabled(['http2']);
    const session = http2.connect(origin);
    await get(session, { ':path': '/a/5' });
    await closed(session);
    await settled();
    watcher.setDisabled([]);
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [['raw', 'tcp']],
    );
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel }) => [what, channel]),
      [['raw', 'tcp']],
    );
  });

  it('leaves streams and sessions as they are', async () => {
    const session = http2.connect(origin);
    const stream = session.request({ ':path': '/a/1' });
    const events = stream.eventNames();
    assert.ok(!events.includes('data') && !events.includes('response') && !events.includes('close'), String(events));
    assert.equal(session.request.name, 'request');
    assert.equal(session.request.length, 2);
    stream.resume();
    await once(stream, 'close');
    await closed(session);
    assert.equal(watcher.faults, 0);
  });
});
