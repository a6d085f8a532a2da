/** What the commands about destinations say of a real record: lock, run --gate, explain, diff, tail. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { type Ended, journal, outwitness, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { assertRefused } from './clear-refusal.ts';

const [node] = auditedNodes();
const NODE = node?.path ?? process.execPath;
/** Asks a name under .test as often as it is told. */
const PACKAGE = `
  const http = require('node:http');
  const lookup = (name, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
  exports.pay = (host, port) => new Promise((resolve, reject) => {
    http.get({ host, port, path: '/v1/orders', lookup, agent: false }, (res) => res.resume().on('end', resolve)).on('error', reject);
  });
`;
const APP = `
  const { pay } = require('pay-sdk');
  (async () => {
    for (const host of process.argv.slice(2)) await pay(host, Number(process.env.PORT));
    process.exitCode = Number(process.env.EXIT ?? 0);
  })();
`;

interface Shop extends AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  /** Audits the application while it asks these hosts. */
  run(options: readonly string[], hosts: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** Any other command on its record. */
  ask(...args: string[]): Promise<Ended>;
}

async function shop(manifest?: object): Promise<Shop> {
  const folder = temporaryFolder('destinations');
  const server = await startStubServer();
  const sdk = join(folder.path, 'node_modules/pay-sdk');
  mkdirSync(sdk, { recursive: true });
  const about = { name: 'pay-sdk', version: '2.0.0', ...(manifest === undefined ? {} : { egress: manifest }) };
  writeFileSync(join(sdk, 'package.json'), JSON.stringify(about));
  writeFileSync(join(sdk, 'index.js'), PACKAGE);
  writeFileSync(join(folder.path, 'package.json'), '{ "name": "till", "version": "1.0.0" }');
  writeFileSync(join(folder.path, 'app.js'), APP);
  const cwd = folder.path;
  const PORT = `${server.port}`;
  return {
    folder: cwd,
    port: server.port,
    run: async (options, hosts, env = {}) =>
      outwitness(['run', '--no-serve', '--quiet', ...options, '--', NODE, 'app.js', ...hosts], {
        cwd,
        env: { PORT, ...env },
      }),
    ask: async (...args) => outwitness(args, { cwd }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test('lock: a list is made, compared, and grows by what was looked at', async () => {
  await using till = await shop();
  assert.equal((await till.run([], ['api.pay.test'])).code, 0);
  assertRefused(await till.ask('lock', '--check'), 2, 'egress.lock', 'lock --update');
  assert.equal((await till.ask('lock', '--update')).code, 0);
  const file = join(till.folder, 'egress.lock');
  assert.equal(readFileSync(file, 'utf8'), `pay-sdk -> api.pay.test:${till.port}\n`);
  assert.equal((await till.ask('lock', '--check')).code, 0);

  await till.run([], ['api.pay.test', 'cdn.other.test']);
  const checked = await till.ask('lock', '--check');
  assert.deepEqual([checked.code, checked.stdout], [3, `+ pay-sdk -> cdn.other.test:${till.port}\n`]);
  const { stdout } = await till.ask('lock', '--check', '--json');
  assert.deepEqual(JSON.parse(stdout), {
    schemaVersion: 1,
    file,
    added: [`pay-sdk -> cdn.other.test:${till.port}`],
    gone: [],
  });
  assertRefused(await till.ask('lock'), 2, '--check', '--update');
});

test('run --gate: 0 for what the lock names, 3 for a new pair, the program’s own code before both', async () => {
  await using till = await shop();
  writeFileSync(join(till.folder, 'egress.lock'), `pay-sdk -> api.pay.test:${till.port}\n`);
  const passed = await till.run(['--gate', '--json'], ['api.pay.test']);
  assert.equal(passed.code, 0, passed.stderr);
  const judged = JSON.parse(passed.stdout) as Record<string, unknown>;
  assert.deepEqual(
    [
      judged['schemaVersion'],
      judged['passed'],
      judged['exit'],
      judged['newPairs'],
      judged['alarms'],
      judged['coverage'],
    ],
    [1, true, 0, [], [], []],
  );
  const fresh = await till.run(['--gate'], ['api.pay.test', 'cdn.other.test']);
  assert.equal(fresh.code, 3, fresh.stderr);
  assert.match(fresh.stderr, new RegExp(`new destination: pay-sdk -> cdn\\.other\\.test:${till.port}`));
  assert.equal((await till.run(['--gate'], ['cdn.other.test'], { EXIT: '7' })).code, 7);
  // What an earlier run contacted is not this run's.
  assert.equal((await till.run(['--gate'], ['api.pay.test'])).code, 0);
});

test('run --gate: 3 on an alarm, inside the learning window too', async () => {
  await using till = await shop({
    endpoints: [{ host: 'api.pay.test', paths: ['/v1/ping'], purpose: 'Counts tills' }],
  });
  writeFileSync(join(till.folder, 'egress.lock'), `pay-sdk -> api.pay.test:${till.port}\n`);
  const catalogue = {
    version: 1,
    vendors: [{ name: 'Pay Ltd', watched: true, components: [{ id: 'api', name: 'API', hosts: ['api.pay.test'] }] }],
  };
  writeFileSync(join(till.folder, 'catalogue.json'), JSON.stringify(catalogue));
  writeFileSync(join(till.folder, 'outwitness.config.json'), '{ "catalogue": "catalogue.json", "learn": 7 }');
  const ended = await till.run(['--gate', '--json'], ['api.pay.test']);
  assert.equal(ended.code, 3, ended.stderr);
  const { verdict, alarms } = JSON.parse(ended.stdout) as { verdict: string; alarms: { id: string }[] };
  assert.equal(verdict, 'alarm');
  assert.deepEqual(
    alarms.map(({ id }) => id),
    ['vendor-outside-declaration'],
  );
});

test('run --gate: 5 where nobody is watched, or a channel is off', async () => {
  await using till = await shop();
  const nobody = await till.ask('run', '--no-serve', '--gate', '--', 'true');
  assert.equal(nobody.code, 5, nobody.stderr);
  assert.match(nobody.stderr, /coverage: No process of this run was watched/);
  const off = await till.run(['--gate', '--json'], [], { OUTWITNESS_DISABLED_CHANNELS: 'udp' });
  assert.equal(off.code, 5, off.stderr);
  const { coverage } = JSON.parse(off.stdout) as { coverage: { id: string }[] };
  assert.deepEqual(
    coverage.map(({ id }) => id),
    ['disabled-channel'],
  );
});

test('explain names who contacted a host, from where, and what is declared of it', async () => {
  await using till = await shop({
    endpoints: [{ host: 'api.pay.test', purpose: 'Payments', data: ['order number'] }],
  });
  await till.run([], ['api.pay.test', 'api.pay.test', 'cdn.other.test']);
  const { code, stdout } = await till.ask('explain', `API.pay.test:${till.port}`, '--json');
  assert.equal(code, 0);
  const { host, port, events, senders } = JSON.parse(stdout) as {
    host: string;
    port: number;
    events: number;
    senders: Record<string, unknown>[];
  };
  assert.deepEqual([host, port, events, senders.length], ['api.pay.test', till.port, 2, 1]);
  const [sender = {}] = senders;
  const told = ['app', 'package', 'version', 'class', 'declared', 'purposes', 'data', 'because'].map(
    (name) => sender[name],
  );
  assert.deepEqual(told, [
    'till',
    'pay-sdk',
    '2.0.0',
    'third-party',
    'yes',
    ['Payments'],
    ['order number'],
    'the manifest of the package names it',
  ]);
  assert.match(JSON.stringify(sender['first']), /"site":"index\.js:6:\d+/);
  const other = await till.ask('explain', 'cdn.other.test');
  assert.match(other.stdout, /unclassified: neither catalogue nor manifest nor an acknowledgement names it/);
  assert.match((await till.ask('explain', 'never.test')).stdout, /never contacted/);
  assertRefused(await till.ask('explain'), 2, 'explain', 'host');
});

test('diff tells what came, went and stayed around a moment', async () => {
  await using till = await shop();
  await till.run([], ['api.pay.test', 'old.pay.test']);
  const at = (await journal(join(till.folder, '.outwitness'))).length;
  await till.run([], ['api.pay.test', 'api.pay.test', 'new.pay.test']);
  const { code, stdout } = await till.ask('diff', '--at', `${at}`, '--json');
  assert.equal(code, 0);
  const diff = JSON.parse(stdout) as {
    before: number;
    after: number;
    added: { pair: string; calls: number; firstSeq: number }[];
    gone: { pair: string; calls: number }[];
    both: { pair: string; before: { calls: number }; after: { calls: number } }[];
  };
  assert.deepEqual([diff.before, diff.after], [2, 3]);
  assert.deepEqual(
    diff.added.map(({ pair, calls }) => [pair, calls]),
    [[`pay-sdk -> new.pay.test:${till.port}`, 1]],
  );
  assert.ok((diff.added[0]?.firstSeq ?? 0) >= at);
  assert.deepEqual(
    diff.gone.map(({ pair, calls }) => [pair, calls]),
    [[`pay-sdk -> old.pay.test:${till.port}`, 1]],
  );
  const stayed = diff.both.map((one) => [one.pair, one.before.calls, one.after.calls]);
  assert.deepEqual(stayed, [[`pay-sdk -> api.pay.test:${till.port}`, 1, 2]]);
  assert.match((await till.ask('diff', '--at', `${at}`)).stdout, /^\+ pay-sdk -> new\.pay\.test:\d+ {2}1 calls/m);
  assertRefused(await till.ask('diff'), 2, '--at');
});

test('tail prints the newest rows and each that follows, until it is told to end', async () => {
  await using till = await shop();
  await till.run([], ['api.pay.test', 'api.pay.test', 'first.pay.test']);
  const data = join(till.folder, '.outwitness');
  const args = ['tail', '--data', data, '--where', 'kind=net', '--where', 'direction=out', '--where', 'channel=http'];
  const tail = startOutwitness([...args, '--json', '--lines', '1'], { cwd: till.folder });
  await tail.printed(/"host":"first\.pay\.test"/);
  await till.run([], ['second.pay.test']);
  await tail.printed(/"host":"second\.pay\.test"/);
  tail.child.kill('SIGTERM');
  const { code, stdout } = await tail.ended;
  assert.equal(code, 0);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { host: string });
  assert.deepEqual(
    rows.map(({ host }) => host),
    ['first.pay.test', 'second.pay.test'],
  );
  assert.deepEqual(rows, (await journal(data, { kind: 'net', direction: 'out', channel: 'http' })).slice(-2));

  const people = startOutwitness([...args, '--lines', '2'], { cwd: till.folder });
  await people.printed(new RegExp(`→ {2}http {2}pay-sdk {2}GET {2}second\\.pay\\.test:${till.port}/v1/orders {2}200`));
  people.child.kill('SIGINT');
  assert.equal((await people.ended).code, 0);
});
