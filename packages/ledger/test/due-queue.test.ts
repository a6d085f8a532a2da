import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { DueQueue } from '../src/due-queue.ts';

const entries = fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), key: fc.string({ maxLength: 3 }) }));

test('gives what is due, earliest first and by key within one time, and keeps the rest', () => {
  fc.assert(
    fc.property(
      entries,
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 5 }),
      fc.boolean(),
      (added, times, compact) => {
        const queue = new DueQueue();
        for (const { at, key } of added) queue.add(at, key);
        let left = added;
        if (compact) {
          queue.keep((key) => key.length !== 2);
          left = left.filter(({ key }) => key.length !== 2);
        }
        assert.equal(queue.size, left.length);
        for (const now of times) {
          const due = left.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
          left = left.filter(({ at }) => at > now);
          assert.deepEqual(
            queue.take(now),
            due.map(({ key }) => key),
          );
        }
      },
    ),
  );
});
