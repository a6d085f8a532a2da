import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { SpoolRecord } from '@outwitness/event';
import { withEntry } from '../src/entry.ts';
import { ENTRY, records, run } from './child.ts';
import { layout, temporary } from './layout.ts';

const CHILD = `
  const { spawnSync } = require('child_process');
  console.log(JSON.stringify(process.env));
`;

/** Runs a script under the agent, with `data` as data directory. */
async function audited(
  cwd: string,
  script: string,
  args: readonly string[] = ['--require', ENTRY],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  layout(cwd, {
    'app/package.json': { name: 'shop', version: '1.0.0' },
    'app/child.cjs': CHILD,
    'app/main.cjs': script,
  });
  const ended = await run([...args, 'app/main.cjs'], { cwd, env: { OUTWITNESS_DATA: path.join(cwd, 'data'), ...env } });
  assert.equal(ended.code, 0, ended.err);
  assert.equal(ended.err, '');
  return ended.out;
}

function opens(written: SpoolRecord[][]): string[] {
  return written
    .flat()
    .flatMap((record) =>
      record.kind === 'open' && record.channel === 'process'
        ? [`${record.package} ${record.method} ${record.path} ${record.site?.split(':')[0]}`]
        : [],
    );
}

for (const [name, args] of [
  ['by --require', ['--require', ENTRY]],
  ['by a line of the application', []],
] as const) {
  test(`a Node child is watched whatever environment it is given, the agent being loaded ${name}`, async (t) => {
    const cwd = temporary(t);
    const out = await audited(
      cwd,
      `
      ${args.length === 0 ? `require(${JSON.stringify(ENTRY)});` : ''}
      const cp = require('child_process');
      const env = Object.freeze({ PATH: process.env.PATH, OWN: '1', NODE_OPTIONS: '--no-warnings' });
      const child = require.resolve('./child.cjs');
      const say = (text) => console.log(String(text).trim());
      say(cp.execFileSync(process.execPath, [child], { env }));
      say(cp.execSync('"' + process.execPath + '" ' + child, { env: {} }));
      const later = cp.fork(child, { env: {}, silent: true });
      later.stdout.on('data', say);
      later.on('close', () => cp.execFile(process.execPath, [child], { env: {} }, (_, text) => say(text)));
      `,
      args,
    );
    const children = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as NodeJS.ProcessEnv);
    assert.equal(children.length, 4);
    const data = path.join(cwd, 'data');
    for (const env of children) assert.equal(env['OUTWITNESS_DATA'], data);
    assert.equal(children[0]?.['NODE_OPTIONS'], withEntry('--no-warnings'));
    assert.equal(children[0]['OWN'], '1');
    const written = records(data);
    assert.equal(written.filter((list) => list[0]?.kind === 'hello').length, 5);
    assert.deepEqual(opens(written), [
      'shop spawn node main.cjs',
      'shop exec sh main.cjs',
      'shop fork node main.cjs',
      'shop spawn node main.cjs',
    ]);
  });
}

test('what is no Node, and what inherits the agent, keeps its environment', async (t) => {
  const cwd = temporary(t);
  const inherited = withEntry('--no-warnings');
  const out = await audited(
    cwd,
    `
    const cp = require('child_process');
    const child = require.resolve('./child.cjs');
    process.stdout.write(cp.execFileSync('/usr/bin/env', { env: { OWN: '1' } }));
    process.stdout.write(cp.execSync('/usr/bin/env | grep -v -e PWD -e _=', { env: { OWN: '2' } }));
    process.stdout.write(cp.execFileSync(process.execPath, [child]));
    process.stdout.write(JSON.stringify(process.env) + '\\n');
    `,
    [],
    { NODE_OPTIONS: inherited },
  );
  const [first, second, child = '', parent = ''] = out.trim().split('\n');
  assert.deepEqual([first, second], ['OWN=1', 'OWN=2']);
  assert.deepEqual(JSON.parse(child), JSON.parse(parent));
  assert.equal(records(path.join(cwd, 'data')).length, 2);
});

test('under --permission no environment is changed, and the child starts', async (t) => {
  const cwd = temporary(t);
  const major = Number(process.versions.node.split('.')[0]);
  const permission = major < 24 ? '--experimental-permission' : '--permission';
  const out = await audited(
    cwd,
    `
    const cp = require('child_process');
    const flags = ['--no-warnings', '${permission}', '--allow-fs-read=' + __dirname];
    process.stdout.write(cp.execFileSync(process.execPath, [...flags, require.resolve('./child.cjs')], { env: {} }));
    `,
  );
  assert.equal((JSON.parse(out) as NodeJS.ProcessEnv)['OUTWITNESS_DATA'], undefined);
  assert.deepEqual(opens(records(path.join(cwd, 'data'))), ['shop spawn node main.cjs']);
});

test(
  'the collector that the agent starts later is its own call, and is not given an agent',
  { skip: process.platform === 'win32' && 'the program that stands for Node is a shell script' },
  async (t) => {
    const cwd = temporary(t);
    const told = path.join(cwd, 'told');
    layout(cwd, {
      'bin/node': `#!/bin/sh\nenv > ${told}.part && mv ${told}.part ${told}\n`,
      'data/alive': '',
      'node_modules/outwitness/package.json': { name: 'outwitness', version: '0.0.0' },
    });
    fs.chmodSync(path.join(cwd, 'bin/node'), 0o755);
    const ended = await run(['--require', ENTRY, '-e', 'setTimeout(() => {}, 7500)'], {
      cwd,
      env: {
        OUTWITNESS_DATA: path.join(cwd, 'data'),
        OUTWITNESS_COLLECTOR: '',
        OUTWITNESS_NODE: path.join(cwd, 'bin/node'),
      },
    });
    assert.equal(ended.code, 0, ended.err);
    const written = records(path.join(cwd, 'data'));
    // The one file of a build, or the modules it is made of where only those are there.
    assert.match(opens(written).join(), /^@outwitness\/agent spawn node (?:bundle\/agent\.cjs|dist\/self-start\.js)$/);
    const environment = fs.readFileSync(told, 'utf8').split('\n');
    assert.ok(environment.includes('OUTWITNESS_COLLECTOR=off'));
    assert.ok(environment.includes('NODE_OPTIONS='));
  },
);

test(
  'a process that replaces itself has said all before, and the Node in its place is watched',
  { skip: typeof process.execve === 'function' ? false : 'this Node has no process.execve' },
  async (t) => {
    const cwd = temporary(t);
    const out = await audited(
      cwd,
      `
      process.removeAllListeners('warning');
      require('net').connect(1, '127.0.0.1').on('error', () => undefined).on('close', () => {
        process.execve(process.execPath, ['node', require.resolve('./child.cjs')], { OWN: '1' });
      });`,
      ['--no-warnings', '--require', ENTRY],
    );
    assert.equal((JSON.parse(out) as NodeJS.ProcessEnv)['OWN'], '1');
    const written = records(path.join(cwd, 'data'));
    assert.deepEqual(written.map((list) => list.map(({ kind }) => kind).join(' ')).toSorted(), [
      'hello bye',
      'hello pkg conn done open bye',
    ]);
    assert.deepEqual(opens(written), ['shop execve node main.cjs']);
  },
);

test(
  'a process that could not be replaced goes on in one more file',
  {
    skip:
      typeof process.execve === 'function' && Number(process.versions.node.split('.')[0]) >= 26
        ? false
        : 'process.execve is not there, or ends the process when it fails',
  },
  async (t) => {
    const cwd = temporary(t);
    await audited(
      cwd,
      `
      try { process.execve('/nowhere/node', ['node'], {}); } catch {}
      const { execFileSync } = require('child_process');
      execFileSync('true');
      setTimeout(() => execFileSync('true'), 50);`,
      ['--no-warnings', '--require', ENTRY],
    );
    const written = records(path.join(cwd, 'data'));
    assert.equal(written.length, 1);
    assert.equal(
      written[0]?.map(({ kind }) => kind).join(' '),
      'hello pkg open bye hello done open done open done bye',
    );
  },
);
