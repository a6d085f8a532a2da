/** npm itself: its scripts, its programs and its calls to a registry, which is a server of this test. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { drained, hasItsRows, type Place, runsAlike, type Start } from './alike.ts';
import { layShop } from './installed.ts';
import { LONG } from './tried.ts';

/** Packages inside npm that stand nearest to a call to a registry. */
const OF_NPM = new Set(['npm', '@npmcli/arborist', 'pacote', 'npm-registry-fetch', 'make-fetch-happen']);

interface Registry extends AsyncDisposable {
  readonly port: number;
  readonly requests: string[];
}

/** Has one package, `thing`, whose program sends. */
async function startRegistry(folder: string): Promise<Registry> {
  const manifest = { name: 'thing', version: '1.2.3', bin: { thing: 'cli.js' } };
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest));
  const program = "#!/usr/bin/env node\nrequire(process.cwd() + '/send.cjs');\n";
  writeFileSync(join(folder, 'package/cli.js'), program, { mode: 0o755 });
  assert.equal(spawnSync('tar', ['czf', 'thing.tgz', 'package'], { cwd: folder }).status, 0);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { url = '' } = request;
    requests.push(url);
    if (url === '/thing/-/thing-1.2.3.tgz') return response.end(readFileSync(join(folder, 'thing.tgz')));
    const tarball = `http://127.0.0.1:${port}/thing/-/thing-1.2.3.tgz`;
    const versions = { '1.2.3': { ...manifest, dist: { tarball } } };
    response.statusCode = url === '/thing' ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ name: 'thing', 'dist-tags': { latest: '1.2.3' }, versions, time: {} }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { port, requests, [Symbol.asyncDispose]: close };
}

/** The file behind the `npm` of PATH. */
const NPM = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(dirname(folder), 'lib/node_modules/npm/bin/npm-cli.js'))
  .find((file) => spawnSync(process.execPath, [file, '--version']).status === 0);

for (const node of auditedNodes()) {
  test(
    `npm says and does the same, its scripts and programs are watched, and its calls to the registry are rows of its packages (${node.name})`,
    { skip: LONG || (NPM === undefined && 'no npm beside a node of PATH') },
    async (context) => {
      using folder = temporaryFolder('npm');
      await using server = await startStubServer();
      await using registry = await startRegistry(folder.path);
      const place: Place = { app: await layShop(folder.path), data: join(folder.path, 'data'), server, node };
      const asks = new Map<string, number>();
      const start = (name: string, sends: readonly string[], ...args: string[]): Start => ({
        name,
        sends,
        command: (path) => [path, NPM ?? '', ...args],
        passing: /^npm (?:error|notice) A complete log.*$/gm,
        env: {
          PATH: `${dirname(node.path)}${delimiter}${process.env['PATH']}`,
          npm_config_registry: `http://127.0.0.1:${registry.port}/`,
          npm_config_userconfig: join(folder.path, 'none'),
          npm_config_cache: join(folder.path, 'cache'),
          npm_config_update_notifier: 'false',
        },
      });
      const starts = [
        start('npm run', ['orders'], 'run', 'send'),
        start('npm exec', ['orders'], 'exec', '--yes', '--package=thing', '--', 'thing'),
        start('npm view', [], 'view', 'thing', '--json'),
        start('npm view, of what is not there', [], 'view', 'nothing', '--json'),
      ];
      for (const one of starts) {
        await context.test(`${one.name}: alike`, async () => {
          // The second run is to find no cache either.
          await runsAlike(one, place, () => {
            rmSync(join(folder.path, 'cache'), { recursive: true, force: true });
            registry.requests.length = 0;
          });
          asks.set(one.name, registry.requests.length);
        });
        rmSync(join(folder.path, 'cache'), { recursive: true, force: true });
      }
      const rows = await drained(place);
      for (const one of starts) {
        await context.test(`${one.name}: rows`, () => {
          hasItsRows(one, place, rows);
          const asked = rows.filter(
            ({ app, kind, direction, port }) =>
              app === one.name && kind === 'net' && direction === 'out' && port === registry.port,
          );
          assert.equal(asked.length, asks.get(one.name));
          assert.equal(asked.length > 0, !one.name.startsWith('npm run'));
          for (const row of asked) assert.ok(OF_NPM.has(row.package ?? ''), `${row.path} is of ${row.package}`);
        });
      }
    },
  );
}
