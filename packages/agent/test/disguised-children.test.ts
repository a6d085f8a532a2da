/** A Node child that gets no variable of ours and does not look like Node: its connection must be on record, or the record must say that it is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack } from './attack.ts';

const CHILD = "require('node:net').connect(+process.env.PORT, '127.0.0.1').end('abc');";
const FILES = {
  'child.cjs': CHILD,
  'script.js': `#!/usr/bin/env node\n${CHILD}`,
  'script.sh': '#!/bin/sh\nexec "node" child.cjs\n',
  // As an entry of ours is called, and empty.
  'outwitness/register.cjs': '',
};
const PRELUDE = `const fs = require('node:fs'), path = require('node:path'), { execFileSync, fork } = require('node:child_process');
  const env = { PORT: process.env.PORT, PATH: path.dirname(process.execPath) + ':' + process.env.PATH }, node = process.execPath;
  fs.mkdirSync('bin'); const tool = path.resolve('bin/tool');
  for (const script of ['script.js', 'script.sh']) fs.chmodSync(script, 0o755);`;

const WAYS: { readonly [way: string]: string } = {
  'a copy of Node under another name': "fs.copyFileSync(node, tool); execFileSync(tool, ['child.cjs'], { env });",
  'a link to Node under another name':
    "fs.symlinkSync(node, tool); execFileSync('./bin/tool', ['child.cjs'], { env });",
  'a link that PATH leads to':
    "fs.symlinkSync(node, tool); execFileSync('tool', ['child.cjs'], { env: { ...env, PATH: path.dirname(tool) + ':' + env.PATH } });",
  'a link named from the folder that the child begins in':
    "fs.symlinkSync(node, tool); execFileSync('./tool', ['../child.cjs'], { env, cwd: 'bin' });",
  'a script for Node': "execFileSync('./script.js', [], { env });",
  'a script for a shell that names Node': "execFileSync('./script.sh', [], { env });",
  'a shell with such a script': "execFileSync('sh', ['script.sh'], { env });",
  'env before Node': "execFileSync('env', ['X=1', node, 'child.cjs'], { env });",
  'timeout before Node': "execFileSync('timeout', ['20', node, 'child.cjs'], { env });",
  'nice and nohup before Node': "execFileSync('nice', ['nohup', node, 'child.cjs'], { env, stdio: 'ignore' });",
  'another name in its arguments': "execFileSync(node, ['child.cjs'], { argv0: 'ls', env });",
  'a preload that is called as ours':
    "execFileSync(node, ['child.cjs'], { env: { ...env, NODE_OPTIONS: '--require ' + path.resolve('outwitness/register.cjs') } });",
  'a path that begins with ours':
    "execFileSync(node, ['child.cjs'], { env: { ...env, NODE_OPTIONS: '--require ' + path.resolve('x/packages/agent/register.cjs') } });",
  'a fork without flags and variables': "fork('child.cjs', [], { execArgv: [], env });",
  'text on standard input': `execFileSync(node, ['-'], { env, input: ${JSON.stringify(CHILD)} });`,
};

for (const [way, script] of Object.entries(WAYS)) {
  test(`a Node child is watched: ${way}`, async (t) => {
    const { ended, received, rows } = await attack(t, PRELUDE + script, {
      files: { ...FILES, 'x/packages/agent/register.cjs': '' },
    });
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(received, [3]);
    assert.ok(
      rows.some((row) => /^tcp (?:shop|\(app\))$/.test(row)),
      rows.join(', '),
    );
    assert.ok(
      rows.some((row) => /^process \S+ thief$/.test(row)),
      rows.join(', '),
    );
  });
}

for (const [way, script] of Object.entries({
  'given to it': "execFileSync(node, ['child.cjs'], { env: { ...env, OUTWITNESS_DATA: path.resolve('elsewhere') } });",
  'set in this process': "process.env.OUTWITNESS_DATA = path.resolve('elsewhere'); execFileSync(node, ['child.cjs']);",
  'of the spool alone':
    "fs.mkdirSync('elsewhere', { recursive: true }); execFileSync(node, ['child.cjs'], { env: { ...env, OUTWITNESS_SPOOL: path.resolve('elsewhere') } });",
})) {
  test(`a child whose records go elsewhere is told as a gap, once: another place ${way}`, async (t) => {
    const { ended, rows, written } = await attack(t, `${PRELUDE}${script}${script}`, { files: FILES });
    assert.equal(ended.code, 0, ended.err);
    assert.deepEqual(rows, ['process node thief', 'process node thief']);
    assert.deepEqual(
      written.flatMap((one) => (one.kind === 'gap' ? [`${one.event}: ${one.text}`] : [])),
      ['not-loaded: a Node child was given another data directory: its records are not here'],
    );
  });
}

test('a child that is given the same place in another spelling is no gap', async (t) => {
  const script =
    "execFileSync(node, ['child.cjs'], { env: { ...env, OUTWITNESS_DATA: path.relative('', process.env.OUTWITNESS_DATA) } });";
  const { ended, rows, written } = await attack(t, PRELUDE + script, { files: FILES });
  assert.equal(ended.code, 0, ended.err);
  assert.deepEqual(rows.toSorted(), ['process node thief', 'tcp shop']);
  assert.ok(written.every(({ kind }) => kind !== 'gap'));
});

test('a command line that is no name of a file starts as it would, and is no fault', async (t) => {
  const { ended, rows, written } = await attack(
    t,
    "console.log(require('node:child_process').execSync('echo ' + 'x'.repeat(5000)).length);",
  );
  assert.equal(ended.code, 0, ended.err);
  assert.equal(ended.out.trim(), '5001');
  assert.deepEqual(rows, ['process sh thief']);
  assert.deepEqual(
    written.filter(({ kind }) => kind === 'gap'),
    [],
  );
});

test('what cannot be looked at starts as it would: a folder, a pipe, a name that is not there', async (t) => {
  const { ended, rows } = await attack(
    t,
    `${PRELUDE} execFileSync('mkfifo', ['pipe'], { env });
    for (const file of ['./bin', './pipe', './none', 'none']) try { execFileSync(file, [], { env }); } catch (error) { console.log(error.code); }`,
    { files: FILES },
  );
  assert.equal(ended.code, 0, ended.err);
  assert.equal(ended.out.trim(), 'EACCES EACCES ENOENT ENOENT'.replaceAll(' ', '\n'));
  assert.equal(rows.length, 5);
});
