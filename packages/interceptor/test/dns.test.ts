import assert from 'node:assert/strict';
import dns from 'node:dns';
import dgram from 'node:dgram';
import net from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Collector, rowsOf, until } from './collect.ts';
import { close, ended, listen } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());

describe('dns', () => {
  const silent = dgram.createSocket('udp4');
  let server = '';
  before(async () => {
    await new Promise<void>((resolve) => {
      silent.bind(0, '127.0.0.1', () => resolve());
    });
    server = `127.0.0.1:${silent.address().port}`;
    silent.on('message', (message, from) => {
      const refused = Buffer.from(message);
      refused[2] = 0x81;
      refused[3] = 0x85;
      silent.send(refused, from.port, from.address);
    });
  });
  after(() => {
    silent.close();
  });

  it('lookup by callback, by promise and by promisify: one call each', async () => {
    await promisify(dns.lookup)('localhost');
    await dns.promises.lookup('localhost', { family: 4 });
    await new Promise((resolve) => {
      dns.lookup('localhost', 6, resolve);
    });
    assert.deepEqual(
      collector.opens().map(({ channel, host, method }) => [channel, host, method]),
      [
        ['dns', 'localhost', 'A+AAAA'],
        ['dns', 'localhost', 'A'],
        ['dns', 'localhost', 'AAAA'],
      ],
    );
    assert.ok(collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    assert.equal(collector.done({ call: collector.opens()[0]?.call ?? 0 })?.outcome, 'ok');
  });

  it('an address is looked up nowhere', async () => {
    await dns.promises.lookup('127.0.0.1');
    assert.deepEqual(collector.opens(), []);
  });

  it('the resolver’s queries by type, its server, its error', async () => {
    const resolver = new dns.Resolver();
    resolver.setServers([server]);
    const promised = new dns.promises.Resolver();
    promised.setServers([server]);
    for (const type of ['A', 'AAAA', 'TXT', 'MX', 'SRV'] as const) {
      await assert.rejects(
        promisify(
          resolver.resolve.bind(resolver) as (name: string, type: string, done: (error: Error | null) => void) => void,
        )('x.example', type),
      );
    }
    await assert.rejects(promised.resolve4('y.example'), { code: 'EREFUSED' });
    await assert.rejects(promised.reverse('127.0.0.2'));
    assert.deepEqual(
      collector.opens().map(({ method, host }) => `${method} ${host}`),
      [
        'A x.example',
        'AAAA x.example',
        'TXT x.example',
        'MX x.example',
        'SRV x.example',
        'A y.example',
        'PTR 127.0.0.2',
      ],
    );
    const [first] = collector.opens();
    assert.equal(`${first?.peerAddress}:${first?.peerPort}`, server);
    assert.deepEqual(
      [collector.done({ call: first?.call ?? 0 })?.outcome, collector.done({ call: first?.call ?? 0 })?.error],
      ['error', 'EREFUSED'],
    );
  });

  it('a name that does not exist', async () => {
    await assert.rejects(dns.promises.lookup('nowhere.invalid'));
    const done = collector.done({ call: collector.opens()[0]?.call ?? 0 });
    assert.equal(done?.outcome, 'error');
    assert.match(done?.error ?? '', /ENOTFOUND|EAI_AGAIN/);
  });

  it('the look-up of a connection is a field, what a custom lookup asks for besides is a call', async () => {
    const raw = net.createServer((socket) => socket.resume().end());
    const port = await listen(raw);
    await ended(net.connect(port, 'localhost').resume());
    await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
    assert.deepEqual(collector.opens(), []);
    assert.equal(rowsOf(collector).length, 1);
    assert.equal(collector.conns()[0]?.host, 'localhost');
    assert.ok((collector.done({ conn: collector.conns()[0]?.conn ?? 0 })?.lookupUs ?? -1) >= 0);
    collector.clear();
    const lookup = (
      name: string,
      options: dns.LookupOptions,
      done: (error: Error | null, address: string, family: number) => void,
    ): void => {
      dns.lookup(name, { ...options, all: false }, done as never);
      dns.lookup('aside.invalid', () => undefined);
    };
    await ended(net.connect({ port, host: 'localhost', family: 4, lookup: lookup }).resume());
    await until(() => collector.opens().every(({ call }) => collector.done({ call }) !== undefined));
    assert.deepEqual(
      collector.opens().map(({ host }) => host),
      ['aside.invalid'],
    );
    assert.equal(collector.conns().length, 1);
    await close(raw);
  });
});
