import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { addPairs } from '../src/pairs-seen.ts';
import type { PairSeen } from '../src/source.ts';
import { cell, NOW_HOUR } from './sample.ts';

test('a pair knows its first hour, its first and last row and its calls', () => {
  const seen = new Map<string, PairSeen>();
  addPairs(seen, [
    cell({ host: 'a.test', hour: 7, firstSeq: 50, lastSeq: 60, events: 2 }),
    cell({ host: 'a.test', hour: 5, firstSeq: 10, lastSeq: 20, events: 3, channel: 'undici' }),
  ]);
  assert.deepEqual(
    [...seen.values()],
    [
      {
        app: 'shop',
        package: 'client',
        host: 'a.test',
        port: 443,
        class: 'internal',
        declared: 'none',
        firstHour: 5,
        firstSeq: 10,
        lastSeq: 60,
        events: 5,
      },
    ],
  );
});

test('inbound calls and Outwitness itself make no pairs', () => {
  const seen = new Map<string, PairSeen>();
  addPairs(seen, [cell({ direction: 'in' }), cell({ app: 'outwitness' })]);
  assert.equal(seen.size, 0);
});

test('adding batch by batch is adding all at once: a store may keep the result in memory', () => {
  const entry = fc
    .record({
      hour: fc.constantFrom(NOW_HOUR, NOW_HOUR - 1),
      host: fc.constantFrom('a.test', 'b.test'),
      declared: fc.constantFrom('yes', 'no'),
      app: fc.constantFrom('shop', 'admin'),
      firstSeq: fc.nat(50),
      lastSeq: fc.integer({ min: 50, max: 99 }),
      events: fc.nat(9),
    })
    .map((change) => cell(change));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(20), (entries, at) => {
      const whole = new Map<string, PairSeen>();
      addPairs(whole, entries);
      const pieces = new Map<string, PairSeen>();
      addPairs(pieces, entries.slice(0, at));
      addPairs(pieces, entries.slice(at));
      assert.deepEqual(pieces, whole);
    }),
  );
});
