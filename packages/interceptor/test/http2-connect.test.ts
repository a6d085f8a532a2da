import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';

const collector = new Collector();
const watcher = collector.install();

/** As `bytesBasis` `stream` counts them. */
function fields(headers: object): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}

describe('CONNECT over http2', () => {
  const server = http2.createServer({ settings: { enableConnectProtocol: true } });
  let port = 0;
  before(async () => {
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      if (headers[':path'] === '/refuse') return stream.respond({ ':status': 403 }, { endStream: true });
      stream.respond({ ':status': 200, 'x-answer': 'a' });
      stream.on('data', (data: Buffer) => stream.write(Buffer.concat([data, data])));
      stream.on('end', () => stream.end());
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  after(async () => {
    watcher.uninstall();
    await new Promise((done) => server.close(done));
  });
  beforeEach(() => collector.clear());

  interface Exchange {
    readonly sent: http2.OutgoingHttpHeaders;
    readonly answer: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;
    readonly text: string;
  }

  /** What an accepted stream echoes, twice, of 1000 bytes. */
  async function exchange(headers: http2.OutgoingHttpHeaders): Promise<Exchange> {
    const session = http2.connect(`http://localhost:${port}`);
    await once(session, 'remoteSettings');
    const stream = session.request(headers, { endStream: false });
    const [answer] = (await once(stream, 'response')) as [Exchange['answer']];
    let text = '';
    stream.setEncoding('latin1').on('data', (data: string) => (text += data));
    if (answer[':status'] === 200) stream.end('f'.repeat(1000));
    else stream.end();
    await once(stream, 'close');
    const { sentHeaders: sent } = stream;
    session.close();
    const conns = [...collector.conns(), ...collector.conns('in')];
    await until(() => conns.every(({ conn }) => collector.done({ conn }) !== undefined));
    assert.equal(watcher.faults, 0);
    return { sent, answer, text };
  }

  const SOCKET = {
    ':method': 'CONNECT',
    ':scheme': 'http',
    ':path': '/live?key=secret',
    'sec-websocket-version': '13',
  };

  it('for a WebSocket (RFC 8441) is one row of websocket on either side, with the bytes both ways', async () => {
    const authority = `localhost:${port}`;
    const { sent, answer, text } = await exchange({ ...SOCKET, ':protocol': 'websocket', ':authority': authority });
    assert.equal(text.length, 2000);
    const [asked, answered] = [fields(sent), fields(answer)];
    for (const direction of ['out', 'in'] as const) {
      const [open, ...more] = collector.opens(direction);
      assert.deepEqual(more, []);
      assert.deepEqual(
        [open?.channel, open?.scheme, open?.method, open?.host, open?.port, open?.path, open?.requestHeaders],
        ['websocket', 'ws', 'CONNECT', 'localhost', port, '/live', ['sec-websocket-version']],
      );
      const done = collector.done({ call: open?.call ?? 0 });
      assert.deepEqual(
        [done?.outcome, done?.status, done?.protocol, done?.proxy, done?.bytesBasis],
        ['ok', 200, 'ws', undefined, 'stream'],
      );
      const [out, in_] = direction === 'out' ? [done?.bytesOut, done?.bytesIn] : [done?.bytesIn, done?.bytesOut];
      assert.deepEqual([out, in_], [asked + 1000, answered + 2000], direction);
      assert.equal(rowsOf(collector, direction).length, 1);
    }
  });

  it('for a WebSocket that is refused says by what protocol it was refused', async () => {
    const { answer } = await exchange({ ...SOCKET, ':protocol': 'websocket', ':path': '/refuse' });
    assert.equal(answer[':status'], 403);
    const [open] = collector.opens();
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([open?.channel, done?.status, done?.protocol], ['websocket', 403, 'h2c']);
  });

  it('for a proxied name of another authority shows where it goes and the proxy', async () => {
    await exchange({ ...SOCKET, ':protocol': 'websocket', ':authority': 'elsewhere.example' });
    const [open] = collector.opens();
    assert.deepEqual([open?.host, open?.port], ['elsewhere.example', 80]);
    assert.equal(collector.done({ call: open?.call ?? 0 })?.proxy, `localhost:${port}`);
  });

  it('for another protocol is a row of http2 that names the protocol, if it is one', async () => {
    await exchange({ ...SOCKET, ':protocol': 'connect-udp' });
    await exchange({ ...SOCKET, ':protocol': 'canary-of-anybody' });
    const rows = collector
      .opens()
      .map(({ call, channel, scheme }) => [channel, scheme, collector.done({ call })?.protocol]);
    assert.deepEqual(rows, [
      ['http2', 'http', 'connect-udp'],
      ['http2', 'http', '{s}'],
    ]);
  });

  it('for a tunnel (RFC 9113, 8.5) shows where the tunnel goes, and the proxy', async () => {
    await exchange({ ':method': 'CONNECT', ':authority': 'behind.example:8443' });
    const [open] = collector.opens();
    assert.deepEqual(
      [open?.channel, open?.method, open?.host, open?.port],
      ['http2', 'CONNECT', 'behind.example', 8443],
    );
    const done = collector.done({ call: open?.call ?? 0 });
    assert.deepEqual([done?.proxy, done?.protocol, done?.status], [`localhost:${port}`, 'h2c', 200]);
  });

  it('for a WebSocket with that channel off is a row of http2', async () => {
    watcher.setDisabled(['websocket']);
    await exchange({ ...SOCKET, ':protocol': 'websocket' });
    watcher.setDisabled([]);
    for (const direction of ['out', 'in'] as const)
      assert.deepEqual(
        collector.opens(direction).map(({ channel, scheme }) => [channel, scheme]),
        [['http2', 'http']],
      );
  });
});
