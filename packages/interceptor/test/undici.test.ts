import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, delay, rowsOf, until } from './collect.ts';
import { close, listen } from './local.ts';
import { loadUndici, UNDICI_VERSIONS } from './undici-versions.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(async () => {
  // undici connects again after an abort, though nobody waits for that connection: it must not fall into the next test.
  for (let seen = -1; seen !== collector.records.length; await delay(60)) seen = collector.records.length;
  collector.clear();
});

const server = http.createServer((req, res) => {
  if (req.url === '/hop') {
    res.writeHead(302, { location: '/landed?x=1' }).end();
    return;
  }
  if (req.url === '/slow') return;
  req.resume().on('end', () => res.end(`hello ${req.url}`));
});
let port = 0;
before(async () => {
  port = await listen(server);
});
after(() => close(server));

async function callsSettled(): Promise<void> {
  await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
}

describe('fetch', () => {
  it('is one call on a pooled connection, opened before its look-up', async () => {
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/f?q=1`)).text(), 'hello /f?q=1');
    await callsSettled();
    const [open] = collector.opens();
    assert.equal(open?.channel, 'undici');
    assert.equal(open?.scheme, 'http');
    assert.equal(open?.host, '127.0.0.1');
    assert.equal(open?.port, port);
    assert.equal(open?.path, '/f');
    const done = collector.done({ call: open?.call ?? 0 });
    assert.equal(done?.outcome, 'ok');
    assert.equal(done?.status, 200);
    assert.ok(done?.requestHeaders?.includes('user-agent'));
    assert.ok(done?.responseHeaders?.includes('content-length'));
    const [conn] = collector.conns();
    assert.equal(conn?.for, open?.call);
    assert.deepEqual(
      collector.intents.map(({ kind }) => kind),
      ['open', 'conn'],
    );
    assert.equal(done?.peerPort, port);
  });

  it('a redirect is two calls; the second one is by whoever made the first', async () => {
    let walks = 0;
    collector.ports.attributor.capture = () =>
      walks++ === 0 ? { basis: 'stack', package: 'first' } : { basis: 'none' };
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/hop`)).text(), 'hello /landed?x=1');
    await callsSettled();
    assert.deepEqual(
      collector.opens().map(({ path }) => path),
      ['/hop', '/landed'],
    );
    assert.deepEqual(
      collector.opens().map((open) => open.package),
      ['first', 'first'],
    );
    assert.deepEqual(
      collector.opens().map(({ basis }) => basis),
      ['stack', 'async'],
    );
    collector.ports.attributor.capture = () => ({ basis: 'stack' });
  });

  it('a body counts, and the framing header is named', async () => {
    await (await fetch(`http://127.0.0.1:${port}/post`, { method: 'POST', body: 'x'.repeat(5000) })).text();
    await callsSettled();
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.ok((done?.bytesOut ?? 0) > 5000);
    assert.ok(done?.requestHeaders?.includes('content-length'));
  });

  it('an aborted one', async () => {
    await assert.rejects(fetch(`http://127.0.0.1:${port}/slow`, { signal: AbortSignal.timeout(50) }), {
      name: 'TimeoutError',
    });
    await callsSettled();
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.ok(done?.outcome === 'timeout' || done?.outcome === 'aborted', JSON.stringify(done));
  });

  it('a refused one is one row with its attempts', async () => {
    const gone = net.createServer();
    const free = await listen(gone);
    await close(gone);
    await assert.rejects(fetch(`http://127.0.0.1:${free}/`));
    await callsSettled();
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.outcome, 'refused');
    assert.equal(done?.error, 'ECONNREFUSED');
    const [conn] = collector.conns();
    assert.equal(conn?.for, collector.opens()[0]?.call);
    assert.deepEqual(collector.done({ conn: conn?.conn ?? 0 })?.attempts, [`127.0.0.1 ${free} ECONNREFUSED`]);
    assert.equal(rowsOf(collector).length, 1);
  });

  it('data: and a bad port send nothing', async () => {
    await (await fetch('data:text/plain,hi')).text();
    await assert.rejects(fetch('http://127.0.0.1:9/'));
    assert.deepEqual(collector.opens(), []);
    assert.deepEqual(collector.conns(), []);
  });

  it('keeps its own name and length', () => {
    assert.equal(fetch.name, 'fetch');
    assert.equal(fetch.length, 1);
  });
});

for (const version of UNDICI_VERSIONS) {
  const undici = loadUndici(version);
  describe(`undici ${version} from npm`, { skip: typeof undici === 'string' ? undici : false }, () => {
    if (typeof undici === 'string') return;

    it('request, stream of one pool, pipelining off and on', async () => {
      const pool = new undici.Pool(`http://127.0.0.1:${port}`, { connections: 1, pipelining: 0 });
      for (let i = 0; i < 2; i++) await (await pool.request({ path: `/p${i}`, method: 'GET' })).body.text();
      await pool.close();
      const piped = new undici.Client(`http://127.0.0.1:${port}`, { pipelining: 4 });
      await Promise.all(
        [0, 1, 2, 3].map(async (i) => (await piped.request({ path: `/q${i}`, method: 'GET' })).body.text()),
      );
      await piped.close();
      await callsSettled();
      await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
      const rows = rowsOf(collector);
      assert.equal(rows.length, 6, JSON.stringify(rows));
      assert.ok(rows.every((row) => row.outcome === 'ok' && row.channel === 'undici' && (row.bytesOut ?? 0) > 0));
      assert.equal(
        rows.reduce((sum, row) => sum + (row.bytesIn ?? 0), 0),
        collector.conns().reduce((sum, { conn }) => sum + (collector.done({ conn })?.bytesIn ?? 0), 0),
      );
    });

    it('a mock leaves nothing that counts', async () => {
      const mock = new undici.MockAgent();
      mock.disableNetConnect();
      mock.get('http://mock.example').intercept({ path: '/m' }).reply(200, 'mocked');
      const { body } = await undici.request('http://mock.example/m', { dispatcher: mock });
      assert.equal(await body.text(), 'mocked');
      assert.deepEqual(
        rowsOf(collector).filter(({ outcome }) => outcome !== 'local'),
        [],
      );
      await mock.close();
    });

    it('a tunnel through ProxyAgent', async () => {
      const proxy = http.createServer();
      proxy.on('connect', (_req, client) => {
        const up = net.connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          up.pipe(client);
          client.pipe(up);
        });
        up.on('error', () => client.destroy());
        client.on('error', () => up.destroy());
      });
      const proxyPort = await listen(proxy);
      const agent = new undici.ProxyAgent({ uri: `http://127.0.0.1:${proxyPort}`, proxyTunnel: true });
      const { body } = await undici.request('http://inner.example/t', { dispatcher: agent });
      assert.equal(await body.text(), 'hello /t');
      await agent.close();
      proxy.closeAllConnections();
      await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
      await close(proxy);
      const inner = collector.opens().find(({ host, method }) => host === 'inner.example' && method === 'GET');
      const done = collector.done({ call: inner?.call ?? 0 });
      assert.equal(done?.outcome, 'ok');
      assert.equal(done?.proxy, `127.0.0.1:${proxyPort}`);
      assert.deepEqual(
        collector.opens().flatMap(({ method, host, port: to }) => (method === 'CONNECT' ? [`${host}:${to}`] : [])),
        ['inner.example:80'],
      );
      const tunnels = collector.conns().filter((conn) => conn.port === proxyPort);
      assert.equal(tunnels.length, 1);
      assert.equal(tunnels[0]?.for, collector.opens().find(({ method }) => method === 'CONNECT')?.call);
    });
  });
}
