import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockStep } from '../../src/rules/clock-step.ts';
import { staleCheckpoint } from '../../src/rules/stale-checkpoint.ts';
import { facts, fired, group, HOUR, ledger, NOW, NOW_HOUR, reason } from '../sample.ts';

const signed = (at?: number) => ledger({ checkpoint: { size: 7, ...(at === undefined ? {} : { at }) } });

for (const [what, at, fires] of [
  ['2 hours and a microsecond ago', NOW - 2 * HOUR - 1, true],
  ['2 hours ago', NOW - 2 * HOUR, false],
  ['just now', NOW, false],
  ['never', undefined, false],
] as const) {
  test(`stale-checkpoint ${fires ? 'fires' : 'does not fire'} if the last signature was ${what}`, () => {
    assert.equal(staleCheckpoint.evaluate(facts(signed(at))) !== undefined, fires);
  });
}

test('stale-checkpoint says what is covered', () => {
  const { text } = fired(staleCheckpoint, signed(NOW - 3 * HOUR));
  assert.match(text, /from 2026-03-02T07:15:00\.000Z and covers 7 rows/);
});

test('stale-checkpoint says nothing about a report on the past', () => {
  const past = { fromHour: NOW_HOUR - 48, toHour: NOW_HOUR - 24 };
  assert.equal(staleCheckpoint.evaluate(facts({ ...signed(NOW - 3 * HOUR), ...past })), undefined);
});

test('clock-step fires on its rows and says that the order stands', () => {
  const finding = fired(clockStep, { controls: [group('late-load'), group('clock-step', { rows: 2 })] });
  assert.match(finding.text, /was moved 2 times: .*The order of the rows is not affected/);
  assert.equal(finding.count, 2);
  assert.equal(clockStep.evaluate(facts({ controls: [group('late-load')] })), undefined);
});

test('both are attention', () => {
  assert.equal(reason('clock-step', { controls: [group('clock-step')] })?.severity, 'attention');
  assert.equal(reason('stale-checkpoint', signed(NOW - 3 * HOUR))?.severity, 'attention');
});
