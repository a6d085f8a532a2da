import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { selfSigned } from './certificate.ts';
import { Collector, delay, rowsOf, until } from './collect.ts';
import { close, listen } from './local.ts';
import { load, NO_CLIENTS, type WsSocket } from './stream-clients.ts';
import { loadUndici, UNDICI_VERSIONS } from './undici-versions.ts';

const collector = new Collector();
const watcher = collector.install();
const identity = selfSigned();
after(() => watcher.uninstall());
beforeEach(async () => {
  for (let seen = -1; seen !== collector.records.length; await delay(60)) seen = collector.records.length;
  collector.clear();
});

async function settled(): Promise<void> {
  await until(() => {
    const conns = [...collector.conns(), ...collector.conns('in')];
    return conns.length > 0 && conns.every(({ conn }) => collector.done({ conn }) !== undefined);
  });
}

const channels = (direction: 'in' | 'out' = 'out'): string[] =>
  rowsOf(collector, direction).map(({ what, channel, outcome }) => `${what} ${channel} ${outcome}`);

describe('grpc-js', { skip: NO_CLIENTS }, () => {
  it('has a row for each call, on both sides, on the one connection it makes', async () => {
    const grpc = load('@grpc/grpc-js');
    const bytes = (value: Buffer): Buffer => value;
    const server = new grpc.Server();
    server.addService(
      {
        echo: {
          path: '/echo.Echo/Say',
          requestStream: false,
          responseStream: false,
          requestSerialize: bytes,
          requestDeserialize: bytes,
          responseSerialize: bytes,
          responseDeserialize: bytes,
        },
      },
      {
        echo: (call: { request: Buffer }, answer: (error: object | null, value?: Buffer) => void) => {
          if (call.request.length === 0) answer({ code: 5, details: 'nothing' });
          else answer(null, Buffer.alloc(call.request.length * 2));
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const client = new grpc.Client(`localhost:${port}`, grpc.credentials.createInsecure());
    const say = (size: number): Promise<number> =>
      new Promise((resolve) => {
        client.makeUnaryRequest('/echo.Echo/Say', bytes, bytes, Buffer.alloc(size), (error, value) =>
          resolve(error === null ? (value?.length ?? 0) : -(error.code ?? 0)),
        );
      });
    assert.deepEqual(await Promise.all([1000, 20_000, 0].map(say)), [2000, 40_000, -5]);
    client.close();
    server.forceShutdown();
    await settled();
    for (const direction of ['out', 'in'] as const) {
      const opens = collector.opens(direction).filter(({ channel }) => channel === 'http2');
      assert.equal(opens.length, 3, direction);
      assert.ok(
        opens.every(
          ({ path, method, host, port: to }) =>
            `${method} ${path} ${host} ${to}` === `POST /echo.Echo/Say localhost ${port}`,
        ),
      );
      const sizes = opens.map(({ call }) => collector.done({ call }));
      assert.ok(
        sizes.every((done) => done?.outcome === 'ok' && done.status === 200),
        JSON.stringify(sizes),
      );
      const ups = sizes
        .map((done) => (direction === 'out' ? done?.bytesOut : done?.bytesIn) ?? 0)
        .sort((a, b) => a - b);
      const downs = sizes
        .map((done) => (direction === 'out' ? done?.bytesIn : done?.bytesOut) ?? 0)
        .sort((a, b) => a - b);
      // Five bytes of framing and the header fields beside the message.
      for (const [i, size] of [0, 1000, 20_000].entries()) {
        assert.ok((ups[i] ?? 0) > size && (ups[i] ?? 0) < size + 600, `${direction} ${ups.join()}`);
        assert.ok((downs[i] ?? 0) > 2 * size && (downs[i] ?? 0) < 2 * size + 600, `${direction} ${downs.join()}`);
      }
      assert.deepEqual(
        channels(direction).filter((row) => !row.startsWith('call dns')),
        Array.from({ length: 3 }, () => 'call http2 ok'),
      );
    }
  });
});

describe('ws', { skip: NO_CLIENTS }, () => {
  it('is one row of websocket on either side, with all that was sent', async () => {
    const Ws = load('ws');
    const server = http.createServer();
    const sockets = new Ws.WebSocketServer({ server });
    sockets.on('connection', (socket: WsSocket) => {
      socket.on('message', (data: Buffer) => socket.send(Buffer.alloc(data.length * 3)));
    });
    const port = await listen(server);
    const socket = new Ws(`ws://127.0.0.1:${port}/feed?token=secret`);
    await new Promise<void>((resolve) => socket.once('open', () => resolve()));
    const came = new Promise<Buffer>((resolve) => socket.once('message', (data: Buffer) => resolve(data)));
    socket.send(Buffer.alloc(5000));
    assert.equal((await came).length, 15_000);
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.close(1000);
    await ended;
    sockets.close();
    await close(server);
    await settled();
    assert.deepEqual(channels(), ['call websocket ok']);
    assert.deepEqual(channels('in'), ['call websocket ok']);
    const [out] = rowsOf(collector);
    assert.ok((out?.bytesOut ?? 0) > 5000 && (out?.bytesOut ?? 0) < 5600, `${out?.bytesOut}`);
    assert.ok((out?.bytesIn ?? 0) > 15_000 && (out?.bytesIn ?? 0) < 15_600, `${out?.bytesIn}`);
    const [in_] = rowsOf(collector, 'in');
    assert.deepEqual([in_?.bytesIn, in_?.bytesOut], [out?.bytesOut, out?.bytesIn]);
    assert.deepEqual(
      collector.opens().map(({ path, scheme }) => [path, scheme]),
      [['/feed', 'ws']],
    );
  });

  it('refused by verifyClient it is one row with the status', async () => {
    const Ws = load('ws');
    const server = http.createServer();
    const sockets = new Ws.WebSocketServer({ server, verifyClient: () => false });
    const port = await listen(server);
    const socket = new Ws(`ws://127.0.0.1:${port}/feed`);
    await new Promise<void>((resolve) => {
      socket.once('error', () => undefined);
      socket.once('close', () => resolve());
    });
    sockets.close();
    await close(server);
    await settled();
    assert.deepEqual(
      collector.opens().map(({ call, channel }) => [channel, collector.done({ call })?.status]),
      [['websocket', 401]],
    );
    assert.equal(channels().length, 1);
  });
});

describe('socket.io', { skip: NO_CLIENTS }, () => {
  for (const transport of ['websocket', 'polling'] as const) {
    it(`over ${transport}`, async () => {
      const { Server } = load('socket.io');
      const sockets = load('socket.io-client');
      const server = http.createServer();
      const hub = new Server(server);
      hub.on(
        'connection',
        (socket: { on(event: string, listener: (text: string, answer: (text: string) => void) => void): void }) => {
          socket.on('ask', (text, answer) => answer(`${text} answered`));
        },
      );
      let served = 0;
      server.prependListener('request', () => {
        served++;
      });
      const port = await listen(server);
      const client = sockets.io(`http://127.0.0.1:${port}`, { transports: [transport], reconnection: false });
      await new Promise<void>((resolve) => client.once('connect', () => resolve()));
      const answered = new Promise<string>((resolve) => client.emit('ask', 'question', resolve));
      assert.equal(await answered, 'question answered');
      client.disconnect();
      await hub.close();
      await close(server);
      await until(() =>
        [...rowsOf(collector), ...rowsOf(collector, 'in')].every(({ outcome }) => outcome !== undefined),
      );
      for (const direction of ['out', 'in'] as const) {
        const kinds = new Set(rowsOf(collector, direction).map(({ what, channel }) => `${what} ${channel}`));
        assert.deepEqual([...kinds], [transport === 'websocket' ? 'call websocket' : 'call http'], direction);
        if (transport === 'websocket') assert.equal(rowsOf(collector, direction).length, 1);
      }
      // Every poll is a request of its own.
      if (transport === 'polling') {
        assert.ok(served >= 3, `${served}`);
        assert.equal(collector.opens('in').length, served);
        assert.ok(collector.opens().length >= served);
      }
    });
  }
});

describe('undici over HTTP/2', { skip: identity === undefined && 'no openssl' }, () => {
  const server = http2.createSecureServer({ ...identity }, (req, res) => {
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    req.on('end', () => res.end('y'.repeat(2 * bytes)));
  });
  let port = 0;
  before(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, 'localhost', () => resolve());
    });
    port = (server.address() as AddressInfo).port;
  });
  after(() => new Promise((done) => server.close(done)));

  for (const version of UNDICI_VERSIONS) {
    const undici = loadUndici(version);
    it(
      `undici ${version} with allowH2: a row per request, of undici alone, with the bytes of its stream`,
      {
        skip: typeof undici === 'string' && undici,
      },
      async () => {
        assert.ok(typeof undici !== 'string');
        const client = new undici.Client(`https://localhost:${port}`, {
          allowH2: true,
          connect: { ca: identity?.cert },
        });
        const sizes = [1000, 2000, 3000];
        const got = await Promise.all(
          sizes.map(async (size, i) => {
            const { body } = await client.request({ path: `/n/${i}`, method: 'POST', body: 'b'.repeat(size) } as never);
            return (await body.text()).length;
          }),
        );
        assert.deepEqual(got, [2000, 4000, 6000]);
        await client.close();
        await settled();
        assert.deepEqual(
          channels(),
          Array.from({ length: 3 }, () => 'call undici ok'),
        );
        for (const { call, path } of collector.opens()) {
          const done = collector.done({ call });
          const size = sizes[Number(path?.split('/')[2])] ?? 0;
          assert.ok(done?.requestHeaders?.includes('content-length'), String(done?.requestHeaders));
          assert.deepEqual([done?.protocol, done?.bytesBasis, done?.status], ['h2', 'stream', 200]);
          assert.ok((done?.bytesOut ?? 0) >= size && (done?.bytesOut ?? 0) < size + 400, `${size}: ${done?.bytesOut}`);
          assert.ok(
            (done?.bytesIn ?? 0) >= 2 * size && (done?.bytesIn ?? 0) < 2 * size + 400,
            `${size}: ${done?.bytesIn}`,
          );
        }
        assert.equal(collector.opens('in').length, 3);
        assert.equal(watcher.faults, 0);
      },
    );
  }
});
