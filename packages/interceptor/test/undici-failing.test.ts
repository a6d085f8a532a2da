import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, callsOf, delay, rowsOf, until } from './collect.ts';
import { close, listen } from './local.ts';
import { loadUndici, UNDICI_VERSIONS } from './undici-versions.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());

/** A port of a process that listens and then sleeps, with its queue full: a connect to it has no answer. */
class Deaf {
  port = 0;
  readonly #fillers: net.Socket[] = [];
  #child: ChildProcess | undefined;

  async listen(): Promise<void> {
    const program =
      "const server = require('node:net').createServer();" +
      "server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {" +
      'require("node:fs").writeSync(1, String(server.address().port));' +
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });';
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    this.port = Number(String(said));
    for (let i = 0; i < 4; i++) this.#fillers.push(net.connect(this.port, '127.0.0.1').on('error', () => undefined));
    await delay(100);
    assert.ok(
      this.#fillers.some(({ connecting }) => connecting),
      'the queue of the sleeping process never filled up',
    );
  }

  close(): void {
    for (const socket of this.#fillers) socket.destroy();
    this.#child?.kill('SIGKILL');
  }
}

const deaf = new Deaf();
/** Answers `/ok`, never `/slow`. */
const server = http.createServer((req, res) => {
  if (req.url === '/slow') return;
  req.resume().on('end', () => res.end('answer'));
});
let port = 0;
let free = 0;
before(async () => {
  await deaf.listen();
  port = await listen(server);
  const gone = net.createServer();
  free = await listen(gone);
  await close(gone);
});
after(() => close(server));
after(() => deaf.close());
beforeEach(async () => {
  server.closeAllConnections();
  for (let seen = -1; seen !== collector.records.length; await delay(60)) seen = collector.records.length;
  collector.clear();
});

/** Waits for the ends of all calls, and for what undici does after them. */
async function settled(): Promise<void> {
  await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
  await delay(60);
  server.closeAllConnections();
  await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
}

/** Each connection belongs to the calls of this test, each of which is one row, and there is no other row. */
function oneRowEach(outcomes: readonly string[]): void {
  const rows = rowsOf(collector);
  assert.deepEqual(
    rows.map(({ what, channel }) => `${what} ${channel}`),
    outcomes.map(() => 'call undici'),
    JSON.stringify(collector.records),
  );
  assert.deepEqual(
    rows.map(({ outcome }) => outcome),
    outcomes,
  );
  for (const { conn } of collector.conns()) assert.notDeepEqual(callsOf(collector, conn), []);
}

/** Attempts that the connections of the first call noted. */
function attempts(): string[] {
  return collector.conns().flatMap(({ conn }) => collector.done({ conn })?.attempts ?? []);
}

function errorOf(index = 0): string | undefined {
  return collector.done({ call: collector.opens()[index]?.call ?? 0 })?.error;
}

const noName = (_host: string, _options: object, done: (error: Error) => void): void => {
  process.nextTick(done, Object.assign(new Error('no such name'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }));
};
describe('fetch that fails', () => {
  it('refused', async () => {
    await assert.rejects(fetch(`http://127.0.0.1:${free}/`));
    await settled();
    oneRowEach(['refused']);
    assert.deepEqual(attempts(), [`127.0.0.1 ${free} ECONNREFUSED`]);
    assert.equal(errorOf(), 'ECONNREFUSED');
  });

  it('refused at every address of a name', async () => {
    await assert.rejects(fetch(`http://localhost:${free}/`));
    await settled();
    oneRowEach(['refused']);
    assert.ok(attempts().length > 0);
    assert.ok(attempts().every((attempt) => attempt.endsWith(` ${free} ECONNREFUSED`)));
  });

  it('a name that does not exist', async () => {
    await assert.rejects(fetch('http://nobody.invalid/'));
    await settled();
    assert.equal(rowsOf(collector).length, 1, JSON.stringify(collector.records));
    assert.match(errorOf() ?? '', /^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('aborted before it starts sends nothing', async () => {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/ok`, { signal: AbortSignal.abort() }));
    await settled();
    assert.deepEqual(rowsOf(collector), []);
  });

  it('aborted while it connects', async () => {
    const abort = new AbortController();
    const call = fetch(`http://127.0.0.1:${port}/ok`, { signal: abort.signal });
    await Promise.resolve();
    abort.abort();
    await assert.rejects(call, { name: 'AbortError' });
    await settled();
    assert.ok(rowsOf(collector).length <= 1, JSON.stringify(collector.records));
    assert.ok(rowsOf(collector).every(({ what, outcome }) => what === 'call' && outcome === 'aborted'));
  });

  it('aborted while it waits for its answer', async () => {
    const abort = new AbortController();
    const call = fetch(`http://127.0.0.1:${port}/slow`, { signal: abort.signal });
    const outcome = assert.rejects(call, { name: 'AbortError' });
    await until(() => collector.conns().length > 0);
    await delay(50);
    abort.abort();
    await outcome;
    await settled();
    oneRowEach(['aborted']);
  });

  it('aborted while nobody answers its connect', async () => {
    const signal = AbortSignal.timeout(200);
    await assert.rejects(fetch(`http://127.0.0.1:${deaf.port}/`, { signal }), { name: 'TimeoutError' });
    await delay(60);
    // undici goes on connecting, and tells of the end only when that has ended.
    const rows = rowsOf(collector);
    assert.deepEqual(
      rows.map(({ what, outcome }) => [what, outcome]),
      [['call', undefined]],
    );
    assert.deepEqual(
      collector.conns().map((conn) => conn.for),
      [collector.opens()[0]?.call],
    );
  });

  it('ten at once, aborted while they connect: no connection is left to nobody', async () => {
    const abort = new AbortController();
    const calls = Array.from({ length: 10 }, (_, i) =>
      fetch(`http://127.0.0.1:${port}/${i}`, { signal: abort.signal }),
    );
    const outcomes = Promise.all(calls.map((call) => assert.rejects(call, { name: 'AbortError' })));
    await until(() => collector.conns().length >= 10);
    abort.abort();
    await outcomes;
    await settled();
    oneRowEach(Array.from({ length: 10 }, () => 'aborted'));
  });

  it('ten at once, refused and answered', async () => {
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        i % 2 === 0
          ? assert.rejects(fetch(`http://127.0.0.1:${free}/${i}`))
          : fetch(`http://127.0.0.1:${port}/ok`).then((response) => response.text()),
      ),
    );
    await settled();
    oneRowEach(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 'refused' : 'ok')));
  });
});

for (const version of UNDICI_VERSIONS) {
  const undici = loadUndici(version);
  describe(`undici ${version} that fails`, { skip: typeof undici === 'string' ? undici : false }, () => {
    if (typeof undici === 'string') return;
    const refused = { code: 'ECONNREFUSED' };

    for (const way of ['request', 'stream', 'pipeline', 'Client', 'Pool', 'Agent'] as const) {
      it(`${way}, refused`, async () => {
        const url = `http://127.0.0.1:${free}`;
        if (way === 'request') await assert.rejects(undici.request(`${url}/r`), refused);
        else if (way === 'stream') {
          await assert.rejects(
            undici.stream(`${url}/s`, { method: 'GET' }, () => process.stdout),
            refused,
          );
        } else if (way === 'pipeline') {
          const error = await new Promise((resolve) => {
            undici
              .pipeline(`${url}/p`, { method: 'GET' }, ({ body }) => body)
              .on('error', resolve)
              .resume()
              .end();
          });
          assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
        } else if (way === 'Agent') {
          const agent = new undici.Agent();
          await assert.rejects(undici.request(`${url}/a`, { dispatcher: agent }), refused);
          await agent.close();
        } else {
          const one = new undici[way](url, {});
          await assert.rejects(one.request({ path: '/c', method: 'GET' }), refused);
          await one.close();
        }
        await settled();
        oneRowEach(['refused']);
        assert.deepEqual(attempts(), [`127.0.0.1 ${free} ECONNREFUSED`]);
        assert.equal(errorOf(), 'ECONNREFUSED');
      });
    }

    it('a pool of two connections, five requests, refused', async () => {
      const pool = new undici.Pool(`http://127.0.0.1:${free}`, { connections: 2 });
      await Promise.all(
        [0, 1, 2, 3, 4].map((i) => assert.rejects(pool.request({ path: `/${i}`, method: 'GET' }), refused)),
      );
      await pool.close();
      await settled();
      oneRowEach(Array<string>(5).fill('refused'));
    });

    it('a proxy that refuses: the CONNECT call has the connection', async () => {
      const agent = new undici.ProxyAgent({ uri: `http://127.0.0.1:${free}`, proxyTunnel: true });
      await assert.rejects(undici.request('http://inner.example/t', { dispatcher: agent }));
      await agent.close();
      await settled();
      const rows = rowsOf(collector);
      assert.ok(rows.every(({ what, channel }) => what === 'call' && channel === 'undici'));
      const connect = collector.opens().find(({ method }) => method === 'CONNECT');
      assert.deepEqual(
        collector.conns().map((conn) => conn.for),
        [connect?.call],
      );
      assert.equal(collector.done({ call: connect?.call ?? 0 })?.outcome, 'refused');
    });

    it('a look-up that fails', async () => {
      const client = new undici.Client('http://far.test', { connect: { lookup: noName } });
      await assert.rejects(client.request({ path: '/', method: 'GET' }), { code: 'ENOTFOUND' });
      await client.close();
      await settled();
      oneRowEach(['error']);
      assert.equal(errorOf(), 'ENOTFOUND');
    });

    it('aborted before it connects', async () => {
      const client = new undici.Client(`http://127.0.0.1:${port}`, {});
      const abort = new AbortController();
      const call = client.request({ path: '/ok', method: 'GET', signal: abort.signal });
      abort.abort();
      await assert.rejects(call);
      await client.close();
      await settled();
      oneRowEach(['aborted']);
    });

    it('aborted after it was sent, then another request', async () => {
      const client = new undici.Client(`http://127.0.0.1:${port}`, {});
      const abort = new AbortController();
      const call = client.request({ path: '/slow', method: 'GET', signal: abort.signal });
      const outcome = assert.rejects(call);
      await until(() => collector.conns().length > 0);
      await delay(50);
      abort.abort();
      await outcome;
      assert.equal(await (await client.request({ path: '/ok', method: 'GET' })).body.text(), 'answer');
      await client.close();
      await settled();
      oneRowEach(['aborted', 'ok']);
    });

    it('a connect that takes too long', async () => {
      const client = new undici.Client(`http://127.0.0.1:${deaf.port}`, { connect: { timeout: 400 } });
      await assert.rejects(client.request({ path: '/', method: 'GET' }), { code: 'UND_ERR_CONNECT_TIMEOUT' });
      await client.destroy();
      await settled();
      oneRowEach(['timeout']);
      assert.equal(errorOf(), 'UND_ERR_CONNECT_TIMEOUT');
      const [conn] = collector.conns();
      assert.equal(collector.done({ conn: conn?.conn ?? 0 })?.outcome, 'timeout');
    });

    it('a connection that fails is no part of the next request', async () => {
      const gate = net.createServer();
      const later = await listen(gate);
      await close(gate);
      const client = new undici.Client(`http://127.0.0.1:${later}`, {});
      await assert.rejects(client.request({ path: '/first', method: 'GET' }), refused);
      const back = http.createServer((_req, res) => res.end('back'));
      await new Promise<void>((resolve) => {
        back.listen(later, '127.0.0.1', resolve);
      });
      assert.equal(await (await client.request({ path: '/second', method: 'GET' })).body.text(), 'back');
      await client.close();
      await close(back);
      await settled();
      oneRowEach(['refused', 'ok']);
      const [first, second] = collector.opens();
      assert.deepEqual(
        collector.conns().map((conn) => conn.for),
        [first?.call, second?.call],
      );
    });
  });
}
