import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());

/** As `bytesBasis` `stream` counts them. */
function fields(headers: http2.IncomingHttpHeaders | http2.OutgoingHttpHeaders): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}

describe('a push of http2', () => {
  beforeEach(() => collector.clear());

  /** One request to a server that pushes as it is told, until all is over. */
  async function visit(
    push: (stream: http2.ServerHttp2Stream, error: Error | null) => void,
    options: http2.ClientSessionOptions = {},
  ): Promise<{ port: number; promised: http2.IncomingHttpHeaders[]; answers: http2.IncomingHttpHeaders[] }> {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.pushStream({ ':path': '/pushed?key=secret', 'x-promised': 'v' }, (error, pushed) => {
        pushed?.on('error', () => undefined);
        push(pushed, error);
        stream.respond({ ':status': 200 });
        stream.end('answer');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const session = http2.connect(`http://127.0.0.1:${port}`, options);
    const [promised, answers, ends]: [http2.IncomingHttpHeaders[], http2.IncomingHttpHeaders[], Promise<unknown>[]] = [
      [],
      [],
      [],
    ];
    session.on('stream', (stream, headers) => {
      promised.push(headers);
      stream.on('push', (answer) => void answers.push(answer));
      ends.push(new Promise((resolve) => stream.on('error', () => undefined).once('close', resolve)));
      stream.resume();
    });
    const stream = session.request({ ':path': '/asked' });
    await once(stream.resume(), 'close');
    await Promise.all(ends);
    session.close();
    await new Promise((done) => server.close(done));
    const conns = [...collector.conns(), ...collector.conns('in')];
    await until(() => conns.every(({ conn }) => collector.done({ conn }) !== undefined));
    return { port, promised, answers };
  }

  const body = 'p'.repeat(3000);
  const answer = (stream: http2.ServerHttp2Stream): void => {
    stream.respond({ ':status': 203, 'x-pushed': 'a' });
    stream.end(body);
  };

  it('is a row of its own where it comes in: target, status, names, every byte inbound', async () => {
    const { port, promised, answers } = await visit(answer);
    assert.deepEqual(
      collector.opens().map(({ channel, path }) => [channel, path]),
      [
        ['http2', '/asked'],
        ['http2', '/pushed'],
      ],
    );
    const open = collector.opens()[1];
    assert.deepEqual(
      [open?.method, open?.scheme, open?.host, open?.port, open?.package],
      ['GET', 'http', '127.0.0.1', port, 'test'],
    );
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([done?.outcome, done?.status, done?.protocol, done?.bytesBasis], ['ok', 203, 'h2c', 'stream']);
    assert.ok(done?.responseHeaders?.includes('x-pushed'));
    assert.equal(done?.bytesOut, 0);
    assert.equal(done?.bytesIn, fields(promised[0] ?? {}) + fields(answers[0] ?? {}) + body.length);
    assert.equal(rowsOf(collector).length, 2);
    assert.equal(watcher.faults, 0);
  });

  it('is a row of its own where it goes out: by whoever pushed, every byte outbound', async () => {
    const { port, promised, answers } = await visit(answer);
    assert.deepEqual(
      collector.opens('in').map(({ channel, path }) => [channel, path]),
      [
        ['http2', '/asked'],
        ['http2', '/pushed'],
      ],
    );
    const open = collector.opens('in')[1];
    assert.deepEqual(
      [open?.method, open?.host, open?.port, open?.package, open?.peerAddress],
      ['GET', '127.0.0.1', port, 'test', '127.0.0.1'],
    );
    assert.deepEqual(open?.requestHeaders, ['x-promised']);
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([done?.outcome, done?.status, done?.bytesIn], ['ok', 203, 0]);
    assert.equal(done?.bytesOut, fields(promised[0] ?? {}) + fields(answers[0] ?? {}) + body.length);
    assert.ok((done.ttfbUs ?? -1) >= 0 && (done.ttfbUs ?? 0) <= (done.durationUs ?? 0));
    assert.equal(rowsOf(collector, 'in').length, 2);
    assert.equal(watcher.faults, 0);
  });

  it('that the server takes back has its rows, without a status', async () => {
    await visit((stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    for (const direction of ['out', 'in'] as const) {
      const open = collector.opens(direction).find(({ path }) => path === '/pushed');
      const done = collector.done({ call: open?.call ?? 0 });
      assert.deepEqual(
        [done?.outcome, done?.status, done?.responseHeaders],
        ['error', undefined, undefined],
        direction,
      );
    }
  });

  it('that the client does not allow is no row', async () => {
    const server = http2.createServer();
    const refused: (string | undefined)[] = [];
    server.on('stream', (stream) => {
      try {
        stream.pushStream({ ':path': '/pushed' }, () => undefined);
      } catch (error) {
        refused.push((error as NodeJS.ErrnoException).code);
      }
      stream.respond({ ':status': 200 });
      stream.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const session = http2.connect(`http://127.0.0.1:${port}`, { settings: { enablePush: false } });
    await once(session, 'remoteSettings');
    await once(session.request({ ':path': '/asked' }).resume(), 'close');
    session.close();
    await new Promise((done) => server.close(done));
    assert.deepEqual(refused, ['ERR_HTTP2_PUSH_DISABLED']);
    assert.deepEqual(
      [...collector.opens(), ...collector.opens('in')].map(({ path }) => path),
      ['/asked', '/asked'],
    );
  });
});
