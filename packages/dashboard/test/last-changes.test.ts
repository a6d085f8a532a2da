import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lastChangeOf, settingsRows, whoIs } from '../src/settings/last-changes.ts';

const row = (seq: number, actor: string, text: string) => ({
  seq,
  rowHash: 'ab'.repeat(32),
  leaf: JSON.stringify({ time: 1_700_000_000_000_000 + seq, actor, text }),
});
const ROWS = settingsRows([
  row(9, 'unknown', 'agent.json was changed or removed by somebody else and is written again'),
  row(7, 'admin', 'strict false → true, hosts [] → ["learn.example","a, learn 1 → 2"], by eve'),
  { seq: 6, rowHash: '', leaf: null },
  row(5, 'cli', 'learn 7 → 3'),
  row(4, 'collector', 'settings of generation 2 are in force'),
]);

test('the newest row of a setting says who changed it, and a row whose text was erased says nothing', () => {
  assert.equal(ROWS.length, 4);
  assert.equal(lastChangeOf('strict', ROWS)?.seq, 7);
  assert.equal(lastChangeOf('hosts', ROWS)?.seq, 7);
  assert.equal(lastChangeOf('retention', ROWS), undefined);
  assert.equal(lastChangeOf('disabled', ROWS), undefined);
});

test('a value that reads like another setting is taken for none', () => {
  assert.equal(lastChangeOf('learn', ROWS)?.seq, 5);
});

test('who did it is told by name where there is one', () => {
  assert.deepEqual(ROWS.map(whoIs), ['somebody unknown', 'eve (admin)', 'the command line', 'the settings file']);
});
