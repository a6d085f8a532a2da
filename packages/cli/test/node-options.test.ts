import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { checkNodeOptions } from '../src/doctor/check-node-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'outwitness-options-'));
after(() => rmSync(folder, { recursive: true }));
const spool = join(folder, 'data/spool');
const here = join(folder, 'outwitness/register.cjs');
const agent = join(folder, 'agent');

function found(options: string, words: string[] = []): string[] {
  return checkNodeOptions(options, 'this shell', null, [agent], spool, words).map(({ id }) => id);
}

test('without an entry of ours there is nothing to say', () => {
  assert.deepEqual(found(''), []);
  assert.deepEqual(found('--require /else/where.cjs --max-old-space-size=100'), []);
});

test('an entry that is gone is told, whatever flag names it', () => {
  for (const flag of ['--require ', '--require=', '-r ', '--import ']) {
    assert.deepEqual(found(`${flag}"${here}"`), ['entry-gone'], flag);
  }
});

test('an entry that exists is fine in front and told behind another', () => {
  mkdirSync(join(folder, 'outwitness'));
  writeFileSync(here, '');
  assert.deepEqual(found(`--require ${here} --require /else/where.cjs`), []);
  assert.deepEqual(found(`--require /else/where.cjs --require ${here}`), ['entry-not-first']);
  assert.deepEqual(found(`--import outwitness/register`), []);
});

test('the permission model is told unless it lets the agent read itself and write its spool', () => {
  const [one] = checkNodeOptions('--permission', 'this shell', null, [agent], spool);
  assert.equal(one?.id, 'permission');
  assert.equal(one.expected, `--allow-fs-read=${agent} --allow-fs-write=${spool}`);
  assert.deepEqual(found('--permission --allow-fs-read=*'), ['permission']);
  assert.deepEqual(found(`--permission --allow-fs-read=* --allow-fs-write=${join(folder, 'data')}`), []);
  assert.deepEqual(found(`--experimental-permission --allow-fs-read ${agent}/* --allow-fs-write=*`), []);
  assert.deepEqual(found(`--permission --allow-fs-read=${agent}-else --allow-fs-write=*`), ['permission']);
  assert.deepEqual(found('', ['--permission']), ['permission']);
});
