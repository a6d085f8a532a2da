import assert from 'node:assert/strict';
import dns, { lookup as namedLookup } from 'node:dns';
import { lookup as promisedLookup } from 'node:dns/promises';
import http, { get as namedGet } from 'node:http';
import net, { connect as namedConnect } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import vm from 'node:vm';
import { Collector, rowsOf, until } from './collect.ts';
import { close, ended, listen } from './local.ts';

// All of this is taken before the watcher is there.
const capturedRequest = http.request;
const capturedFetch = fetch;
// oxlint-disable-next-line typescript/unbound-method -- applied to a socket below
const capturedConnect = net.Socket.prototype.connect;
const capturedCreate = net.createConnection;
const rawBindings = process as unknown as {
  binding(name: string): {
    TCP: new (type: number) => RawHandle;
    TCPConnectWrap: new () => { oncomplete?: (status: number) => void };
  };
};
const { TCP: RawTCP, TCPConnectWrap } = rawBindings.binding('tcp_wrap');
const server = http.createServer((req, res) => req.resume().on('end', () => res.end('late')));
const oldAgent = new http.Agent({ keepAlive: true });
let port = 0;

const collector = new Collector();
let uninstall: () => void = () => undefined;

interface RawHandle {
  connect(request: object, address: string, port: number): number;
  close(): void;
}

describe('installed late', () => {
  before(async () => {
    port = await listen(server);
    await ended(http.get({ host: '127.0.0.1', port, agent: oldAgent }, (res) => res.resume()));
    const watcher = collector.install();
    uninstall = () => watcher.uninstall();
  });
  after(async () => {
    uninstall();
    await close(server);
  });
  beforeEach(() => collector.clear());

  async function oneRow(channel: string): Promise<void> {
    await until(() => rowsOf(collector).length > 0 && rowsOf(collector).every(({ outcome }) => outcome !== undefined));
    assert.deepEqual(
      rowsOf(collector).map((row) => [row.channel, row.outcome]),
      [[channel, 'ok']],
    );
  }

  it('a request function taken before', async () => {
    await ended(capturedRequest({ host: '127.0.0.1', port, agent: false }, (res) => res.resume()).end());
    await oneRow('http');
  });

  it('an ESM named import', async () => {
    await ended(namedGet({ host: '127.0.0.1', port, agent: false }, (res) => res.resume()));
    await oneRow('http');
  });

  it('a pooled socket that is older than the watcher', async () => {
    await ended(http.get({ host: '127.0.0.1', port, agent: oldAgent }, (res) => res.resume()));
    oldAgent.destroy();
    await oneRow('http');
    const [conn] = collector.conns();
    assert.equal(conn?.by, 'http');
    assert.equal(
      collector.done({ conn: conn?.conn ?? 0 })?.bytesOut,
      collector.done({ call: collector.opens()[0]?.call ?? 0 })?.bytesOut,
    );
  });

  it('a fetch taken before', async () => {
    await (await capturedFetch(`http://127.0.0.1:${port}/`)).text();
    await oneRow('undici');
  });

  it('net: a named import, createConnection and Socket.prototype.connect taken before', async () => {
    await ended(namedConnect(port, '127.0.0.1').resume().end());
    await oneRow('tcp');
    collector.clear();
    await ended(capturedCreate(port, '127.0.0.1').resume().end());
    await oneRow('tcp');
    collector.clear();
    await ended(
      (Reflect.apply(capturedConnect, new net.Socket(), [{ port, host: '127.0.0.1' }]) as net.Socket).resume().end(),
    );
    await oneRow('tcp');
  });

  it('a raw binding', async () => {
    const handle = new RawTCP(0);
    const request = new TCPConnectWrap();
    const connected = new Promise<number>((resolve) => {
      request.oncomplete = resolve;
    });
    assert.equal(handle.connect(request, '127.0.0.1', port), 0);
    assert.equal(await connected, 0);
    handle.close();
    await oneRow('tcp');
    assert.equal(collector.conns()[0]?.port, port);
  });

  it('code in a vm context and in eval', async () => {
    const script = '(net, port) => net.connect(port, "127.0.0.1").resume().end()';
    const make = vm.runInNewContext(script) as (module: typeof net, port: number) => net.Socket;
    await ended(make(net, port));
    await oneRow('tcp');
    collector.clear();
    // oxlint-disable-next-line no-eval -- what is tested
    await ended((0, eval)(script)(net, port) as net.Socket);
    await oneRow('tcp');
  });

  it('look-ups by functions taken before, by callback and by promise', async () => {
    await new Promise((resolve) => {
      namedLookup('localhost', resolve);
    });
    await oneRow('dns');
    collector.clear();
    await promisedLookup('localhost');
    await oneRow('dns');
    collector.clear();
    await dns.promises.lookupService('127.0.0.1', 22);
    await oneRow('dns');
  });
});
