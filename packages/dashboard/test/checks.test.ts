import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RowDetailJson } from '@outwitness/server';

import { MemoryBackend } from '../../server/test/memory/backend.ts';
import { checkRow } from '../src/record/checks.ts';

/** A row of epoch 2, and what the page says of the key of that epoch. */
async function rowOfEpoch2(): Promise<RowDetailJson> {
  const backend = new MemoryBackend();
  const { ledger } = backend;
  ledger.nextEpoch(1);
  ledger.nextEpoch(2);
  const { seq } = ledger.append({ kind: 'control', event: 'export', actor: 'cli', text: 'of epoch 2', time: 3 });
  ledger.seal(3);
  const row = await backend.row(seq);
  assert.ok(row !== null && row.key !== null);
  return row;
}

async function states(row: RowDetailJson): Promise<Record<string, string>> {
  const { checks } = await checkRow(row);
  return Object.fromEntries(checks.map(({ id, state }) => [id, state]));
}

test('follows the key of a later epoch to the row that introduced it', async () => {
  const row = await rowOfEpoch2();
  const all = await states(row);
  assert.equal(Object.keys(all).length, 6);
  assert.deepEqual(new Set(Object.values(all)), new Set(['passed']));
});

test('takes no other row for the one that introduced the key', async () => {
  const row = await rowOfEpoch2();
  const key = row.key!;
  const others: RowDetailJson['key'][] = [
    null,
    { ...key, leaf: key.leaf.replace('"epoch":2', '"epoch":1') },
    { ...key, seq: key.seq - 1 },
    { ...key, hashes: key.hashes.slice(1) },
    { ...row.genesis!, seq: 0 },
  ];
  for (const other of others) {
    const { 'epoch-key': epochKey, ...rest } = await states({ ...row, key: other });
    assert.equal(epochKey, 'failed', JSON.stringify(other));
    assert.deepEqual(new Set(Object.values(rest)), new Set(['passed']));
  }
});
