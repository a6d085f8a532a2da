import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDataDir, dataDirAt, placesOf } from '../src/data-dir.ts';

test('parts that were moved are found again without being named, and a flag goes before what is remembered', (t) => {
  const data = mkdtempSync(join(tmpdir(), 'outwitness-places-'));
  t.after(() => rmSync(data, { recursive: true }));
  assert.deepEqual(placesOf(dataDirAt({ data })), {});
  const places = { keys: '/safe/keys', checkpoints: '/safe/checkpoints.log' };
  const moved = dataDirAt({ data, ...places });
  assert.deepEqual(placesOf(moved), places);
  for (const [alive, keys] of [
    [{ places }, '/safe/keys'],
    [{ places: { keys: 'not/absolute' } }, join(data, 'keys')],
    [{ places: { keys: 1 } }, join(data, 'keys')],
    [{}, join(data, 'keys')],
  ] as const) {
    writeFileSync(join(data, 'alive'), JSON.stringify(alive));
    assert.equal(dataDirAt({ data }).keys, keys);
  }
  writeFileSync(join(data, 'alive'), JSON.stringify({ places }));
  assert.equal(dataDirAt({ data, keys: '/other' }).keys, '/other');
  assert.throws(() => createDataDir(dataDirAt({ data, keys: join(data, 'k'), checkpoints: data })), {
    code: 'data-unusable',
    message: /is a directory: expected a file/,
  });
});
