import assert from 'node:assert/strict';
import { test } from 'node:test';

import { learning } from '../../src/rules/learning.ts';
import { DAY, facts, fired, HOUR, LEDGER, ledger, NOW, NOW_HOUR, omit, reason, SETTINGS } from '../sample.ts';

test('fires inside the window and says when it ends', () => {
  const finding = fired(learning, ledger({ firstRowAt: NOW - 2 * DAY }));
  assert.match(finding.text, /learning window of 7 days ends at 2026-03-07T10:15:00\.000Z/);
});

for (const [what, firstRowAt, learnDays, fires] of [
  ['one microsecond before its end', NOW - 7 * DAY + 1, 7, true],
  ['at its end', NOW - 7 * DAY, 7, false],
  ['with a window of 0 days', NOW, 0, false],
  ['with a longer window', NOW - 8 * DAY, 14, true],
] as const) {
  test(`${fires ? 'fires' : 'does not fire'} ${what}`, () => {
    const change = { ...ledger({ firstRowAt }), settings: { ...SETTINGS, learnDays }, toHour: NOW_HOUR + 1 };
    assert.equal(learning.evaluate(facts(change)) !== undefined, fires);
  });
}

test('a report about an earlier period is judged at its end', () => {
  const change = { ...ledger({ firstRowAt: NOW - 8 * DAY }), fromHour: NOW_HOUR - 72, toHour: NOW_HOUR - 48 };
  assert.ok(learning.evaluate(facts(change)));
  assert.equal(learning.evaluate(facts({ ...change, toHour: Math.ceil((NOW - DAY) / HOUR) })), undefined);
});

test('before the first row the window has not begun', () => {
  const rest = omit(LEDGER, 'firstRowAt');
  assert.match(fired(learning, { ledger: rest }).text, /begins with the first row/);
  assert.equal(learning.evaluate(facts({ ledger: rest, settings: { ...SETTINGS, learnDays: 0 } })), undefined);
});

test('is insufficient data', () => {
  assert.equal(reason('learning', ledger({ firstRowAt: NOW }))?.severity, 'insufficient-data');
});
