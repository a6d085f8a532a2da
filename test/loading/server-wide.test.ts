/** The recipes of docs/guide/loading.md that set NODE_OPTIONS, as they stand there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { chmodSync, cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { installFolder } from '../../scripts/install-folder.mjs';
import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { journal } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { collectorPid, end, rowsOf, startCollector, startProgram } from './audited.ts';
import { recipes } from './recipe.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/served');
const FRAMEWORKS = join(import.meta.dirname, 'frameworks');
const REQUESTS = 6;
const [node] = auditedNodes();
const NODE = node?.path ?? process.execPath;

function install(folder: string): string {
  const app = join(folder, 'app');
  cpSync(FIXTURE, app, { recursive: true });
  return app;
}

async function ask(port: number, count = REQUESTS): Promise<void> {
  for (let i = 0; i < count; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/${i}`);
    assert.equal(await answer.text(), 'ok\n');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Each request came in once and went on once, and each of both is a row. */
async function assertRows(data: string, server: StubServer, application: string): Promise<void> {
  const outbound = await rowsOf(data, REQUESTS, { direction: 'out', channel: 'undici' });
  const inbound = await rowsOf(data, REQUESTS, { direction: 'in', channel: 'http' });
  assert.deepEqual([outbound.length, inbound.length, server.requests.length], [REQUESTS, REQUESTS, REQUESTS]);
  for (const { app } of [...outbound, ...inbound]) assert.equal(app, application);
  for (const { package: name } of outbound) assert.equal(name, 'served-shop');
}

test('NODE_OPTIONS: the lines of the guide in a shell, and a collector that starts by itself', async (context) => {
  using folder = temporaryFolder('loading');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const [script = ''] = recipes('Any programs, by NODE_OPTIONS', { data });
  const { child, found } = await startProgram(
    context,
    ['sh', '-c', `set -e\n${script.replace('node server.js', 'exec node server.js')}`],
    {
      cwd: install(folder.path),
      env: { TARGET: `http://127.0.0.1:${server.port}`, PATH: `${dirname(NODE)}:${process.env['PATH']}` },
      until: /listening on (\d+)/,
    },
  );
  await ask(Number(found[1]));
  // On Node 20 no collector can start: it is there for the next one.
  if (Number.parseInt(node?.version ?? '', 10) < 22) await startCollector(context, data);
  else context.after(() => process.kill(collectorPid(data), 'SIGTERM'));
  await assertRows(data, server, 'served-shop');
  await end(child);
});

/** What of a unit says how to start the program. */
function started(unit: string): { command: string[]; env: NodeJS.ProcessEnv } {
  const values = (name: string): string[] =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  const env = values('Environment').map((text) => {
    const pair = text.replace(/^"(.*)"$/, '$1');
    return [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  });
  return { command: (values('ExecStart')[0] ?? '').split(' '), env: Object.fromEntries(env) as NodeJS.ProcessEnv };
}

test('systemd: what the units start, with their environment, and what systemd-analyze says of them', async (context) => {
  using folder = temporaryFolder('loading');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const units = recipes('systemd: two users, one spool', { data });
  assert.equal(units.length, 2);
  const places = units.map((unit) => join(folder.path, (/^# .*\/(\S+)/.exec(unit) ?? [])[1] ?? 'unnamed'));
  units.forEach((unit, i) => writeFileSync(places[i] ?? '', unit));
  const analyzed = spawnSync('systemd-analyze', ['verify', ...places], { encoding: 'utf8' });
  if (analyzed.error === undefined) {
    const about = analyzed.stderr.split('\n').filter((line) => places.some((place) => line.includes(place)));
    assert.deepEqual(about, [], analyzed.stderr);
  } else context.diagnostic('no systemd-analyze here: the units are only run');

  const [collector, shop] = units.map(started);
  assert.ok(collector !== undefined && shop !== undefined);
  // As this user alone: the two users are the claim `sidecar`.
  const command = collector.command.filter((word, i, all) => word !== '--for' && all[i - 1] !== '--for');
  const port = command.indexOf('--port') + 1;
  command[port] = '0';
  const running = await startProgram(context, command, { cwd: folder.path, env: collector.env, until: /report is at/ });
  const { child, found } = await startProgram(context, shop.command, {
    cwd: install(folder.path),
    env: { ...shop.env, TARGET: `http://127.0.0.1:${server.port}` },
    until: /listening on (\d+)/,
  });
  await ask(Number(found[1]));
  await assertRows(data, server, 'served-shop');
  await end(child);
  await end(running.child);
  assert.equal(running.child.exitCode, 0);
});

test('node:cluster: the workers inherit the entry, and each request is a row of the worker that served it', async (context) => {
  using folder = temporaryFolder('loading');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const port = await freePort();
  await startCollector(context, data);
  const [script = ''] = recipes('Any programs, by NODE_OPTIONS', { data });
  const { child } = await startProgram(
    context,
    ['sh', '-c', script.replace('node server.js', 'exec node cluster.js')],
    {
      cwd: install(folder.path),
      env: {
        TARGET: `http://127.0.0.1:${server.port}`,
        PORT: `${port}`,
        PATH: `${dirname(NODE)}:${process.env['PATH']}`,
      },
      until: /listening on (\d+)/,
      times: 2,
    },
  );
  await ask(port);
  await assertRows(data, server, 'served-shop');
  const served = await rowsOf(data, REQUESTS, { direction: 'in', channel: 'http' });
  for (const { pid } of served) assert.notEqual(pid, child.pid);
  await end(child);
});

/** User and group of the application: those of `nobody`, where the recipe has the image's `node`. */
const APPLICATION = { name: 'nobody', id: '65534' };
const twoUsers =
  process.platform === 'linux' && process.getuid?.() === 0
    ? spawnSync('setpriv', ['--version']).error?.message
    : 'only root on Linux may start programs as two users';

test(
  'containers: what the image and the services set and start, as two users with one directory',
  { skip: twoUsers ?? false },
  async (context) => {
    using folder = temporaryFolder('loading');
    chmodSync(folder.path, 0o755);
    await using server = await startStubServer();
    const data = join(folder.path, 'data');
    const [image = '', services = ''] = recipes('Containers', { data });
    const [, variables = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(image) ?? [];
    const env = Object.fromEntries(
      [...variables.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]),
    ) as NodeJS.ProcessEnv;
    assert.deepEqual(Object.keys(env).toSorted(), ['NODE_OPTIONS', 'OUTWITNESS_COLLECTOR', 'OUTWITNESS_DATA']);
    assert.match(image, /^USER node$/m);
    const program = JSON.parse(/^CMD (.*)$/m.exec(image)?.[1] ?? '[]') as string[];
    const command = (/^ +command: (.*)$/m.exec(services)?.[1] ?? '').split(' ');
    const user = command.indexOf('--for') + 1;
    assert.equal(command[user], 'node');
    command[user] = APPLICATION.name;
    // The service's own environment takes the entry out, as its line says.
    assert.match(services, /^ +environment: \{ NODE_OPTIONS: "" \}$/m);
    const collector = spawn(process.execPath, command.slice(1), {
      cwd: folder.path,
      env: { ...env, PATH: process.env['PATH'], NODE_OPTIONS: '' },
      stdio: 'inherit',
    });
    context.after(() => collector.kill('SIGKILL'));
    // It is quiet: from its first `alive` on the spool is the application's to write.
    for (const deadline = Date.now() + 30_000; !existsSync(join(data, 'alive')) && Date.now() < deadline;)
      await sleep(100);
    const as = ['setpriv', '--reuid', APPLICATION.id, '--regid', APPLICATION.id, '--clear-groups'];
    const { child, found } = await startProgram(context, [...as, NODE, ...program.slice(1)], {
      cwd: install(folder.path),
      env: { ...env, TARGET: `http://127.0.0.1:${server.port}` },
      until: /listening on (\d+)/,
    });
    await ask(Number(found[1]));
    await assertRows(data, server, 'served-shop');
    const own = readdirSync(join(data, 'spool')).filter((name) => name.startsWith(`${child.pid}-`));
    assert.deepEqual(
      own.map((name) => statSync(join(data, 'spool', name)).uid),
      [Number(APPLICATION.id)],
    );
    const keys = statSync(join(data, 'keys'));
    assert.deepEqual([keys.uid, keys.mode & 0o077], [0, 0]);
    await end(child);
    await end(collector);
    assert.equal(collector.exitCode, 0);
  },
);

/** What the lines of a shell export. */
function exported(script: string): NodeJS.ProcessEnv {
  return Object.fromEntries([...script.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

for (const [index, mode] of ['fork', 'cluster'].entries()) {
  test(
    `pm2, exec_mode ${mode}: the file of the guide, with two instances, reloaded`,
    { timeout: 240_000 },
    async (context) => {
      assert.ok(await installFolder(FRAMEWORKS), 'pm2 could not be installed');
      using folder = temporaryFolder('loading');
      await using server = await startStubServer();
      const data = join(folder.path, 'data');
      const app = install(folder.path);
      const port = await freePort();
      const blocks = recipes('pm2', { data });
      assert.match(blocks[index] ?? '', new RegExp(`exec_mode: '${mode}'`));
      writeFileSync(join(app, 'ecosystem.config.cjs'), blocks[index] ?? '');
      const env = {
        PATH: process.env['PATH'],
        HOME: folder.path,
        PM2_HOME: join(folder.path, 'pm2'),
        PM2_DISCRETE_MODE: 'true',
        TARGET: `http://127.0.0.1:${server.port}`,
        // Two forked instances cannot share a port: each takes any free one.
        PORT: mode === 'cluster' ? `${port}` : '0',
        ...(mode === 'cluster' ? exported(blocks[2] ?? '') : {}),
      };
      const pm2 = (...args: string[]): string => {
        const program = join(FRAMEWORKS, 'node_modules/pm2/bin/pm2');
        const ran = spawnSync(process.execPath, [program, ...args], {
          cwd: app,
          encoding: 'utf8',
          timeout: 60_000,
          env,
        });
        assert.equal(ran.status, 0, ran.stdout + ran.stderr);
        return ran.stdout;
      };
      await startCollector(context, data);
      pm2('start', 'ecosystem.config.cjs');
      try {
        const listed = pm2('jlist');
        const pids = pidsOf(listed);
        assert.deepEqual(await watched(data, pids), pids, listed);
        assert.equal(pids.size, 2);
        const half = Math.floor(REQUESTS / 2);
        if (mode === 'cluster') await ask(port, half);
        pm2('reload', 'all');
        const relisted = pm2('jlist');
        const young = pidsOf(relisted);
        assert.equal(young.size, 2);
        assert.ok(
          [...young].every((pid) => !pids.has(pid)),
          relisted,
        );
        assert.deepEqual(await watched(data, young), new Set([...pids, ...young]), relisted);
        if (mode === 'cluster') {
          await ask(port, REQUESTS - half);
          await assertRows(data, server, 'shop');
        }
      } finally {
        pm2('kill');
      }
    },
  );
}

/** What `pm2 jlist` names. */
function pidsOf(listed: string): Set<number> {
  return new Set([...listed.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid)));
}

/** Processes of the application that have said hello, waiting for these. */
async function watched(data: string, pids: ReadonlySet<number>): Promise<Set<number | undefined>> {
  for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
    const hellos = await journal(data, { kind: 'control', event: 'hello', app: 'shop' });
    const found = new Set(hellos.map(({ pid }) => pid));
    if ([...pids].every((pid) => found.has(pid)) || Date.now() > deadline) return found;
  }
}
