/** What is under way when the process ends: its bytes have left, so its row has them. */
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { after, it } from 'node:test';
import { Collector, rowsOf, until } from './collect.ts';
import { listen } from './local.ts';

const collector = new Collector();
const watcher = collector.install();
after(() => watcher.uninstall());

it('every connection and call that is under way ends with the bytes that have passed, once', async (t) => {
  const upgrading = http.createServer((req, res) => res.write('abc', () => req.resume()));
  upgrading.on('upgrade', (_req, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  const streams = http2.createServer();
  streams.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    stream.write('part');
    stream.resume();
  });
  const sockets = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('u'.repeat(60));
  });
  const [httpPort, streamPort, tcpPort] = [await listen(upgrading), await listen(streams), await listen(sockets)];
  const datagrams = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => {
    datagrams.bind(0, '127.0.0.1', resolve);
  });
  const udpPort = datagrams.address().port;

  const request = http.request({ host: '127.0.0.1', port: httpPort, path: '/post', method: 'POST', agent: false });
  request.on('error', () => undefined).write('w'.repeat(4000));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.on('error', () => undefined).resume();
  const upgrade = http.get({
    host: '127.0.0.1',
    port: httpPort,
    path: '/up',
    headers: { connection: 'upgrade', upgrade: 'echo' },
  });
  const [, tunnel] = (await once(upgrade, 'upgrade')) as [unknown, net.Socket];
  tunnel.write('t'.repeat(500));
  await once(tunnel, 'data');
  const session = http2.connect(`http://127.0.0.1:${streamPort}`);
  const stream = session.request({ ':path': '/live', ':method': 'POST' });
  stream.write('z'.repeat(3000));
  await once(stream, 'data');
  const socket = net.connect(tcpPort, '127.0.0.1');
  socket.write('y'.repeat(700));
  await once(socket, 'data');
  const sender = dgram.createSocket('udp4');
  const heard = once(datagrams, 'message');
  sender.send('v'.repeat(90), udpPort, '127.0.0.1');
  await heard;
  t.after(() => {
    for (const one of [tunnel, socket, request]) one.destroy();
    session.destroy();
    for (const one of [sender, datagrams]) one.close();
    upgrading.closeAllConnections();
    for (const one of [upgrading, streams, sockets]) one.close();
  });
  await until(() => socket.bytesWritten === 700 && rowsOf(collector, 'in').length === 5);

  watcher.end();
  const brief = (direction: 'in' | 'out'): string[] =>
    rowsOf(collector, direction)
      .map(({ channel, outcome, bytesOut, bytesIn }) => `${channel} ${outcome} ${bytesOut} ${bytesIn}`)
      .toSorted();
  const out = brief('out');
  const expected = [
    /^http aborted 4\d\d\d 1\d\d$/,
    /^http aborted 5\d\d 5\d\d$/,
    /^http2 aborted 30\d\d \d\d$/,
    /^tcp aborted 700 60$/,
    /^udp aborted 90 0$/,
  ];
  assert.equal(out.length, expected.length, out.join());
  for (const [i, pattern] of expected.entries()) assert.match(out[i] ?? '', pattern);
  assert.ok(brief('in').includes('tcp aborted 60 700'));
  assert.ok(brief('in').includes('udp aborted 0 90'));

  const written = collector.of('done').length;
  watcher.end();
  assert.equal(collector.of('done').length, written);
});
