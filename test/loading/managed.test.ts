/** The first line of a program as docs/guide/loading.md has it, under real frameworks. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { installFolder } from '../../scripts/install-folder.mjs';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { journal } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { end, type NetRow, rowsOf, startCollector, startProgram } from './audited.ts';
import { FRAMEWORKS, layFrameworks } from './installed.ts';
import { recipes } from './recipe.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/managed');
const HEADING = 'Managed: the first line of the program';
const NEXT = 'node_modules/next/dist/bin/next';
const [node] = auditedNodes();
const NODE = node?.path ?? process.execPath;

before(async () => {
  assert.ok(await installFolder(FRAMEWORKS), 'the frameworks could not be installed');
});

/** Inbound calls whose record is in the spool at this moment, drained or not. */
function recorded(data: string): number {
  const spool = join(data, 'spool');
  const text = readdirSync(spool).map((name) => readFileSync(join(spool, name), 'utf8'));
  return text.join('').match(/"direction":"in".*"kind":"open"/g)?.length ?? 0;
}

/** One request that is answered, one whose handler throws, one whose handler hangs. */
async function ask(port: number, data: string): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const earlier = recorded(data);
  const hello = await fetch(`${url}/hello`);
  assert.equal(await hello.text(), 'hello');
  const throws = await fetch(`${url}/throws`);
  assert.equal(throws.status, 500);
  await throws.arrayBuffer();
  const abort = new AbortController();
  const hangs = fetch(`${url}/hangs`, { signal: abort.signal });
  for (const deadline = Date.now() + 20_000; recorded(data) < earlier + 3 && Date.now() < deadline;) await sleep(50);
  assert.equal(recorded(data) - earlier, 3, 'the record of the third call while its handler hangs');
  abort.abort();
  await assert.rejects(hangs);
}

async function inbound(data: string): Promise<NetRow[]> {
  const rows = await rowsOf(data, 3, { direction: 'in', channel: 'http' });
  assert.deepEqual(
    rows.map(({ status }) => status),
    [200, 500, undefined],
  );
  return rows;
}

/** What was there before the watcher. */
async function late(data: string, app: string): Promise<string[]> {
  const hellos = (await journal(data, { kind: 'control', event: 'hello', app })) as { late?: string[] }[];
  assert.ok(hellos.length > 0);
  return hellos.flatMap((row) => row.late ?? []);
}

/** Name of the fixture, and the package that its rows name. */
const APPLICATIONS: readonly (readonly [string, string, string])[] = [
  ['express', 'managed-shop', 'stack'],
  ['fastify', 'managed-shop', 'async'],
  ['koa', 'managed-shop', 'stack'],
  ['hono', 'managed-shop', 'stack'],
  ['nest', 'managed-shop', 'async'],
  ['nest-fastify', 'managed-shop', 'stack'],
];

for (const [name, responsible, basis] of APPLICATIONS) {
  test(`${name}: three requests are three rows of the application, whatever their handlers do`, async (context) => {
    const [line = ''] = recipes(HEADING, { data: '' });
    assert.ok(
      readFileSync(join(FIXTURE, `${name}.js`), 'utf8').startsWith(line),
      'the fixture begins as the guide says',
    );
    using folder = temporaryFolder('managed');
    const data = join(folder.path, 'data');
    await startCollector(context, data);
    const { child, found } = await startProgram(context, [NODE, `${name}.js`], {
      cwd: layFrameworks(folder.path, FIXTURE),
      env: { OUTWITNESS_DATA: data, OUTWITNESS_COLLECTOR: 'off' },
      until: /listening on (\d+)/,
    });
    await ask(Number(found[1]), data);
    // Whose route of Express answered is known from Node 24 on; of one that hangs it is who listens.
    const routes = name === 'express' && Number.parseInt(node?.version ?? '', 10) >= 24;
    for (const row of await inbound(data))
      assert.deepEqual(
        [row.package, row.basis],
        [responsible, routes && row.status !== undefined ? 'host' : basis],
        `${row.status}`,
      );
    assert.deepEqual(await late(data, 'managed-shop'), []);
    await end(child);
  });
}

const LONG =
  process.env['OUTWITNESS_LONG'] === '1' ? false : 'building a Next.js application takes long: npm run test:long';

async function startNext(context: TestContext, app: string, env: NodeJS.ProcessEnv): ReturnType<typeof startProgram> {
  return startProgram(context, [NODE, join(FRAMEWORKS, NEXT), 'start', '-H', '127.0.0.1', '-p', '0'], {
    cwd: join(app, 'next'),
    env: { NEXT_TELEMETRY_DISABLED: '1', ...env },
    until: /Local: +http:\/\/127\.0\.0\.1:(\d+)[^]*Ready/,
  });
}

test('Next.js: instrumentation.js and NODE_OPTIONS', { skip: LONG, timeout: 240_000 }, async (context) => {
  const [, instrumentation = '', config = ''] = recipes(HEADING, { data: '' });
  assert.equal(readFileSync(join(FIXTURE, 'next/instrumentation.js'), 'utf8'), instrumentation);
  assert.equal(readFileSync(join(FIXTURE, 'next/next.config.mjs'), 'utf8'), config);
  using folder = temporaryFolder('managed');
  const app = layFrameworks(folder.path, FIXTURE);
  const built = spawnSync(process.execPath, [join(FRAMEWORKS, NEXT), 'build'], {
    cwd: join(app, 'next'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder.path, NEXT_TELEMETRY_DISABLED: '1' },
  });
  assert.equal(built.status, 0, built.stdout + built.stderr);

  const managed = join(folder.path, 'managed');
  await startCollector(context, managed);
  const env = { OUTWITNESS_DATA: managed, OUTWITNESS_COLLECTOR: 'off', OUTWITNESS_APP: 'managed-next' };
  const first = await startNext(context, app, env);
  await ask(Number(first.found[1]), managed);
  for (const row of await inbound(managed)) assert.deepEqual([row.package, row.basis], [undefined, 'none']);
  assert.deepEqual(await late(managed, 'managed-next'), ['socket TCPServerWrap 1']);
  await end(first.child);

  const wide = join(folder.path, 'wide');
  await startCollector(context, wide);
  const entry = join(app, 'node_modules/outwitness/register.cjs');
  const second = await startNext(context, app, { ...env, OUTWITNESS_DATA: wide, NODE_OPTIONS: `--require ${entry}` });
  await ask(Number(second.found[1]), wide);
  for (const row of await inbound(wide)) assert.deepEqual([row.package, row.basis], ['next', 'transport']);
  assert.deepEqual(await late(wide, 'managed-next'), []);
  await end(second.child);
});
