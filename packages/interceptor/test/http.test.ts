import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type LookupFunction } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, callsOf, delay, rowsOf, until } from './collect.ts';
import { type Answer, close, ended, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());

/** Waits until every outbound call and connection has ended. */
async function settled(): Promise<void> {
  await until(
    () =>
      collector.opens().every(({ call }) => collector.done({ call }) !== undefined) &&
      collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined),
  );
}

function onlyCall(): ReturnType<Collector['done']> {
  const [open, ...others] = collector.opens();
  assert.equal(others.length, 0);
  return open === undefined ? undefined : collector.done({ call: open.call });
}

describe('outbound http', () => {
  const server = http.createServer((req, res) => {
    if (req.url === '/slow') return;
    if (req.url === '/half') {
      res.writeHead(200, { 'content-length': 100 });
      res.write('half');
      setTimeout(() => req.socket.destroy(), 20);
      return;
    }
    if (req.url === '/last') res.setHeader('connection', 'close');
    req.resume().on('end', () => res.end(`hello ${req.url}`));
  });
  let port = 0;
  before(async () => {
    port = await listen(server);
  });
  after(() => close(server));

  it('opens the call before the connection, and the connection before its first packet', async () => {
    await request({ host: '127.0.0.1', port, path: '/order?a=1' });
    await settled();
    assert.deepEqual(
      collector.records
        .filter((record) => !('direction' in record) || record.direction === 'out')
        .map(({ kind }) => kind)
        .slice(0, 2),
      ['open', 'conn'],
    );
    assert.deepEqual(
      collector.intents.map(({ kind }) => kind),
      ['open', 'conn'],
    );
    const [conn] = collector.conns();
    assert.equal(conn?.for, collector.opens()[0]?.call);
    assert.equal(conn?.by, undefined);
  });

  it('says status, header names, times, addresses and bytes', async () => {
    await request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers: { 'X-Secret': 'value' } }, 'body');
    await settled();
    const done = onlyCall();
    assert.equal(done?.outcome, 'ok');
    assert.equal(done?.status, 200);
    assert.equal(done?.protocol, 'http/1.1');
    assert.deepEqual(done?.requestHeaders, ['x-secret', 'host', 'connection', 'content-length']);
    assert.ok(done?.responseHeaders?.includes('content-length'));
    assert.ok(!JSON.stringify(collector.records).includes('value'));
    assert.equal(done?.peerAddress, '127.0.0.1');
    assert.equal(done?.peerPort, port);
    assert.equal(done?.localAddress, '127.0.0.1');
    assert.ok((done?.ttfbUs ?? 0) > 0 && (done?.durationUs ?? 0) >= (done?.ttfbUs ?? 0));
    assert.ok((done?.bytesOut ?? 0) > 'POST / HTTP/1.1'.length && (done?.bytesIn ?? 0) > 'HTTP/1.1 200 OK'.length);
  });

  it('a refused connection', async () => {
    const gone = net.createServer();
    const free = await listen(gone);
    await close(gone);
    await assert.rejects(request({ host: '127.0.0.1', port: free }), { code: 'ECONNREFUSED' });
    await settled();
    assert.equal(onlyCall()?.outcome, 'refused');
    assert.equal(onlyCall()?.error, 'ECONNREFUSED');
    const conn = collector.conns()[0]?.conn ?? 0;
    assert.equal(collector.done({ conn })?.outcome, 'refused');
    assert.deepEqual(collector.done({ conn })?.attempts, [`127.0.0.1 ${free} ECONNREFUSED`]);
    assert.equal(rowsOf(collector).length, 1);
  });

  it('a name that does not exist: no dns row, a connection with its look-up', async () => {
    await assert.rejects(request({ host: 'no-such-name.invalid', port }), { code: /ENOTFOUND|EAI_AGAIN/ });
    await settled();
    assert.equal(onlyCall()?.outcome, 'error');
    assert.match(onlyCall()?.error ?? '', /ENOTFOUND|EAI_AGAIN/);
    assert.equal(collector.opens()[0]?.channel, 'http');
    const conn = collector.conns()[0]?.conn ?? 0;
    assert.ok((collector.done({ conn })?.lookupUs ?? -1) >= 0);
    assert.equal(rowsOf(collector).length, 1);
  });

  it('a request that its caller aborts', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    await assert.rejects(request({ host: '127.0.0.1', port, path: '/slow', signal: abort.signal }), {
      name: 'AbortError',
    });
    await settled();
    assert.equal(onlyCall()?.outcome, 'aborted');
    assert.ok((onlyCall()?.bytesOut ?? 0) > 0);
  });

  it('a request given up before it had a socket', async () => {
    const req = http.get({ host: '127.0.0.1', port });
    req.destroy();
    await ended(req);
    assert.equal(onlyCall()?.outcome, 'aborted');
  });

  it('a timeout of the request', async () => {
    const req = http.get({ host: '127.0.0.1', port, path: '/slow', timeout: 40 });
    req.on('timeout', () => req.destroy());
    await ended(req);
    await settled();
    assert.equal(onlyCall()?.outcome, 'timeout');
  });

  it('a timeout that the caller sets for its socket, or says by its error', async () => {
    const own = http.get({ host: '127.0.0.1', port, path: '/slow', agent: false });
    own.setTimeout(40, () => own.destroy());
    await ended(own);
    await settled();
    assert.equal(onlyCall()?.outcome, 'timeout');
    collector.clear();
    const told = http.get({ host: '127.0.0.1', port, path: '/slow', agent: false });
    setTimeout(() => told.destroy(Object.assign(new Error('too late'), { code: 'ETIMEDOUT' })), 40);
    await ended(told);
    await settled();
    assert.equal(onlyCall()?.outcome, 'timeout');
  });

  it('a name in letters of any script is the name that is looked up', async () => {
    const asked = ['bücher.example', 'ＡＰＩ。Vendor．example', 'xn--bcher-kva.example'];
    const lookup = ((_name, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    }) as LookupFunction;
    for (const host of asked) await request({ host, port, path: '/', lookup, headers: { host: 'x' } });
    await settled();
    assert.deepEqual(
      rowsOf(collector).map(({ host }) => host),
      ['xn--bcher-kva.example', 'api.vendor.example', 'xn--bcher-kva.example'],
    );
  });

  it('an answer that the server cuts short', async () => {
    await assert.rejects(request({ host: '127.0.0.1', port, path: '/half' }), { code: 'ECONNRESET' });
    await settled();
    assert.equal(onlyCall()?.outcome, 'error');
    assert.equal(onlyCall()?.error, 'ECONNRESET');
    assert.equal(onlyCall()?.status, 200);
  });

  it('an answer that its reader gives up', async () => {
    const req = http.get({ host: '127.0.0.1', port, path: '/half' }, (res) => res.destroy());
    await ended(req);
    await settled();
    assert.equal(onlyCall()?.outcome, 'aborted');
  });

  it('agent: false makes a connection for each call', async () => {
    for (let i = 0; i < 3; i++) await request({ host: '127.0.0.1', port, agent: false });
    await settled();
    assert.equal(collector.conns().length, 3);
    assert.deepEqual(
      collector.conns().map((conn) => conn.for),
      collector.opens().map(({ call }) => call),
    );
    assert.equal(rowsOf(collector).length, 3);
  });

  it('maxSockets 1: twenty calls share one connection and add up to its bytes', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => request({ host: '127.0.0.1', port, path: `/${'x'.repeat(i)}`, agent })),
    );
    agent.destroy();
    await settled();
    assert.equal(collector.opens().length, 20);
    assert.equal(collector.conns().length, 1);
    assert.equal(collector.claims().length, 19);
    assert.equal(rowsOf(collector).length, 20);
    const conn = collector.conns()[0]?.conn ?? 0;
    assert.equal(callsOf(collector, conn).length, 20);
  });

  it('maxSockets 1 without keep-alive: a queued request gets a connection of its own', async () => {
    const agent = new http.Agent({ maxSockets: 1 });
    await Promise.all(Array.from({ length: 5 }, () => request({ host: '127.0.0.1', port, path: '/last', agent })));
    await settled();
    assert.equal(rowsOf(collector).length, 5);
    assert.ok(collector.conns().every((conn) => conn.for !== undefined));
  });

  it('a server that ends keep-alive', async () => {
    const agent = new http.Agent({ keepAlive: true });
    await request({ host: '127.0.0.1', port, path: '/last', agent });
    await request({ host: '127.0.0.1', port, path: '/', agent });
    agent.destroy();
    await settled();
    assert.equal(collector.conns().length, 2);
    assert.equal(rowsOf(collector).length, 2);
  });

  it('a unix socket', async () => {
    const where = path.join(os.tmpdir(), `outwitness-${process.pid}.sock`);
    const unix = http.createServer((_req, res) => res.end('unix'));
    await listen(unix, where);
    await request({ socketPath: where, path: '/u' });
    await settled();
    await close(unix);
    const [conn] = collector.conns();
    assert.equal(conn?.channel, 'unix');
    assert.equal(conn?.path, where);
    assert.equal(conn?.host, undefined);
    assert.equal(onlyCall()?.peerAddress, where);
    assert.ok((onlyCall()?.bytesIn ?? 0) > 0);
    assert.equal(rowsOf(collector).length, 1);
  });

  it('a raw connection to where a keep-alive agent is busy stays raw', async () => {
    const agent = new http.Agent({ keepAlive: true });
    const busy = Promise.all(Array.from({ length: 4 }, () => request({ host: '127.0.0.1', port, agent })));
    const socket = net.connect(port, '127.0.0.1');
    socket.resume().end('GET /raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await busy;
    await ended(socket);
    agent.destroy();
    await settled();
    const raw = collector.conns().filter((conn) => conn.by === 'raw');
    assert.equal(raw.length, 1);
    assert.equal(rowsOf(collector).length, 5);
    assert.equal(rowsOf(collector).filter(({ what }) => what === 'raw').length, 1);
  });

  it('bytes written behind the back of http are bytes that no call accounts for', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let used: net.Socket | undefined;
    const req = http.get({ host: '127.0.0.1', port, agent }, (res) => res.resume());
    req.on('socket', (socket) => {
      used = socket;
    });
    await ended(req);
    used?.write('GET /behind HTTP/1.1\r\nhost: x\r\n\r\n');
    await delay(50);
    agent.destroy();
    await settled();
    const raw = rowsOf(collector).filter(({ what }) => what === 'raw');
    assert.equal(raw.length, 1);
    assert.equal(raw[0]?.bytesOut, 'GET /behind HTTP/1.1\r\nhost: x\r\n\r\n'.length);
  });

  it('createConnection and a socket of the caller belong to the call', async () => {
    await request({ host: '127.0.0.1', port, createConnection: () => net.connect(port, '127.0.0.1') });
    await settled();
    assert.equal(rowsOf(collector).length, 1);
    assert.equal(callsOf(collector, collector.conns()[0]?.conn ?? 0).length, 1);
    collector.clear();
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    await request({ host: '127.0.0.1', port, createConnection: () => socket });
    await settled();
    assert.equal(rowsOf(collector).length, 1);
    assert.equal(collector.claims().length, 1);
  });

  it('an agent of other make that connects later', async () => {
    const agent = {
      protocol: 'http:',
      defaultPort: 80,
      addRequest(req: http.ClientRequest & { onSocket(socket: net.Socket): void }): void {
        setImmediate(() => req.onSocket(net.connect(port, '127.0.0.1')));
      },
    };
    await request({ host: '127.0.0.1', port, path: '/other', agent: agent as unknown as http.Agent });
    await settled();
    assert.equal(onlyCall()?.outcome, 'ok');
    assert.equal(rowsOf(collector).length, 1);
  });

  it('a stream without a connection is local', async () => {
    const { Duplex } = await import('node:stream');
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi';
    const mock = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        mock.push(answer);
        mock.push(null);
        done();
      },
    });
    assert.equal(
      (await request({ host: 'mock.example', port, createConnection: () => mock as net.Socket })).body,
      'hi',
    );
    await settled();
    assert.equal(onlyCall()?.outcome, 'local');
    assert.equal(collector.conns().length, 0);
  });

  it('a proxy is named by the absolute form or by where the connection went', async () => {
    await request({ host: '127.0.0.1', port, path: 'http://far.example:8080/p?q=1' });
    await settled();
    assert.equal(collector.opens()[0]?.host, 'far.example');
    assert.equal(collector.opens()[0]?.port, 8080);
    assert.equal(collector.opens()[0]?.proxy, `127.0.0.1:${port}`);
  });
});

describe('connections that change hands', () => {
  it('an upgrade keeps its connection: later bytes are the call’s', async () => {
    const server = http.createServer();
    server.on('upgrade', (_req, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
      socket.on('data', (chunk) => socket.end(chunk));
    });
    const port = await listen(server);
    const req = http.get({ host: '127.0.0.1', port, headers: { connection: 'upgrade', upgrade: 'x' } });
    const [, socket] = (await once(req, 'upgrade')) as [http.IncomingMessage, net.Socket];
    socket.resume().write('x'.repeat(1000));
    await ended(socket);
    await settled();
    await close(server);
    const done = onlyCall();
    assert.equal(done?.status, 101);
    assert.equal(done?.outcome, 'ok');
    assert.ok((done?.bytesOut ?? 0) > 1000 && (done?.bytesIn ?? 0) > 1000);
    assert.equal(rowsOf(collector).length, 1);
    const inbound = rowsOf(collector, 'in');
    assert.equal(inbound.length, 1);
    assert.ok((inbound[0]?.bytesIn ?? 0) > 1000);
  });

  it('CONNECT: the tunnel is one call, a request inside it another, and their bytes do not count twice', async () => {
    const target = http.createServer((_req, res) => res.end('inner'));
    const targetPort = await listen(target);
    const proxy = http.createServer();
    proxy.on('connect', (_req, client) => {
      const up = net.connect(targetPort, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        up.pipe(client);
        client.pipe(up);
      });
    });
    const proxyPort = await listen(proxy);
    const req = http.request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: 'inner.example:80' });
    req.end();
    const [, socket] = (await once(req, 'connect')) as [http.IncomingMessage, net.Socket];
    await request({ host: 'inner.example', port: 80, path: '/in', createConnection: () => socket });
    socket.destroy();
    await settled();
    await close(proxy);
    await close(target);
    const [tunnel, inner] = collector.opens();
    assert.deepEqual(
      [tunnel?.method, tunnel?.host, tunnel?.port, tunnel?.path],
      ['CONNECT', 'inner.example', 80, ''],
      'the tunnel is a row of where it goes',
    );
    assert.equal(inner?.host, 'inner.example');
    for (const call of [tunnel, inner])
      assert.equal(collector.done({ call: call?.call ?? 0 })?.proxy, `127.0.0.1:${proxyPort}`);
    const conn = collector.conns().find((candidate) => candidate.for === tunnel?.call)?.conn ?? 0;
    const total = collector.done({ conn });
    const sum = [tunnel, inner].reduce(
      (bytes, open) => bytes + (collector.done({ call: open?.call ?? 0 })?.bytesOut ?? 0),
      0,
    );
    assert.equal(total?.bytesOut, sum);
    assert.equal(collector.opens('in').filter(({ method }) => method === 'CONNECT').length, 1);
  });

  it('CONNECT by an agent that takes all listeners off its request: two calls that went well, each with its bytes', async () => {
    const target = http.createServer((_req, res) => res.end('inner'));
    const targetPort = await listen(target);
    const proxy = http.createServer();
    proxy.on('connect', (_req, client) => {
      const up = net.connect(targetPort, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        up.pipe(client);
        client.pipe(up);
      });
    });
    const proxyPort = await listen(proxy);
    const req = http.request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: 'inner.example:80' });
    req.end();
    const answer = await new Promise<Answer>((resolve, reject) => {
      req.once('connect', (_res, socket: net.Socket) => {
        req.removeAllListeners();
        socket.removeAllListeners();
        request({ host: 'inner.example', port: 80, path: '/in', createConnection: () => socket }).then(resolve, reject);
      });
    });
    assert.equal(answer.body, 'inner');
    await settled();
    await close(proxy);
    await close(target);
    const [tunnel, inner] = collector.opens();
    assert.equal(tunnel?.method, 'CONNECT');
    assert.equal(inner?.host, 'inner.example');
    assert.equal(collector.done({ call: inner?.call ?? 0 })?.proxy, `127.0.0.1:${proxyPort}`);
    const [outer, done] = [tunnel, inner].map((open) => collector.done({ call: open?.call ?? 0 }));
    assert.deepEqual([outer?.outcome, outer?.status], ['ok', 200]);
    assert.equal(outer?.bytesIn, 'HTTP/1.1 200 OK\r\n\r\n'.length);
    assert.deepEqual([done?.outcome, done?.status], ['ok', 200]);
    assert.ok((done?.bytesIn ?? 0) > 60, `${done?.bytesIn}`);
    const conn = collector.conns().find((candidate) => candidate.for === tunnel?.call)?.conn ?? 0;
    const total = collector.done({ conn });
    assert.equal(total?.bytesOut, (outer?.bytesOut ?? 0) + (done?.bytesOut ?? 0));
    assert.equal(total?.bytesIn, (outer?.bytesIn ?? 0) + (done?.bytesIn ?? 0));
  });
});
