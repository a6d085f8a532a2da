/** Settings are changed while applications run, by editing a file. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { calls, journal, outwitness, type Row, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');
/** Calls the path that it is told on stdin, by both clients, and says when the answers are there. */
const APP = `
  const http = require('http');
  process.stdout.write('ready\\n');
  process.stdin.setEncoding('utf8').on('data', async (path) => {
    await (await fetch(process.env.TARGET + path.trim() + '?key=1')).text();
    http.get(process.env.TARGET + path.trim() + '/http?key=1', (res) => res.resume().on('end', () => process.stdout.write('done\\n')));
  });`;

interface App {
  readonly pid: number | undefined;
  /** Makes one call by fetch and one by http. */
  call(path: string): Promise<void>;
}

async function startApp(context: TestContext, data: string, server: StubServer): Promise<App> {
  const [node] = auditedNodes();
  const child = spawn(node?.path ?? process.execPath, ['-e', APP], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--require ${ENTRY}`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
      OUTWITNESS_APP: 'steered',
      TARGET: `http://127.0.0.1:${server.port}`,
    },
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const call = async (path: string): Promise<void> => {
    const done = once(child.stdout, 'data');
    child.stdin.write(path);
    await done;
  };
  return { pid: child.pid, call };
}

interface SettingsRow extends Row {
  readonly generation?: number;
  readonly enabled?: boolean;
  readonly strict?: boolean;
  readonly disabled?: readonly string[];
  readonly time: number;
  readonly actor?: string;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
  }
}

/** The rows of http and fetch calls: what a switched-off channel leaves is a row of its connection, at its end. */
async function requests(data: string): Promise<(Row & { path?: string })[]> {
  const rows: (Row & { path?: string })[] = await calls(data);
  return rows.filter(({ channel }) => channel === 'http' || channel === 'undici');
}

test('an edit of outwitness.config.json reaches every process, each answers with its own row, and calls follow it', async (context) => {
  using folder = temporaryFolder('settings');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const config = join(folder.path, 'outwitness.config.json');
  const collector = startOutwitness(['collect', '--no-serve', '--data', data, '--config', config], {
    cwd: folder.path,
  });
  context.after(() => collector.child.kill('SIGKILL'));
  writeFileSync(config, '{}');
  await until('a collector', async () =>
    (await outwitness(['status', '--data', data])).code === 0 ? true : undefined,
  );
  const apps = await Promise.all([startApp(context, data, server), startApp(context, data, server)]);
  const answers = async (): Promise<SettingsRow[]> =>
    (await journal(data, { kind: 'control', event: 'settings', app: 'steered' })) as SettingsRow[];
  /** Edits the file, waits for the answer of both processes and gives their rows. */
  const set = async (settings: object): Promise<SettingsRow[]> => {
    const before = (await answers()).length;
    const edited = Date.now();
    writeFileSync(config, JSON.stringify({ learn: 0, ...settings }));
    const rows = await until('two answers', async () => {
      const all = (await answers()).slice(before);
      return all.length >= 2 ? all : undefined;
    });
    assert.deepEqual(new Set(rows.map(({ pid }) => pid)), new Set(apps.map(({ pid }) => pid)));
    assert.equal(new Set(rows.map(({ generation }) => generation)).size, 1);
    for (const { time } of rows) assert.ok(time / 1_000 - edited < 15_000, `${time / 1_000 - edited} ms`);
    return rows;
  };
  const rowsOf = async (path: string, count: number): Promise<Row[]> => {
    const [app] = apps;
    await app?.call(path);
    return until(`${count} rows of ${path}`, async () => {
      const rows = (await calls(data)).filter((row) => (row as { path?: string }).path?.startsWith(path) === true);
      return rows.length >= count ? rows : undefined;
    });
  };

  assert.deepEqual(new Set((await rowsOf('/open', 2)).map(({ channel }) => channel)), new Set(['http', 'undici']));

  const [disabled] = await set({ disabledChannels: ['undici'] });
  assert.deepEqual(disabled?.disabled, ['undici']);
  assert.deepEqual(
    (await rowsOf('/channel', 1)).map(({ channel }) => channel),
    ['http'],
  );

  const [strict] = await set({ strict: true });
  assert.equal(strict?.strict, true);
  await apps[0]?.call('/strictly');
  const strictly = await until('five requests on record', async () => {
    const rows = await requests(data);
    return rows.length >= 5 ? rows.slice(3) : undefined;
  });
  assert.deepEqual(
    strictly.map(({ path }) => path),
    ['/{s}', '/{s}/{s}'],
  );

  const [off] = await set({ enabled: false });
  assert.equal(off?.enabled, false);
  const recorded = (await requests(data)).length;
  await apps[0]?.call('/unseen');
  // Another change while it is off is no second gap.
  await set({ enabled: false, strict: true });
  const gaps = await journal(data, { kind: 'gap', event: 'disabled', app: 'steered' });
  assert.deepEqual(new Set(gaps.map(({ pid }) => pid)), new Set(apps.map(({ pid }) => pid)));
  assert.equal(gaps.length, 2);
  const [on] = await set({});
  assert.equal(on?.enabled, true);
  await rowsOf('/search', 2);
  assert.equal((await requests(data)).length, recorded + 2);

  const file = join(data, 'agent.json');
  const known = JSON.parse(readFileSync(file, 'utf8')) as { generation: number };
  writeFileSync(file, JSON.stringify({ ...known, enabled: false }));
  const foreign = await until('a row with actor unknown', async () => {
    const rows = await journal(data, { kind: 'control', event: 'settings', actor: 'unknown' });
    return rows.length > 0 ? rows : undefined;
  });
  assert.equal(foreign.length, 1);
  await until('agent.json written again', async () => {
    const { enabled, generation } = JSON.parse(readFileSync(file, 'utf8')) as { enabled: boolean; generation: number };
    return enabled && generation > known.generation ? true : undefined;
  });
  const report = await outwitness(['report', '--json', '--data', data]);
  const { reasons } = JSON.parse(report.stdout) as { reasons: { id: string; severity: string; count: number }[] };
  assert.deepEqual(
    reasons.filter(({ id }) => id === 'settings-changed').map(({ severity, count }) => [severity, count]),
    [['attention', 1]],
  );
});

/** A primary with two workers of node:cluster, each of the three with a thread; the workers end with the primary. */
const MANY = `
  const cluster = require('cluster');
  const { Worker, isMainThread } = require('worker_threads');
  if (isMainThread) new Worker(__filename);
  if (cluster.isPrimary && isMainThread) { cluster.fork(); cluster.fork(); }
  console.log('ready');
  setInterval(() => {}, 1000);
`;
const WRITERS = 6;

test('an edit reaches workers of node:cluster and threads too: each answers with process, thread and generation', async (context) => {
  using folder = temporaryFolder('settings');
  const data = join(folder.path, 'data');
  const config = join(folder.path, 'outwitness.config.json');
  writeFileSync(config, '{}');
  const collector = startOutwitness(['collect', '--data', data, '--config', config], { cwd: folder.path });
  context.after(() => collector.child.kill('SIGKILL'));
  await collector.printed(/the report is at/);
  const file = join(folder.path, 'many.cjs');
  writeFileSync(file, MANY);
  const [node] = auditedNodes();
  const child = spawn(node?.path ?? process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--require ${ENTRY}`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
      OUTWITNESS_APP: 'many',
    },
  });
  context.after(() => child.kill('SIGKILL'));
  const rows = async (event: string): Promise<(SettingsRow & { thread?: number })[]> =>
    (await journal(data, { kind: 'control', event, app: 'many' })) as (SettingsRow & { thread?: number })[];
  const who = (all: readonly (Row & { thread?: number })[]): Set<string> =>
    new Set(all.map(({ pid, thread = 0 }) => `${pid}/${thread === 0 ? 'main' : 'thread'}`));
  const hellos = await until(`${WRITERS} hellos`, async () => {
    const all = await rows('hello');
    return who(all).size >= WRITERS ? all : undefined;
  });
  const writers = who(hellos);
  assert.deepEqual([writers.size, new Set(hellos.map(({ pid }) => pid)).size], [WRITERS, 3]);

  const changes = [
    { settings: { disabledChannels: ['undici'] }, says: ['disabled', ['undici']] },
    { settings: { strict: true }, says: ['strict', true] },
    { settings: { enabled: false }, says: ['enabled', false] },
    { settings: {}, says: ['enabled', true] },
  ] as const;
  for (const { settings, says } of changes) {
    const before = Math.max(...(await rows('settings')).map(({ generation = 0 }) => generation));
    const edited = Date.now();
    writeFileSync(config, JSON.stringify(settings));
    const answers = await until(`${WRITERS} answers to ${JSON.stringify(settings)}`, async () => {
      const all = (await rows('settings')).filter(({ generation = 0 }) => generation > before);
      return who(all).size >= WRITERS ? all : undefined;
    });
    assert.equal(answers.length, WRITERS, 'one answer each');
    assert.deepEqual(who(answers), writers);
    assert.equal(new Set(answers.map(({ generation }) => generation)).size, 1);
    for (const answer of answers) assert.deepEqual(answer[says[0]], says[1]);
    const took = answers.map(({ time }) => time / 1_000 - edited);
    context.diagnostic(`${JSON.stringify(settings)}: the slowest of ${WRITERS} answered after ${Math.max(...took)} ms`);
  }
});
