import assert from 'node:assert/strict';
import dns from 'node:dns';
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Collector, callsOf, rowsOf, until } from './collect.ts';
import { close, listen, request } from './local.ts';

const collector = new Collector();
const watcher = collector.install();

describe('one call, one row', () => {
  const server = http.createServer((req, res) => {
    req.resume();
    res.end('hello');
  });
  const raw = net.createServer((socket) => {
    socket.resume().end('raw');
  });
  const resolver = dgram.createSocket('udp4');
  let port = 0;
  let rawPort = 0;
  before(async () => {
    port = await listen(server);
    rawPort = await listen(raw);
    await new Promise<void>((resolve) => {
      resolver.bind(0, '127.0.0.1', () => resolve());
    });
    resolver.on('message', (message, from) => {
      const header = Buffer.from(message.subarray(0, 12));
      header[2] = 0x81;
      header[3] = 0x80;
      header.writeUInt16BE(1, 6);
      header.writeUInt16BE(0, 10);
      const question = message.subarray(12, message.indexOf(0, 12) + 5);
      const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
      resolver.send(Buffer.concat([header, question, answer]), from.port, from.address);
    });
  });
  after(async () => {
    resolver.close();
    await close(raw);
    await close(server);
    watcher.uninstall();
  });

  it('10 keep-alive requests, 3 fetches, 1 net.connect and 1 resolve4 are exactly 15 rows with their bytes', async () => {
    collector.clear();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => request({ host: '127.0.0.1', port, path: `/a/${i}?x=1`, agent })),
    );
    for (let i = 0; i < 3; i++) assert.equal(await (await fetch(`http://127.0.0.1:${port}/f/${i}`)).text(), 'hello');
    await new Promise<void>((resolve) => {
      net
        .connect(rawPort, '127.0.0.1')
        .on('close', () => resolve())
        .resume()
        .end('to raw');
    });
    const own = new dns.promises.Resolver();
    own.setServers([`127.0.0.1:${resolver.address().port}`]);
    assert.deepEqual(await own.resolve4('one.example'), ['127.0.0.1']);
    agent.destroy();
    server.closeAllConnections();
    await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));

    const rows = rowsOf(collector);
    assert.deepEqual(
      rows.map(({ what, channel }) => `${what} ${channel}`).sort(),
      [...Array<string>(10).fill('call http'), ...Array<string>(3).fill('call undici'), 'call dns', 'raw tcp'].sort(),
    );
    for (const row of rows) {
      assert.equal(row.outcome, 'ok');
      if (row.channel !== 'dns') assert.ok((row.bytesOut ?? 0) > 0 && (row.bytesIn ?? 0) > 0, JSON.stringify(row));
    }
    for (const { conn } of collector.conns()) {
      const calls = callsOf(collector, conn);
      if (calls.length === 0) continue;
      const done = collector.done({ conn });
      assert.equal(
        done?.bytesOut,
        calls.reduce((total, call) => total + (collector.done({ call })?.bytesOut ?? 0), 0),
      );
      assert.equal(
        done?.bytesIn,
        calls.reduce((total, call) => total + (collector.done({ call })?.bytesIn ?? 0), 0),
      );
    }
  });
});
