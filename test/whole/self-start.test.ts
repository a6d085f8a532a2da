/** With the agent alone an application finds or starts its collector. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { calls, journal, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(ROOT, 'packages/cli/register.cjs');
const APP = `(async () => {
  for (let i = 0; i < 20; i++) await (await fetch(process.env.TARGET + '/' + process.env.WHO + i)).text();
})();`;

/** Runs an application to its end, with nothing but the entry. */
async function app(
  data: string,
  server: StubServer,
  who: string,
  env: NodeJS.ProcessEnv = {},
  node = process.execPath,
): Promise<number> {
  const child = spawn(node, ['-e', APP], {
    stdio: 'inherit',
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--require ${ENTRY}`,
      OUTWITNESS_DATA: data,
      TARGET: `http://127.0.0.1:${server.port}`,
      WHO: who,
      ...env,
    },
  });
  const began = performance.now();
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
  return performance.now() - began;
}

function collectorPid(data: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(data, 'alive'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
    await sleep(100);
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

/** Waits for so many rows of calls; the collector is ended after the test. */
async function rows(context: TestContext, data: string, count: number): Promise<number> {
  const pid = await until('a collector', () => collectorPid(data));
  context.after(() => exists(pid) && process.kill(pid, 'SIGTERM'));
  await until(`${count} rows`, async () => ((await calls(data)).length >= count ? true : undefined));
  return pid;
}

async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await until('the end of the collector', () => (exists(pid) ? undefined : true));
}

test('two applications that start together have one collector, and no call is lost; one killed is started anew', async (context) => {
  using folder = temporaryFolder('self-start');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const took = await Promise.all([app(data, server, 'a'), app(data, server, 'b')]);
  assert.ok(Math.max(...took) < 10_000, `the applications took ${took.join(' and ')} ms`);
  const first = await rows(context, data, 40);
  assert.equal((await calls(data)).length, server.requests.length);
  const own = await until('the hello of the collector', async () => {
    const hellos = await journal(data, { kind: 'control', event: 'hello', app: 'outwitness' });
    return hellos.length === 0 ? undefined : hellos;
  });
  assert.deepEqual(
    own.map(({ pid }) => pid),
    [first],
  );

  await end(first, 'SIGKILL');
  // As 5 s later.
  const past = new Date(Date.now() - 6_000);
  for (const name of ['alive', 'starting']) utimesSync(join(data, name), past, past);
  await app(data, server, 'c');
  const second = await until('another collector', () =>
    collectorPid(data) === first ? undefined : collectorPid(data),
  );
  await rows(context, data, 60);
  assert.equal((await calls(data)).length, server.requests.length);
  await end(second, 'SIGTERM');
  const { exit, findings } = await verify(data);
  assert.equal(exit, 10, JSON.stringify(findings));
});

test('where no collector can be started the records stay in the spool, and one gap says why', async (context) => {
  using folder = temporaryFolder('self-start');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const [oldest] = auditedNodes();
  if (oldest?.version.startsWith('20.') === true) await app(data, server, 'a', {}, oldest.path);
  else await app(data, server, 'a', { OUTWITNESS_NODE: join(folder.path, 'missing') });
  assert.equal(collectorPid(data), undefined);
  await app(data, server, 'b');
  const pid = await rows(context, data, 40);
  const gaps = await journal(data, { kind: 'gap', event: 'degraded' });
  assert.equal(gaps.length, 1);
  await end(pid, 'SIGTERM');
});

test('OUTWITNESS_COLLECTOR=off starts none, nor does a collector that runs', async () => {
  using folder = temporaryFolder('self-start');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  await app(data, server, 'a', { OUTWITNESS_COLLECTOR: 'off' });
  writeFileSync(join(data, 'alive'), '');
  await app(data, server, 'b');
  await sleep(1_500);
  assert.equal(collectorPid(data), undefined);
  assert.equal(existsSync(join(data, 'starting')), false);
});
