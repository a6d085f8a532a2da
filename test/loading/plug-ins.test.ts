/** The plug-ins for frameworks, as docs/guide/loading.md has them, in applications of several packages. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { installFolder } from '../../scripts/install-folder.mjs';
import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { journal } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { end, rowsOf, startCollector, startProgram } from './audited.ts';
import { FRAMEWORKS, layFrameworks } from './installed.ts';
import { recipes } from './recipe.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/plug-ins');
const HEADING = 'Plug-ins for frameworks';

before(async () => {
  assert.ok(await installFolder(FRAMEWORKS), 'the frameworks could not be installed');
});

/** Path asked for, whose route answers it. */
const ROUTES: readonly (readonly [string, string])[] = [
  ['/orders/sync', 'orders-routes'],
  ['/orders/timer', 'orders-routes'],
  ['/orders/promise', 'orders-routes'],
  ['/own', 'plugged-shop'],
  ['/throws', 'plugged-shop'],
];
/** Path of a call that a route makes, whose it is and by what that is known. */
const CALLS: Readonly<Record<string, readonly [string | undefined, string]>> = {
  '/sync': ['orders-routes', 'stack'],
  '/search': ['orders-routes', 'host'],
  '/messages': ['orders-routes', 'host'],
  '/status': ['plugged-shop', 'host'],
  '/report': ['plugged-shop', 'host'],
};
/** Nobody is on the stack of these, and whose they are does not show. */
const HOOKS = ['/health', '/events'];

const FILES = ['fastify.js', 'express.js', 'nest.cjs', 'nest-fastify.cjs', 'nest.mjs', 'nest-fastify.mjs'];

for (const node of auditedNodes()) {
  for (const file of FILES) {
    test(`${file}: what leaves off the stack is put down to the package whose route is at work, hooks of others are not (${node.name})`, async (context) => {
      using folder = temporaryFolder('plug-ins');
      await using server = await startStubServer();
      const app = layFrameworks(folder.path, FIXTURE);
      cpSync(join(app, 'packages'), join(app, 'node_modules'), { recursive: true });
      const data = join(folder.path, 'data');
      await startCollector(context, data);
      const { child, found } = await startProgram(context, [node.path, file], {
        cwd: app,
        env: { OUTWITNESS_DATA: data, OUTWITNESS_COLLECTOR: 'off', TARGET: `http://127.0.0.1:${server.port}` },
        until: /listening on (\d+)/,
      });
      for (const [path] of ROUTES) {
        const answer = await fetch(`http://127.0.0.1:${found[1]}${path}`);
        assert.equal(answer.status, path === '/throws' ? 500 : 200, path);
        await answer.arrayBuffer();
      }
      // What waits for a timer is still to come.
      for (
        const deadline = Date.now() + 10_000;
        server.requests.length < (file === 'express.js' ? 10 : 15) && Date.now() < deadline;
      )
        await new Promise((resolve) => setTimeout(resolve, 50));
      const outbound = await rowsOf(data, server.requests.length, { direction: 'out', channel: 'undici' });
      assert.equal(outbound.length, server.requests.length);
      const made = outbound.map((row) => [row.path, row.package, row.basis]);
      for (const [path, whose] of Object.entries(CALLS))
        assert.deepEqual(
          made.filter(([asked]) => asked === path),
          [[path, ...whose]],
        );
      const others = made.filter(([path = '']) => HOOKS.includes(path));
      assert.ok(others.length >= (file === 'express.js' ? 1 : 2) * ROUTES.length, JSON.stringify(made));
      for (const call of others) assert.deepEqual(call.slice(1), [undefined, 'none'], JSON.stringify(made));
      const inbound = await rowsOf(data, ROUTES.length, { direction: 'in', channel: 'http' });
      assert.deepEqual(
        inbound.map((row) => [row.package, row.basis]),
        ROUTES.map(([, whose]) => [whose, 'host']),
      );
      const hellos = (await journal(data, { kind: 'control', event: 'hello', app: 'plugged-shop' })) as {
        late?: string[];
      }[];
      assert.deepEqual(
        hellos.flatMap(({ late = [] }) => late),
        [],
      );
      await end(child);
    });
  }
}

test('the applications begin as the guide says', () => {
  const [fastify = '', nest = '', nestModules = '', express = ''] = recipes(HEADING, { data: '' });
  for (const [file, recipe] of [
    ['fastify.js', fastify],
    ['nest.cjs', nest],
    ['nest.mjs', nestModules],
    ['express.js', express],
  ] as const) {
    const text = readFileSync(join(FIXTURE, file), 'utf8');
    for (const line of recipe.trimEnd().split('\n')) assert.ok(text.includes(line), `${file} lacks ${line}`);
  }
});
