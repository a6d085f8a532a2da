import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { NumberSet } from '../src/number-set.ts';

test('says for every number whether it was there, in any order and after a restart', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 })), fc.integer({ min: 0, max: 40 }), (numbers, cut) => {
      let set = new NumberSet();
      const seen = new Set<number>();
      for (const [i, number] of numbers.entries()) {
        if (i === cut) set = new NumberSet(set.toRuns());
        assert.equal(set.add(number), !seen.has(number));
        seen.add(number);
      }
      assert.equal(set.greatest, Math.max(0, ...numbers));
    }),
  );
});

test('numbers in order are one run', () => {
  const set = new NumberSet();
  for (let i = 1; i <= 1000; i++) set.add(i);
  assert.deepEqual(set.toRuns(), ['1-1000']);
});

test('does not grow without bound, and forgets no number that was used', () => {
  const set = new NumberSet();
  for (let i = 1; i <= 5000; i++) set.add(i * 2);
  assert.ok(set.toRuns().length <= 256);
  for (let i = 1; i <= 5000; i++) assert.equal(set.add(i * 2), false);
});
