import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { withEntry } from '../src/entry.ts';
import { ENTRY, FIXTURES, notes, PACKAGE, records, run } from './child.ts';
import { layout, temporary } from './layout.ts';

const fixture = (name: string): string => path.join(FIXTURES, name);

for (const [loaded, args, env] of [
  ['require', ['--require', ENTRY], {}],
  ['require', [], { NODE_OPTIONS: withEntry('--no-warnings') }],
  ['import', ['--import', pathToFileURL(path.join(PACKAGE, 'register.js')).href], {}],
] as const) {
  test(`the agent by ${loaded} ${JSON.stringify(env)} writes hello, the calls with their package, and bye`, async (t) => {
    const cwd = temporary(t);
    layout(cwd, {
      'app/package.json': {
        name: 'shop',
        version: '1.0.0',
        author: 'Ann <a@example.com>',
        egress: { endpoints: [] },
      },
    });
    fs.copyFileSync(fixture('calls.cjs'), path.join(cwd, 'app/calls.cjs'));
    const ended = await run([...args, 'app/calls.cjs'], { cwd, env });
    assert.deepEqual({ ...ended }, { code: 0, signal: null, out: 'hello\n', err: '' });
    const [written = [], ...others] = records(path.join(cwd, '.outwitness'));
    assert.equal(others.length, 0);
    const hello = written[0];
    assert.ok(hello?.kind === 'hello');
    assert.equal(hello.app, 'shop');
    assert.equal(hello.script, 'calls.cjs');
    assert.equal(hello.loaded, loaded);
    assert.deepEqual(hello.late, []);
    assert.match(hello.digest ?? '', /^[0-9a-f]{64}$/);
    const pkg = written.find(({ kind }) => kind === 'pkg');
    assert.ok(pkg?.kind === 'pkg');
    assert.deepEqual(
      [pkg.package, pkg.packageVersion, pkg.packageAuthor, pkg.manifest],
      ['shop', '1.0.0', 'Ann', '{"endpoints":[]}'],
    );
    const out = written.filter((record) => record.kind === 'open' && record.direction === 'out');
    assert.deepEqual(
      out.map((record) => record.kind === 'open' && [record.channel, record.path, record.package, record.queryKeys]),
      [
        ['http', '/orders/{n}', 'shop', ['key']],
        ['undici', '/status', 'shop', []],
      ],
    );
    assert.ok(!JSON.stringify(written).includes('SECRETVALUE'));
    const bye = written.at(-1);
    assert.ok(bye?.kind === 'bye' && bye.reason === 'exit' && bye.code === 0 && bye.faults === 0);
    assert.equal(bye.records, written.length);
  });
}

test('under the permission model, with the spool writable, records are written: the file keeps the mode that the umask leaves', async (t) => {
  const cwd = temporary(t);
  const spool = path.join(cwd, '.outwitness/spool');
  fs.mkdirSync(spool, { recursive: true });
  const flag = Number.parseInt(process.versions.node, 10) < 22 ? '--experimental-permission' : '--permission';
  const before = process.umask(0o077);
  const running = run(['--no-warnings', flag, '--allow-fs-read=*', `--allow-fs-write=${spool}`, '-e', '0'], {
    cwd,
    env: { NODE_OPTIONS: withEntry(undefined) },
  });
  process.umask(before);
  assert.deepEqual({ ...(await running) }, { code: 0, signal: null, out: '', err: '' });
  const kinds = records(path.join(cwd, '.outwitness')).flatMap((written) => written.map(({ kind }) => kind));
  assert.equal(kinds[0], 'hello');
  assert.equal(kinds.at(-1), 'bye');
  const [name = ''] = fs.readdirSync(spool);
  assert.equal(fs.statSync(path.join(spool, name)).mode & 0o777, 0o600);
});

test('where no spool directory can be made the application runs all the same', async (t) => {
  const cwd = temporary(t);
  fs.writeFileSync(path.join(cwd, 'file'), '');
  for (const data of [path.join(cwd, 'file'), '/proc/nothing', '/dev/null/x']) {
    const ended = await run(['--require', ENTRY, fixture('calls.cjs')], {
      cwd,
      env: { OUTWITNESS_DATA: data },
    });
    assert.deepEqual({ ...ended }, { code: 0, signal: null, out: 'hello\n', err: '' });
  }
});

test('the exit code and what was written last are told, however the process ends', async (t) => {
  for (const [script, code] of [
    ['process.exit(7)', 7],
    ['process.exitCode = 3', 3],
    ['throw new Error("x")', 1],
    ['Promise.reject(new Error("x"))', 1],
    ['process.exit(-1)', 255],
  ] as const) {
    const cwd = temporary(t);
    const ended = await run(['--require', ENTRY, '-e', script], { cwd });
    assert.equal(ended.code, code, script);
    const bye = records(path.join(cwd, '.outwitness'))[0]?.at(-1);
    assert.ok(bye?.kind === 'bye' && bye.code === code, script);
  }
});

test('a signal ends the process as without the agent, and no bye is made up', async (t) => {
  const cwd = temporary(t);
  const ended = await run(['--require', ENTRY, fixture('waits.cjs')], {
    cwd,
    onOut: (_, kill) => kill('SIGTERM'),
  });
  assert.equal(ended.signal, 'SIGTERM');
  assert.deepEqual(
    records(path.join(cwd, '.outwitness'))[0]?.map(({ kind }) => kind),
    ['hello'],
  );
});

test('loaded in the middle, it says so, and a second time does nothing', async (t) => {
  const cwd = temporary(t);
  const ended = await run([fixture('late.cjs')], { cwd, env: { ENTRY } });
  assert.deepEqual({ ...ended }, { code: 0, signal: null, out: '', err: '' });
  const written = records(path.join(cwd, '.outwitness'));
  assert.equal(written.length, 1);
  const hello = written[0]?.[0];
  assert.ok(hello?.kind === 'hello' && hello.loaded === 'register');
  assert.deepEqual(hello.late, ['socket TCPServerWrap 1']);
});

test('a second copy in one process does nothing and names the active one', async (t) => {
  const cwd = temporary(t);
  const copy = path.join(cwd, 'node_modules/@outwitness/agent');
  fs.mkdirSync(path.dirname(copy), { recursive: true });
  for (const name of ['event', 'interceptor', 'spool']) {
    fs.symlinkSync(path.join(PACKAGE, '..', name), path.join(cwd, 'node_modules/@outwitness', name));
  }
  for (const name of ['package.json', 'register.cjs', 'load.cjs', 'dist'])
    fs.cpSync(path.join(PACKAGE, name), path.join(copy, name), { recursive: true });
  const ended = await run([fixture('late.cjs')], {
    cwd,
    env: { ENTRY, SECOND: path.join(copy, 'register.cjs') },
  });
  assert.equal(ended.code, 0);
  assert.match(
    ended.err,
    /OUTWITNESS_SECOND_COPY.*Outwitness \d+\.\d+\.\d+ \(file:.*(?:install\.js|agent\.cjs)\) watches this process/,
  );
  assert.equal(records(path.join(cwd, '.outwitness')).length, 1);
});

test('a worker thread has a file of its own', async (t) => {
  const cwd = temporary(t);
  const ended = await run([fixture('worker.cjs')], { cwd, env: { NODE_OPTIONS: withEntry(undefined) } });
  assert.equal(ended.err, '');
  const written = records(path.join(cwd, '.outwitness'));
  const hellos = written.map(([first]) => first).filter((record) => record?.kind === 'hello');
  assert.deepEqual(hellos.map(({ loaded, thread }) => `${loaded} ${thread}`).toSorted(), ['require 0', 'worker 1']);
  const byes = written.map((list) => list.at(-1));
  assert.deepEqual(byes.map((record) => (record?.kind === 'bye' ? record.reason : '')).toSorted(), ['exit', 'worker']);
});

test(
  'the descriptor of the spool is not to be closed or truncated by the application',
  { skip: process.platform === 'linux' ? false : 'needs Linux' },
  async (t) => {
    const cwd = temporary(t);
    const ended = await run(['--require', ENTRY, fixture('descriptors.cjs')], { cwd });
    assert.equal(ended.err, '');
    assert.equal(ended.out, 'EBADF close, EBADF ftruncate, EBADF close later, EBADF ftruncate later closeSync 1 1\n');
    assert.equal(records(path.join(cwd, '.outwitness'))[0]?.at(-1)?.kind, 'bye');
  },
);

test('a change of agent.json is taken over within seconds and answered', async (t) => {
  const cwd = temporary(t);
  const data = path.join(cwd, 'data');
  layout(cwd, { 'data/agent.json': { generation: 1, strict: true } });
  const stop = path.join(cwd, 'stop');
  const ended = await run(['--require', ENTRY, fixture('waits.cjs')], {
    cwd,
    env: { OUTWITNESS_DATA: data, OUTWITNESS_APP: 'named', STOP: stop },
    onOut: () => {
      layout(cwd, { 'data/agent.json': { generation: 2, enabled: false, disabledChannels: ['dns'] } });
      setTimeout(() => fs.writeFileSync(stop, ''), 2500);
    },
  });
  assert.equal(ended.code, 0);
  const written = records(data)[0] ?? [];
  assert.ok(written[0]?.kind === 'hello' && written[0].app === 'named');
  assert.deepEqual(
    written
      .slice(1, -1)
      .map((record) =>
        record.kind === 'settings'
          ? [record.generation, record.enabled, record.strict, record.disabled]
          : record.kind === 'gap' && record.event,
      ),
    [[1, true, true, []], [2, false, false, ['dns']], 'disabled'],
  );
});

test('where the agent cannot run the application does, and a note says why', async (t) => {
  for (const [args, note] of [
    [['--require', fixture('old-node.cjs')], /^unsupported-node found v/],
    [['--no-experimental-require-module'], /^no-require-module /],
  ] as const) {
    const cwd = temporary(t);
    fs.mkdirSync(path.join(cwd, '.outwitness/spool'), { recursive: true });
    const ended = await run([...args, '--require', ENTRY, fixture('calls.cjs')], { cwd });
    assert.deepEqual([ended.code, ended.out], [0, 'hello\n']);
    const [text = '', ...more] = notes(path.join(cwd, '.outwitness'));
    assert.match(text, note);
    assert.equal(more.length, 0);
  }
});

test('where the folder of the agent is gone the application runs, and a note says so', async (t) => {
  const cwd = temporary(t);
  fs.mkdirSync(path.join(cwd, '.outwitness/spool'), { recursive: true });
  const cli = path.join(cwd, 'node_modules/outwitness');
  fs.mkdirSync(cli, { recursive: true });
  for (const name of ['register.cjs', 'register.js', 'package.json'])
    fs.copyFileSync(path.join(PACKAGE, '../cli', name), path.join(cli, name));
  const halves = path.join(cwd, 'half');
  fs.mkdirSync(halves);
  fs.copyFileSync(ENTRY, path.join(halves, 'register.cjs'));
  for (const [flag, entry] of [
    ['--require', path.join(cli, 'register.cjs')],
    ['--import', pathToFileURL(path.join(cli, 'register.js')).href],
    ['--require', path.join(halves, 'register.cjs')],
  ] as const) {
    const ended = await run([flag, entry, fixture('calls.cjs')], { cwd });
    assert.deepEqual({ ...ended }, { code: 0, signal: null, out: 'hello\n', err: '' });
  }
  const texts = notes(path.join(cwd, '.outwitness'));
  assert.equal(texts.length, 3);
  assert.equal(texts.filter((text) => text.startsWith('no-agent Cannot find module')).length, 2);
  assert.equal(texts.filter((text) => text.startsWith('MODULE_NOT_FOUND')).length, 1);
});

test('ours is put in front of NODE_OPTIONS once, with a path that may hold spaces and quotes', () => {
  assert.equal(withEntry(undefined, '/a b/"c"/register.cjs'), '--require "/a b/\\"c\\"/register.cjs"');
  const once = withEntry('--max-old-space-size=100', '/x.cjs');
  assert.equal(once, '--require "/x.cjs" --max-old-space-size=100');
  assert.equal(withEntry(once, '/x.cjs'), once);
});
