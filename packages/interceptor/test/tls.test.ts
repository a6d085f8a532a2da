import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { after, before, beforeEach, describe, it } from 'node:test';
import { selfSigned } from './certificate.ts';
import { Collector, callsOf, rowsOf, until } from './collect.ts';
import { close, ended, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());
const made = selfSigned();

async function settled(): Promise<void> {
  await until(
    () =>
      [...collector.opens(), ...collector.opens('in')].every(({ call }) => collector.done({ call }) !== undefined) &&
      [...collector.conns(), ...collector.conns('in')].every(({ conn }) => collector.done({ conn }) !== undefined),
  );
}

describe('tls', { skip: made === undefined ? 'no openssl on this machine' : false }, () => {
  const identity = made ?? { key: '', cert: '' };
  const certSha256 =
    made === undefined ? '' : new X509Certificate(made.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  const server = https.createServer(identity, (req, res) => {
    req.resume().on('end', () => res.end('secret'.repeat(100)));
  });
  let port = 0;
  before(async () => {
    port = await listen(server);
  });
  after(() => close(server));

  it('https: plaintext bytes, the facts of TLS, one row each way', async () => {
    await request(
      { host: '127.0.0.1', port, path: '/s', servername: 'localhost', ca: identity.cert, protocol: 'https:' },
      undefined,
      https,
    );
    await settled();
    const [open] = collector.opens();
    assert.equal(open?.scheme, 'https');
    const done = collector.done({ call: open?.call ?? 0 });
    assert.equal(done?.outcome, 'ok');
    assert.equal(done?.tls, 'TLSv1.3');
    assert.equal(done?.sni, 'localhost');
    assert.equal(done?.certSha256, certSha256);
    assert.equal(rowsOf(collector).length, 1);
    assert.equal(rowsOf(collector, 'in').length, 1);
    const inbound = collector.done({ call: collector.opens('in')[0]?.call ?? 0 });
    assert.equal(inbound?.bytesIn, done?.bytesOut);
    assert.equal(inbound?.bytesOut, done?.bytesIn);
    assert.equal(collector.opens('in')[0]?.scheme, 'https');
    assert.equal(inbound?.tls, 'TLSv1.3');
    assert.ok((done?.bytesOut ?? 0) < 200, 'a handshake is no plaintext');
    const conn = collector.conns()[0];
    assert.equal(conn?.channel, 'tls');
    assert.equal(collector.done({ conn: conn?.conn ?? 0 })?.bytesIn, done?.bytesIn);
  });

  it('a certificate that is not trusted fails and is named', async () => {
    await assert.rejects(request({ host: '127.0.0.1', port, servername: 'localhost' }, undefined, https), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    await settled();
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.outcome, 'error');
    assert.equal(done?.error, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.equal(done?.certSha256, certSha256);
  });

  it('a raw tls connection is one raw row of channel tls', async () => {
    const echo = tls.createServer(identity, (socket) => socket.on('error', () => undefined).pipe(socket));
    const echoPort = await listen(echo);
    const socket = tls.connect({ host: '127.0.0.1', port: echoPort, servername: 'localhost', ca: identity.cert });
    await once(socket, 'secureConnect');
    socket.resume().end('x'.repeat(500));
    await ended(socket);
    await settled();
    await close(echo);
    const rows = rowsOf(collector);
    assert.equal(rows.length, 1);
    assert.deepEqual([rows[0]?.what, rows[0]?.channel, rows[0]?.bytesOut, rows[0]?.bytesIn], ['raw', 'tls', 500, 500]);
    const inbound = rowsOf(collector, 'in');
    assert.deepEqual([inbound[0]?.channel, inbound[0]?.bytesIn, inbound[0]?.bytesOut], ['tls', 500, 500]);
  });

  it('TLS put on top of a used connection (STARTTLS) adds to what passed before', async () => {
    const starttls = net.createServer((socket) => {
      socket.once('data', () => {
        socket.write('GO\r\n');
        new tls.TLSSocket(socket, { isServer: true, secureContext: tls.createSecureContext(identity) })
          .on('error', () => undefined)
          .resume()
          .end('bye');
      });
    });
    const plainPort = await listen(starttls);
    const plain = net.connect(plainPort, '127.0.0.1');
    plain.write('STARTTLS\r\n');
    await once(plain, 'data');
    plain.removeAllListeners('data');
    const secure = tls.connect({ socket: plain, servername: 'localhost', ca: identity.cert });
    secure.resume().end('x'.repeat(300));
    await ended(secure);
    await settled();
    await close(starttls);
    const conn = collector.done({ conn: collector.conns()[0]?.conn ?? 0 });
    assert.equal(conn?.tls, 'TLSv1.3');
    assert.equal(conn?.bytesOut, 'STARTTLS\r\n'.length + 300);
    assert.equal(conn?.bytesIn, 'GO\r\n'.length + 'bye'.length);
  });

  it('https through a tunnel: the bytes inside are the inner call’s, once', async () => {
    const clients: Duplex[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (_req, client) => {
      const up = net.connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        up.pipe(client).pipe(up);
      });
      up.on('error', () => client.destroy());
      client.on('error', () => up.destroy());
      clients.push(client);
    });
    const proxyPort = await listen(proxy);
    const connect = http.request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: 'inner.example:443' });
    connect.end();
    const [, socket] = (await once(connect, 'connect')) as [http.IncomingMessage, net.Socket];
    await request(
      {
        host: 'inner.example',
        port: 443,
        path: '/',
        createConnection: () => tls.connect({ socket, servername: 'localhost', ca: identity.cert }),
      },
      undefined,
      https,
    );
    socket.destroy();
    await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    for (const client of clients) client.destroy();
    await close(proxy);
    const [tunnel, inner] = collector.opens();
    const conn = collector.conns().find((candidate) => candidate.for === tunnel?.call)?.conn ?? 0;
    assert.deepEqual(callsOf(collector, conn), [tunnel?.call, inner?.call]);
    const [tunnelDone, innerDone, connDone] = [
      collector.done({ call: tunnel?.call ?? 0 }),
      collector.done({ call: inner?.call ?? 0 }),
      collector.done({ conn }),
    ];
    assert.equal(innerDone?.outcome, 'ok');
    assert.equal(innerDone?.certSha256, certSha256);
    assert.equal(tunnelDone?.certSha256, undefined);
    assert.equal(tunnelDone?.proxy, `127.0.0.1:${proxyPort}`);
    assert.equal(connDone?.bytesIn, (tunnelDone?.bytesIn ?? 0) + (innerDone?.bytesIn ?? 0));
  });

  it('fetch over https', async () => {
    await assert.rejects(fetch(`https://127.0.0.1:${port}/`));
    await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.outcome, 'error');
    assert.equal(collector.opens()[0]?.scheme, 'https');
  });
});
