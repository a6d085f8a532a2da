import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const entry = pathToFileURL(path.join(import.meta.dirname, `collect${path.extname(import.meta.url)}`)).href;
const major = Number(process.versions.node.split('.')[0]);
const flags = [
  '--no-warnings',
  major < 24 ? '--experimental-permission' : '--permission',
  '--allow-fs-read=*',
  ...(major >= 25 ? ['--allow-net'] : []),
];

describe('under --permission, where process.binding is refused', () => {
  it('connections and calls are seen all the same', () => {
    const script = `
      import { Collector, rowsOf, until } from ${JSON.stringify(entry)};
      import http from 'node:http'; import net from 'node:net';
      const collector = new Collector();
      const watcher = collector.install();
      const server = http.createServer((req, res) => res.end('ok')).listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        http.get({ host: '127.0.0.1', port, agent: false }, (res) => res.resume().on('close', () => {
          net.connect(port, 'localhost').on('error', () => {}).resume().end().on('close', async () => {
            server.close();
            await until(() => collector.conns().every(({ conn }) => collector.done({ conn }) !== undefined));
            console.log(JSON.stringify({ faults: watcher.faults, channels: watcher.channels, rows: rowsOf(collector).map(({ channel, outcome }) => channel + ' ' + outcome) }));
          });
        }));
      });`;
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    assert.deepEqual(JSON.parse(stdout), {
      faults: 0,
      channels: [
        'tcp',
        'smtp',
        'imap',
        'pop3',
        'unix',
        'udp',
        'tls',
        'dns',
        'http',
        'undici',
        'websocket',
        'http2',
        'process',
        'worker',
        'native',
      ],
      rows: ['http ok', 'tcp ok'],
    });
  });
});
