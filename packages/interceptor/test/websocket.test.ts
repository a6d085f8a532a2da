import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { selfSigned } from './certificate.ts';
import { Collector, rowsOf, until } from './collect.ts';
import { accepting } from './handshake.ts';
import { close, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
const identity = selfSigned();
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ASKING = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': KEY, 'sec-websocket-version': '13' };

/** Accepts, and ends by a close frame when something came; refuses /refused. */
const answer = (req: http.IncomingMessage, socket: net.Socket): void => {
  socket.on('error', () => undefined);
  if (req.url === '/refused') {
    socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  if (req.url === '/cut') {
    socket.destroy();
    return;
  }
  socket.write(accepting(req.headers['sec-websocket-key'] ?? ''));
  socket.once('data', () => socket.end(Buffer.from([0x88, 2, 0x03, 0xe8])));
};

const plain = http.createServer((_req, res) => res.end());
const secure = identity === undefined ? undefined : https.createServer(identity, (_req, res) => res.end());
let port = 0;
let securePort = 0;
let counted = 0;
before(async () => {
  plain.on('upgrade', (req, socket: net.Socket) => {
    counted = collector.opens('in').length;
    answer(req, socket);
  });
  port = await listen(plain);
  if (secure === undefined) return;
  secure.on('upgrade', answer);
  securePort = await listen(secure);
});
after(async () => {
  watcher.uninstall();
  for (const server of [plain, secure]) if (server !== undefined) await close(server);
});
beforeEach(() => collector.clear());

async function settled(): Promise<void> {
  await until(() => {
    const conns = [...collector.conns(), ...collector.conns('in')];
    return conns.length > 0 && conns.every(({ conn }) => collector.done({ conn }) !== undefined);
  });
}

/** One handshake by http; the frame that is sent, and all that came. */
function upgrade(path: string, frame: Buffer, options: https.RequestOptions = {}): Promise<number> {
  const via = options.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const req = via.request({ host: '127.0.0.1', port, path, headers: ASKING, agent: false, ...options });
    req.on('upgrade', (_res, socket, head) => {
      let bytes = head.length;
      socket.on('error', reject).on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      socket.on('close', () => resolve(bytes));
      socket.write(frame);
      socket.on('end', () => socket.end());
    });
    req.on('response', (res) => res.resume().on('end', () => resolve(res.statusCode ?? 0)));
    req.on('error', reject);
    req.end();
  });
}

const frame = Buffer.concat([Buffer.from([0x81, 0xfe, 0x01, 0x2c, 1, 2, 3, 4]), Buffer.alloc(300, 'secret')]);

describe('a WebSocket whose handshake http makes (as ws does)', () => {
  it('is one row from the handshake to the end of the connection, frames included', async () => {
    assert.equal(await upgrade('/chat/7?token=secret', frame), 4);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, host, port: to, outcome }) => [what, channel, host, to, outcome]),
      [['call', 'websocket', '127.0.0.1', port, 'ok']],
    );
    const [open] = collector.opens();
    assert.ok(open !== undefined);
    assert.deepEqual([open.scheme, open.method, open.path, open.package], ['ws', 'GET', '/chat/7', 'test']);
    assert.ok(collector.intents.includes(open));
    const done = collector.done({ call: open.call });
    assert.ok(done !== undefined);
    assert.deepEqual([done.status, done.protocol, done.bytesBasis], [101, 'ws', 'plaintext']);
    assert.ok(done.requestHeaders?.includes('sec-websocket-key'));
    assert.ok(done.responseHeaders?.includes('sec-websocket-accept'));
    const conn = collector.done({ conn: collector.conns()[0]?.conn ?? 0 });
    assert.equal(done.bytesOut, conn?.bytesOut);
    assert.equal(done.bytesIn, conn?.bytesIn);
    assert.ok((done.bytesOut ?? 0) > 308 && (done.bytesIn ?? 0) > 100);
    assert.ok((done.durationUs ?? 0) >= (done.ttfbUs ?? 0));
  });

  it('over TLS it is wss', { skip: identity === undefined && 'no openssl' }, async () => {
    await upgrade('/s', frame, { protocol: 'https:', port: securePort, rejectUnauthorized: false });
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [['call', 'websocket']],
    );
    const [open] = collector.opens();
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([open?.scheme, done?.protocol, done?.tls], ['wss', 'wss', 'TLSv1.3']);
  });

  it('refused, it is one row with the status', async () => {
    assert.equal(await upgrade('/refused', frame), 401);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, outcome }) => [what, channel, outcome]),
      [['call', 'websocket', 'ok']],
    );
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.deepEqual([done?.status, done?.protocol], [401, 'http/1.1']);
  });

  it('cut off or not to be connected, it is one row with the error', async () => {
    await assert.rejects(upgrade('/cut', frame), { code: 'ECONNRESET' });
    await assert.rejects(upgrade('/', frame, { port: 1 }), { code: 'ECONNREFUSED' });
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel, outcome }) => [what, channel, outcome]),
      [
        ['call', 'websocket', 'error'],
        ['call', 'websocket', 'refused'],
      ],
    );
  });

  it('another upgrade and an ordinary request stay with http', async () => {
    await upgrade('/other', frame, {
      headers: { connection: 'upgrade', upgrade: 'x-other', 'sec-websocket-key': KEY },
    });
    await request({ host: '127.0.0.1', port, agent: false });
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ channel }) => channel),
      ['http', 'http'],
    );
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ channel }) => channel),
      ['http', 'http'],
    );
  });

  it('with the channel off it is a row of http', async () => {
    watcher.setDisabled(['websocket']);
    await upgrade('/off', frame);
    watcher.setDisabled(['http']);
    await upgrade('/still', frame);
    watcher.setDisabled([]);
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [
        ['call', 'http'],
        ['call', 'websocket'],
      ],
    );
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel }) => [what, channel]),
      [
        ['call', 'http'],
        ['call', 'websocket'],
      ],
    );
  });
});

describe('an inbound WebSocket', () => {
  it('is one row, counted before the handler runs, with the bytes of the connection', async () => {
    counted = -1;
    await upgrade('/in/1?token=secret', frame);
    await settled();
    assert.equal(counted, 1);
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel, outcome }) => [what, channel, outcome]),
      [['call', 'websocket', 'ok']],
    );
    const [open] = collector.opens('in');
    assert.deepEqual([open?.scheme, open?.protocol, open?.path, open?.package], ['ws', 'ws', '/in/1', 'test']);
    const done = collector.done({ call: open?.call ?? 0 });
    const out = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.bytesIn, out?.bytesOut);
    assert.equal(done?.bytesOut, out?.bytesIn);
  });
});

describe(
  'the WebSocket of the platform',
  { skip: typeof WebSocket === 'undefined' && `none in ${process.version}` },
  () => {
    const opened = async (path: string): Promise<string> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      socket.addEventListener('open', () => socket.send('x'.repeat(300)));
      return new Promise((resolve) => {
        socket.addEventListener('close', ({ code }) => resolve(`closed ${code}`));
        // After a refusal Node 22 never tells of a close.
        socket.addEventListener('error', () => resolve('failed'));
      });
    };

    it('is one row of websocket and none of undici, frames included', async () => {
      assert.equal(await opened('/global/1?token=secret'), 'closed 1000');
      await settled();
      const rows = rowsOf(collector);
      assert.deepEqual(
        rows.map(({ what, channel, host, port: to, outcome }) => [what, channel, host, to, outcome]),
        [['call', 'websocket', '127.0.0.1', port, 'ok']],
      );
      assert.ok((rows[0]?.bytesOut ?? 0) > 308 && (rows[0]?.bytesIn ?? 0) > 100);
      const [open] = collector.opens();
      assert.deepEqual([open?.scheme, open?.method, open?.path, open?.package], ['ws', 'GET', '/global/1', 'test']);
      const done = collector.done({ call: open?.call ?? 0 });
      assert.deepEqual([done?.status, done?.protocol], [101, 'ws']);
      assert.ok((done?.ttfbUs ?? 0) > 0);
    });

    it('refused, it is a row for each handshake that the server saw (a 401 makes undici ask again)', async () => {
      assert.equal(await opened('/refused'), 'failed');
      await settled();
      await until(() => rowsOf(collector).every(({ outcome }) => outcome !== undefined));
      const asked = collector.opens('in').length;
      assert.ok(asked > 0);
      assert.deepEqual(
        collector.opens().map(({ call, channel }) => [channel, collector.done({ call })?.status]),
        Array.from({ length: asked }, () => ['websocket', 401]),
      );
    });
  },
);
