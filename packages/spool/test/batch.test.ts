import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Batch } from '../src/batch.ts';
import { Damages } from '../src/damage.ts';
import { scan, START } from '../src/scan.ts';
import { call } from './records.ts';

test('wherever a write breaks off, what follows it is readable and written, torn and lost add up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, part) => {
      const batch = new Batch();
      for (let n = 0; n < count; n++) batch.add(call(n), n, true, undefined);
      const bytes = Math.floor(batch.length * part);
      const first = Buffer.from(batch.buffer.subarray(0, bytes));
      const broken = batch.break(bytes, count);
      if (broken.torn) batch.endTornLine();
      batch.add(call(99), broken.next, true, undefined);
      const damages = new Damages();
      const file = Buffer.concat([first, batch.buffer.subarray(0, batch.length)]);
      const { records } = scan(file, START, true, damages);
      const missing = damages.list.reduce((sum, damage) => sum + damage.missing, 0);
      assert.equal(records.length, broken.written + 1);
      assert.equal(broken.written + missing + broken.rows, count);
      assert.ok(missing <= 1);
      assert.equal(records.at(-1)?.record.n, broken.next);
    }),
    { numRuns: 300 },
  );
});

test('a gap record that was not written is told again', () => {
  const batch = new Batch();
  const loss = { event: 'budget' as const, text: 'full', missing: 3, count: 4 };
  batch.add({ kind: 'gap', time: 1, ...loss }, 0, false, loss);
  batch.add(call(1), 1, true, undefined);
  const broken = batch.break(10, 2);
  assert.deepEqual(broken.untold, [loss]);
  assert.deepEqual([broken.written, broken.records, broken.rows, broken.next], [0, 1, 1, 1]);
});
