import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RollupEntry } from '@outwitness/event';
import fc from 'fast-check';

import { DESTINATION, groupCells, sum } from '../src/cells.ts';
import { mergeHours, sumHours } from '../src/period.ts';
import { cell, NOW_HOUR } from './sample.ts';

const anyCells = fc.array(
  fc
    .record({
      hour: fc.constantFrom(NOW_HOUR, NOW_HOUR - 1, NOW_HOUR - 2),
      direction: fc.constantFrom('in', 'out'),
      host: fc.constantFrom('a.test', 'b.test'),
      declared: fc.constantFrom('yes', 'no'),
      port: fc.constantFrom(80, 443),
      events: fc.nat(9),
      errors: fc.nat(9),
      bytesOut: fc.nat(99),
      bytesIn: fc.nat(99),
      firstSeq: fc.nat(50),
      lastSeq: fc.integer({ min: 50, max: 99 }),
    })
    .map((change): RollupEntry => cell(change)),
  { maxLength: 40 },
);

test('cells of one key are one cell, with sums, and the first and last of hours and rows', () => {
  const merged = mergeHours([
    cell({ hour: 7, events: 2, errors: 1, bytesOut: 3, bytesIn: 4, firstSeq: 10, lastSeq: 12 }),
    cell({ hour: 5, events: 1, errors: 0, bytesOut: 5, bytesIn: 6, firstSeq: 1, lastSeq: 3 }),
    cell({ hour: 6, host: 'other' }),
  ]);
  assert.equal(merged.length, 2);
  assert.deepEqual(
    merged[0],
    cell({ hour: 7, firstHour: 5, events: 3, errors: 1, bytesOut: 8, bytesIn: 10, firstSeq: 1, lastSeq: 12 }),
  );
});

test('summing over the hours changes no sum by destination', () => {
  const measures = ['events', 'errors', 'bytesOut', 'bytesIn', 'firstSeq', 'lastSeq'] as const;
  const table = (cells: readonly RollupEntry[]) =>
    groupCells(cells, DESTINATION)
      .map((one) => [DESTINATION.map((name) => one[name]).join(' '), ...measures.map((name) => one[name])])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  fc.assert(fc.property(anyCells, (cells) => assert.deepEqual(table(mergeHours(cells)), table(cells))));
});

test('the hours add up to the cells, ascending, in and out apart', () => {
  fc.assert(
    fc.property(anyCells, (cells) => {
      const hours = sumHours(cells);
      const total = hours.reduce((events, one) => events + one.events, 0);
      assert.equal(total, sum(cells, 'events'));
      assert.equal(new Set(hours.map((one) => `${one.hour} ${one.inbound}`)).size, hours.length);
      assert.ok(hours.every((one, i) => i === 0 || (hours[i - 1]?.hour ?? 0) <= one.hour));
      const inbound = hours.filter((one) => one.inbound).reduce((bytes, one) => bytes + one.bytesIn, 0);
      assert.equal(
        inbound,
        sum(
          cells.filter((one) => one.direction === 'in'),
          'bytesIn',
        ),
      );
    }),
  );
});
