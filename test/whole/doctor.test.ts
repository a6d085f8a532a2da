/** What `outwitness doctor` says of real processes, real spools and a real collector. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { frameText, segmentName, writerName } from '@outwitness/spool';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { outwitness, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');
const APP = `fetch(process.env.TARGET).then((res) => res.text()).then(() => console.log('ready'));
  process.stdin.resume();`;

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly text: string;
  readonly expected: string;
  readonly got: string;
  readonly action: string;
  readonly pid: number | null;
}

interface Doctor {
  readonly schemaVersion: number;
  readonly agent: { readonly version: string; readonly digest: string };
  readonly collector: { readonly running: boolean; readonly pid: number };
  readonly threads: readonly {
    readonly app: string;
    readonly pid: number;
    readonly state: string;
    readonly runtime: string;
    readonly digest: string;
    readonly loaded: string;
    readonly channels: readonly { readonly channel: string; readonly state: string; readonly records: number }[];
  }[];
  readonly findings: readonly Finding[];
}

async function doctor(data: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number; seen: Doctor }> {
  const { code, stdout, stderr } = await outwitness(['doctor', '--json', '--data', data], { env });
  assert.doesNotMatch(stderr, /^\s+at /m, stderr);
  const seen = JSON.parse(stdout) as Doctor;
  for (const one of seen.findings) {
    for (const part of [one.text, one.expected, one.got, one.action]) assert.notEqual(part, '', JSON.stringify(one));
  }
  return { code, seen };
}

const ids = ({ findings }: Doctor): string[] => findings.map(({ id }) => id).toSorted();

/** An application that has made one call and waits. */
async function startApp(
  context: TestContext,
  data: string,
  target: string,
  env: NodeJS.ProcessEnv = {},
): Promise<ChildProcess & { pid: number }> {
  const [node] = auditedNodes();
  const child = spawn(node?.path ?? process.execPath, ['-e', APP], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_OPTIONS: `--require ${ENTRY}`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
      OUTWITNESS_APP: 'patient',
      TARGET: target,
      ...env,
    },
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.ok(child.pid !== undefined);
  return child as ChildProcess & { pid: number };
}

async function startCollector(context: TestContext, folder: string, data: string, settings = {}): Promise<void> {
  const config = join(folder, 'outwitness.config.json');
  writeFileSync(config, JSON.stringify(settings));
  const collector = startOutwitness(['collect', '--data', data, '--config', config], { cwd: folder });
  context.after(() => collector.child.kill('SIGKILL'));
  await collector.printed(/the report is at/);
}

test('a watched process with its collector has no findings: exit 0, and its channels have shown themselves', async (context) => {
  using folder = temporaryFolder('doctor');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  await startCollector(context, folder.path, data);
  const app = await startApp(context, data, `http://127.0.0.1:${server.port}`);
  const { code, seen } = await doctor(data);
  assert.deepEqual(ids(seen), []);
  assert.equal(code, 0);
  assert.equal(seen.schemaVersion, 1);
  assert.equal(seen.collector.running, true);
  const threads = seen.threads.filter((thread) => thread.app === 'patient');
  assert.equal(threads.length, 1);
  const [thread] = threads;
  assert.deepEqual(
    [thread?.pid, thread?.state, thread?.loaded, thread?.runtime, thread?.digest],
    [app.pid, 'live', 'require', `node/${auditedNodes()[0]?.version}`, seen.agent.digest],
  );
  const records = new Map(thread?.channels.map((one) => [one.channel, one.records]));
  assert.ok((records.get('undici') ?? 0) > 0, JSON.stringify([...records]));
  assert.equal(records.get('udp'), 0);
  const { code: textCode, stdout } = await outwitness(['doctor', '--data', data]);
  assert.equal(textCode, 0);
  assert.match(stdout, new RegExp(`patient {2}process ${app.pid}, thread 0, live`));
});

test('a directory that is not there is a finding: exit 3', async () => {
  using folder = temporaryFolder('doctor');
  const { code, seen } = await doctor(join(folder.path, 'none'));
  assert.equal(code, 3);
  assert.deepEqual(ids(seen), ['no-process', 'spool-missing']);
});

test('nobody is watched: exit 5', async (context) => {
  using folder = temporaryFolder('doctor');
  const data = join(folder.path, 'data');
  await startCollector(context, folder.path, data);
  const { code, seen } = await doctor(data);
  assert.deepEqual(ids(seen), ['no-process']);
  assert.equal(code, 5);
});

test('a switched-off channel and something loaded before the entry are gaps of coverage: exit 5', async (context) => {
  using folder = temporaryFolder('doctor');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const first = join(folder.path, 'first.cjs');
  writeFileSync(first, '');
  await startCollector(context, folder.path, data, { disabledChannels: ['dns', 'udp'] });
  const options = { NODE_OPTIONS: `--require ${first} --require ${ENTRY}` };
  const app = await startApp(context, data, `http://127.0.0.1:${server.port}`, options);
  const { code, seen } = await doctor(data);
  const expected = process.platform === 'linux' ? ['channel-disabled', 'entry-not-first'] : ['channel-disabled'];
  assert.deepEqual(ids(seen), expected);
  assert.equal(code, 5);
  for (const { pid } of seen.findings) assert.equal(pid, app.pid);
  assert.match(seen.findings.find(({ id }) => id === 'channel-disabled')?.got ?? '', /dns, udp/);
});

test('a process that stopped is silent, and without a collector records wait: exit 3', async (context) => {
  using folder = temporaryFolder('doctor');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const app = await startApp(context, data, `http://127.0.0.1:${server.port}`);
  app.kill('SIGSTOP');
  const spool = join(data, 'spool');
  const past = new Date(Date.now() - 60_000);
  for (const name of readdirSync(spool)) utimesSync(join(spool, name), past, past);
  chmodSync(spool, 0o777);
  const { code, seen } = await doctor(data);
  assert.deepEqual(ids(seen), ['agent-silent', 'collector-not-running', 'spool-mode']);
  assert.equal(code, 3);
});

test('an agent of another version and one with other files are told apart', async (context) => {
  using folder = temporaryFolder('doctor');
  const data = join(folder.path, 'data');
  await startCollector(context, folder.path, data);
  const { seen: before } = await doctor(data);
  const hello = (version: string, digest: string, random: string): void => {
    const startMs = Date.now();
    const record = {
      agent: version,
      app: 'stranger',
      channels: ['http'],
      digest,
      kind: 'hello',
      loaded: 'require',
      n: 0,
      pid: process.pid,
      runtime: 'node/24.0.0',
      segment: 0,
      thread: 0,
      time: startMs * 1_000,
      v: 1,
    };
    const name = segmentName(writerName(process.pid, 0, startMs, random), 0);
    const payload = JSON.stringify(record);
    writeFileSync(join(data, 'spool', name), frameText(payload, Buffer.byteLength(payload)));
  };
  hello('0.0.1', before.agent.digest, '0000000a');
  hello(before.agent.version, 'ab'.repeat(32), '0000000b');
  const { code, seen } = await doctor(data);
  assert.equal(code, 3);
  assert.deepEqual(ids(seen), ['agent-digest', 'agent-version']);
});

test(
  'a process that was told to be watched and is not: exit 5',
  { skip: process.platform === 'linux' ? false : 'only Linux shows the environment of a process' },
  async (context) => {
    using folder = temporaryFolder('doctor');
    await using server = await startStubServer();
    const data = join(folder.path, 'data');
    const entry = join(folder.path, 'outwitness/register.cjs');
    mkdirSync(join(folder.path, 'outwitness'));
    writeFileSync(entry, '');
    await startCollector(context, folder.path, data);
    const target = `http://127.0.0.1:${server.port}`;
    await startApp(context, data, target);
    const unwatched = await startApp(context, data, target, { NODE_OPTIONS: `--require ${entry}` });
    await sleep(5_500); // younger ones may be about to say hello
    const { code, seen } = await doctor(data);
    assert.deepEqual(ids(seen), ['not-watched']);
    assert.equal(seen.findings[0]?.pid, unwatched.pid);
    assert.equal(code, 5);
  },
);
