import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';

interface RawUdp {
  bind(address: string, port: number, flags: number): number;
  send(request: object, list: Buffer[], count: number, port: number, address: string, callback: boolean): number;
  close(): void;
}
const raw = process as unknown as {
  binding(name: string): { UDP: new () => RawUdp; SendWrap: new () => object };
};

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());
beforeEach(() => collector.clear());

function bound(socket: dgram.Socket, address: string): Promise<number> {
  return new Promise((resolve) => {
    socket.bind(0, address, () => resolve(socket.address().port));
  });
}
function closed(socket: dgram.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
function sent(
  socket: dgram.Socket,
  text: string,
  ...to: [number, string?] | []
): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    // oxlint-disable-next-line typescript/unbound-method -- applied to its own socket
    Reflect.apply(socket.send, socket, [text, ...to, (error: NodeJS.ErrnoException | null) => resolve(error)]);
  });
}
const brief = (direction: 'in' | 'out' = 'out') =>
  rowsOf(collector, direction).map(({ channel, host, port, outcome, bytesOut, bytesIn }) =>
    [channel, host, port, outcome, bytesOut, bytesIn].join(' '),
  );

describe('udp', () => {
  const server = dgram.createSocket('udp4');
  const heard: string[] = [];
  let port = 0;
  before(async () => {
    port = await bound(server, '127.0.0.1');
    server.on('message', (message, from) => {
      heard.push(String(message));
      if (String(message).startsWith('echo')) server.send(message, from.port, from.address);
    });
  });
  after(() => server.close());

  it('datagrams of one socket to one destination are one row with their bytes summed, written before the first leaves', async () => {
    const socket = dgram.createSocket('udp4');
    await sent(socket, 'one', port, '127.0.0.1');
    assert.deepEqual(
      collector.intents.map(({ kind }) => kind),
      ['conn'],
    );
    await sent(socket, 'three', port, '127.0.0.1');
    socket.send([Buffer.from('a'), Buffer.from('bc')], port, '127.0.0.1');
    socket.send('xxyyxx', 2, 2, port, '127.0.0.1');
    const local = socket.address().port;
    await until(() => heard.includes('yy'));
    await closed(socket);
    assert.deepEqual(brief(), [`udp 127.0.0.1 ${port} ok 13 0`]);
    const [conn] = collector.conns();
    const done = collector.done({ conn: conn?.conn ?? 0 });
    assert.equal(done?.bytesBasis, 'datagram');
    assert.equal(done?.peerPort, port);
    assert.equal(done?.localPort, local);
    assert.equal(conn?.package, 'test');
  });

  it('answers count on the row of who asked; two destinations are two rows', async () => {
    const other = dgram.createSocket('udp4');
    const otherPort = await bound(other, '127.0.0.1');
    const socket = dgram.createSocket('udp4');
    const answered = new Promise((resolve) => {
      socket.once('message', resolve);
    });
    socket.send('echo!', port, '127.0.0.1');
    await answered;
    await sent(socket, 'x', otherPort, '127.0.0.1');
    await closed(socket);
    await closed(other);
    assert.deepEqual(brief(), [`udp 127.0.0.1 ${port} ok 5 5`, `udp 127.0.0.1 ${otherPort} ok 1 0`]);
  });

  it('a name stays the host of the row; its look-up is a field, not a row of its own', async () => {
    const socket = dgram.createSocket('udp4');
    await sent(socket, 'named', port, 'LOCALHOST');
    await sent(socket, 'again', port, 'localhost');
    await closed(socket);
    assert.deepEqual(brief(), [`udp localhost ${port} ok 10 0`]);
    const done = collector.done({ conn: collector.conns()[0]?.conn ?? 0 });
    assert.equal(done?.peerAddress, '127.0.0.1');
    assert.ok((done?.lookupUs ?? -1) >= 0);
  });

  it('two names of one address are two rows, each with its own bytes', async () => {
    const socket = dgram.createSocket('udp4');
    await sent(socket, 'abc', port, '127.0.0.1');
    await sent(socket, 'echo!', port, 'localhost');
    await once(socket, 'message');
    await closed(socket);
    assert.deepEqual(brief(), [`udp 127.0.0.1 ${port} ok 3 5`, `udp localhost ${port} ok 5 0`]);
  });

  it('a name that was looked up for a socket that closes before is a row that ends', async () => {
    const socket = dgram.createSocket('udp4');
    await bound(socket, '127.0.0.1');
    socket.send('late', port, 'localhost');
    await closed(socket);
    assert.deepEqual(brief(), [`udp localhost ${port} aborted 0 0`]);
  });

  it('a name that cannot be looked up is a row with outcome error', async () => {
    const socket = dgram.createSocket('udp4');
    const error = await sent(socket, 'lost', 9, 'nowhere.invalid');
    await closed(socket);
    assert.ok(error?.code);
    assert.deepEqual(
      rowsOf(collector).map(({ host, outcome }) => [host, outcome]),
      [['nowhere.invalid', 'error']],
    );
  });

  it('a connected socket: one row from connect to close, and a refusal of the peer is told', async () => {
    const socket = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => {
      socket.connect(port, 'localhost', () => resolve());
    });
    await sent(socket, 'connected');
    await closed(socket);
    assert.deepEqual(brief(), [`udp localhost ${port} ok 9 0`]);
    collector.clear();
    const gone = dgram.createSocket('udp4');
    const free = await bound(gone, '127.0.0.1');
    await closed(gone);
    const refused = dgram.createSocket('udp4');
    const failed = new Promise((resolve) => {
      refused.once('error', resolve);
    });
    refused.connect(free, '127.0.0.1', () => refused.send('anyone?'));
    await failed;
    await closed(refused);
    assert.deepEqual(
      rowsOf(collector).map(({ outcome, port: to }) => [outcome, to]),
      [['refused', free]],
    );
  });

  it('udp6, whose methods Node puts on the instance', async (t) => {
    const six = dgram.createSocket('udp6');
    const failed = new Promise<boolean>((resolve) => {
      six.once('error', () => resolve(true));
      six.bind(0, '::1', () => resolve(false));
    });
    if (await failed) return t.skip('no IPv6 on loopback');
    const socket = dgram.createSocket('udp6');
    await sent(socket, 'six', six.address().port, '::1');
    await until(() => brief('in').some((row) => row.includes('::1')));
    const to = six.address().port;
    await closed(socket);
    await closed(six);
    assert.deepEqual(brief(), [`udp ::1 ${to} ok 3 0`]);
    assert.deepEqual(
      brief('in').filter((row) => row.includes('::1')),
      [`udp ::1 ${to} ok 0 3`],
    );
  });

  it('multicast and broadcast have the group as their host', async () => {
    const socket = dgram.createSocket('udp4');
    await bound(socket, '127.0.0.1');
    socket.setMulticastInterface('127.0.0.1');
    socket.setBroadcast(true);
    await sent(socket, 'group', 45_454, '239.1.2.3');
    await sent(socket, 'all', 45_454, '127.255.255.255');
    await closed(socket);
    assert.deepEqual(
      rowsOf(collector).map(({ host }) => host),
      ['239.1.2.3', '127.255.255.255'],
    );
  });

  it('what a bound socket hears is an inbound row per peer; its own answer is bytes of that row', async () => {
    const listener = dgram.createSocket('udp4', (message, from) => {
      // The row is there before the handler runs.
      assert.equal(collector.conns('in').length, 1);
      listener.send(Buffer.concat([message, message]), from.port, from.address);
    });
    const listening = await bound(listener, '127.0.0.1');
    const socket = dgram.createSocket('udp4');
    const answered = new Promise((resolve) => {
      socket.once('message', resolve);
    });
    socket.send('abc', listening, '127.0.0.1');
    await answered;
    const from = socket.address().port;
    await closed(socket);
    await closed(listener);
    assert.deepEqual(brief('in'), [`udp 127.0.0.1 ${listening} ok 6 3`]);
    assert.deepEqual(brief(), [`udp 127.0.0.1 ${listening} ok 3 6`]);
    assert.equal(collector.conns('in')[0]?.peerPort, from);
  });

  it('a raw handle without a dgram.Socket', async () => {
    const { UDP, SendWrap } = raw.binding('udp_wrap');
    const handle = new UDP();
    handle.bind('127.0.0.1', 0, 0);
    handle.send(new SendWrap(), [Buffer.from('raw')], 1, port, '127.0.0.1', false);
    handle.close();
    await until(() => heard.includes('raw'));
    assert.deepEqual(brief(), [`udp 127.0.0.1 ${port} ok 3 0`]);
  });

  it('more peers than a socket may have open at once: the oldest rows end, none is lost', async () => {
    const socket = dgram.createSocket('udp4');
    await bound(socket, '127.0.0.1');
    for (let i = 0; i < 1100; i++) socket.send('x', 20_000 + i, '127.0.0.1');
    await sent(socket, 'x', port, '127.0.0.1');
    await closed(socket);
    assert.equal(rowsOf(collector).length, 1101);
    assert.ok(rowsOf(collector).every(({ bytesOut }) => bytesOut === 1));
  });

  it('a disabled channel records nothing', async () => {
    watcher.setDisabled(['udp']);
    const socket = dgram.createSocket('udp4');
    await sent(socket, 'off', port, '127.0.0.1');
    await closed(socket);
    watcher.setDisabled([]);
    assert.deepEqual(collector.records, []);
    assert.equal(watcher.faults, 0);
  });
});
