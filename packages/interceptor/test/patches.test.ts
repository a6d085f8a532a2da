import assert from 'node:assert/strict';
import dc from 'node:diagnostics_channel';
import http from 'node:http';
import net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';
import { close, ended, listen, request } from './local.ts';

const { TCP } = (
  process as unknown as {
    binding(name: string): {
      TCP: { prototype: Record<string, unknown> } & (new (type: number) => Record<string, unknown>);
    };
  }
).binding('tcp_wrap');
const cares = (process as unknown as { binding(name: string): Record<string, unknown> }).binding('cares_wrap');
const originals = {
  addRequest: (http.Agent.prototype as unknown as { addRequest: Function }).addRequest,
  fetch,
  // oxlint-disable-next-line typescript/unbound-method -- compared only
  socketConnect: net.Socket.prototype.connect,
};

describe('patches', () => {
  const collector = new Collector();
  let watcher = collector.install();
  const server = http.createServer((_req, res) => res.end('ok'));
  let port = 0;
  before(async () => {
    port = await listen(server);
  });
  after(async () => {
    watcher.uninstall();
    await close(server);
  });
  beforeEach(async () => {
    await until(() =>
      [...collector.conns(), ...collector.conns('in')].every(({ conn }) => collector.done({ conn }) !== undefined),
    );
    collector.clear();
  });

  it('a second install gives the same watcher', () => {
    assert.equal(new Collector().install(), watcher);
  });

  it('says which channels are live', () => {
    assert.deepEqual([...watcher.channels].sort(), [
      'dns',
      'http',
      'http2',
      'imap',
      'native',
      'pop3',
      'process',
      'smtp',
      'tcp',
      'tls',
      'udp',
      'undici',
      'unix',
      'websocket',
      'worker',
    ]);
    assert.equal(watcher.faults, 0);
  });

  it('wrappers keep name and length', () => {
    const now = http.Agent.prototype as unknown as { addRequest: Function };
    assert.notEqual(now.addRequest, originals.addRequest);
    assert.equal(now.addRequest.name, originals.addRequest.name);
    assert.equal(now.addRequest.length, originals.addRequest.length);
    assert.equal(net.Socket.prototype.connect.name, originals.socketConnect.name);
    assert.equal((TCP.prototype['connect'] as Function).name, 'connect');
  });

  it('a look at what it stands on finds a subscriber taken out of a channel, and tells it once', () => {
    watcher.check();
    assert.deepEqual(collector.of('hook'), []);
    const { _subscribers: list } = dc.channel('http.client.request.error') as unknown as { _subscribers: unknown[] };
    const taken = list.splice(0);
    watcher.check();
    watcher.check();
    list.push(...taken);
    assert.deepEqual(
      collector.of('hook').map(({ event, text }) => [event, text]),
      [['changed', 'nobody tells the watcher of http.client.request.error any more']],
    );
  });

  it('a locked internal cannot be replaced or redefined on its prototype, and the attempt is a record', () => {
    for (const [owner, name] of [
      [TCP.prototype, 'connect'],
      [TCP.prototype, 'close'],
      [cares, 'getaddrinfo'],
    ] as const) {
      const wrapper = owner[name];
      assert.throws(() => {
        owner[name] = () => 0;
      }, TypeError);
      assert.throws(() => Object.defineProperty(owner, name, { value: () => 0 }), TypeError);
      assert.throws(() => {
        delete owner[name];
      }, TypeError);
      assert.equal(owner[name], wrapper);
    }
    assert.deepEqual(
      collector.of('hook').map(({ event }) => event),
      ['changed', 'changed', 'changed'],
    );
  });

  it('an instance may have a method of its own, as Node gives one in cluster workers', () => {
    const handle = new TCP(0);
    const own = (): void => undefined;
    handle['close'] = own;
    assert.equal(handle['close'], own);
    assert.equal(Object.hasOwn(handle, 'close'), true);
    assert.notEqual(TCP.prototype['close'], own);
  });

  it('http.request, http.get, fetch and the agent may be replaced and put back as nock and msw do, without a hook record', async () => {
    const [get, requestBefore, fetchBefore] = [http.get, http.request, globalThis.fetch];
    http.get = (() => 'mocked') as unknown as typeof http.get;
    http.request = (() => 'mocked') as unknown as typeof http.request;
    globalThis.fetch = async () => new Response('mocked');
    assert.equal(await (await fetch('http://mock.example/')).text(), 'mocked');
    [http.get, http.request, globalThis.fetch] = [get, requestBefore, fetchBefore];
    assert.deepEqual(collector.records, []);
    await request({ host: '127.0.0.1', port });
    assert.equal(rowsOf(collector).length, 1);
  });

  it('a disabled channel falls through to the next lower one', async () => {
    watcher.setDisabled(['http', 'undici']);
    await request({ host: '127.0.0.1', port });
    await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    server.closeAllConnections();
    await until(() => rowsOf(collector).every(({ outcome }) => outcome !== undefined));
    assert.deepEqual(
      rowsOf(collector).map(({ what, channel }) => [what, channel]),
      [
        ['raw', 'tcp'],
        ['raw', 'tcp'],
      ],
    );
    assert.deepEqual(
      rowsOf(collector, 'in').map(({ what, channel }) => [what, channel]),
      [
        ['raw', 'tcp'],
        ['raw', 'tcp'],
      ],
    );
    collector.clear();
    watcher.setDisabled(['tcp', 'dns']);
    await ended(net.connect(port, '127.0.0.1').resume().end());
    assert.deepEqual(rowsOf(collector), []);
    await request({ host: '127.0.0.1', port });
    assert.equal(rowsOf(collector).length, 1);
    await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
    watcher.setDisabled([]);
  });

  it('disabled and uninstalled it records nothing; installed again it works', async () => {
    watcher.setEnabled(false);
    await request({ host: '127.0.0.1', port });
    assert.deepEqual(collector.records, []);
    watcher.setEnabled(true);
    watcher.uninstall();
    assert.equal((http.Agent.prototype as unknown as { addRequest: Function }).addRequest, originals.addRequest);
    assert.equal(globalThis.fetch, originals.fetch);
    // oxlint-disable-next-line typescript/unbound-method -- compared only
    assert.equal(net.Socket.prototype.connect, originals.socketConnect);
    await request({ host: '127.0.0.1', port });
    assert.deepEqual(collector.records, []);
    watcher = collector.install();
    await request({ host: '127.0.0.1', port });
    assert.equal(rowsOf(collector).length, 1);
  });
});
