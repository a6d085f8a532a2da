import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';

import { slotName, slotsOf, slotTime } from '../src/ui/time-slots.ts';

const DAY_MS = 86_400_000;

test('every step of a period has its slot, with or without traffic', () => {
  const point = { at: '2026-03-02T01:00:00.000Z', events: 3 };
  const slots = slotsOf({ from: '2026-03-02T00:00:00.000Z', to: '2026-03-02T03:00:00.000Z' }, 'hour', [point]);
  assert.deepEqual(
    slots.map(({ at, point: found }) => [new Date(at).toISOString().slice(11, 13), found?.events]),
    [
      ['00', undefined],
      ['01', 3],
      ['02', undefined],
    ],
  );
});

test('a period that begins within a day begins with that day', () => {
  const slots = slotsOf({ from: '2026-03-02T05:00:00.000Z', to: '2026-03-04T01:00:00.000Z' }, 'day', []);
  assert.deepEqual(
    slots.map(({ at }) => at % DAY_MS),
    [0, 0, 0],
  );
});

test('a day is named as the server counts it, also for a reader whose clock is behind', (t) => {
  const zone = process.env['TZ'];
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  process.env['TZ'] = 'America/New_York';
  const at = Date.UTC(2026, 2, 2);
  assert.equal(slotTime(at, 'day'), '2026-03-02');
  assert.equal(slotName(at, 'day', 90), '03-02');
  assert.equal(slotTime(at, 'hour'), '2026-03-01 19:00');
  assert.equal(slotName(at, 'hour', 24), '19:00');
});
