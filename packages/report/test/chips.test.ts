import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chipsOf } from '../src/chips.ts';
import type { Facts } from '../src/facts.ts';
import type { ChipsJson } from '../src/report-json.ts';
import { DAY, facts, group, HOUR, ledger, LEDGER, NOW, omit, SETTINGS, writer } from './sample.ts';

const without = (name: keyof Facts['ledger']): Partial<Facts> => ({ ledger: omit(LEDGER, name) as Facts['ledger'] });

const run = (exit: number, verdict: string, at = NOW) =>
  ledger({ verification: { verdict, exit, at, range: [0, 1], findings: [] } });

const CASES: readonly (readonly [keyof ChipsJson, string, Partial<Facts>, string, string])[] = [
  ['ledger', 'verified', run(0, 'VERIFIED'), 'ok', 'Record verified'],
  ['ledger', 'verified without a pin', run(10, 'UNANCHORED'), 'ok', 'Record verified'],
  ['ledger', 'with known gaps', run(12, 'INCOMPLETE'), 'warn', 'Verified, rows are known to be missing'],
  ['ledger', 'with an old seal', run(11, 'STALE'), 'warn', 'Verified, but the newest seal is old'],
  ['ledger', 'tampered', run(20, 'TAMPERED'), 'bad', 'Verification failed: 0 findings'],
  ['ledger', 'verified long ago', run(0, 'VERIFIED', NOW - 2 * DAY), 'warn', 'Record verified'],
  ['ledger', 'frozen', ledger({ frozen: 'x' }), 'bad', 'Ledger frozen'],
  ['ledger', 'not verified', without('verification'), 'unknown', 'Not verified yet'],
  ['key', 'within reach', ledger({ keyWithinReach: true }), 'warn', 'Key within reach of the application'],
  ['key', 'out of reach', ledger({ keyWithinReach: false }), 'ok', 'Key out of reach of the application'],
  ['key', 'of unknown reach', without('keyWithinReach'), 'unknown', 'Not known who can reach the key'],
  ['stackCapture', 'blinded', { hooks: [group('blinded', { rows: 2 })] }, 'bad', 'Call sites disturbed 2 times'],
  ['stackCapture', 'at work', { hooks: [group('changed')] }, 'ok', 'Call sites captured'],
  ['agents', 'live', { writers: [writer(), writer()] }, 'ok', '2 agents live'],
  ['agents', 'silent', { writers: [writer(), writer({ state: 'silent' })] }, 'warn', '1 agent silent'],
  ['agents', 'gone', { writers: [writer({ state: 'ended' })] }, 'unknown', 'No agent live'],
  ['gaps', 'there', { gaps: [group('fault', { count: 3 })] }, 'warn', '3 gaps'],
  ['gaps', 'harmless', { gaps: [group('killed')] }, 'ok', 'No gaps'],
  ['bodyCapture', 'ordered', ledger({ bodyCapture: true }), 'warn', 'Bodies are captured by order'],
  ['bodyCapture', 'off', {}, 'ok', 'No bodies captured'],
  ['redaction', 'standard', { writers: [writer()] }, 'ok', 'Standard redaction'],
  ['redaction', 'strict', { writers: [writer({ strict: true })] }, 'ok', 'Strict redaction'],
  ['redaction', 'mixed', { writers: [writer(), writer({ strict: true })] }, 'warn', 'Redaction differs'],
  ['redaction', 'as set', { writers: [], settings: { ...SETTINGS, strict: true } }, 'ok', 'Strict redaction'],
  ['capture', 'whole', {}, 'ok', 'All channels on'],
  ['capture', 'in part', { settings: { ...SETTINGS, disabledChannels: ['dns'] } }, 'warn', 'Off: dns'],
  ['capture', 'off', { settings: { ...SETTINGS, enabled: false } }, 'warn', 'Capture off'],
  ['checkpoint', 'fresh', {}, 'ok', 'Signed up to row 199'],
  [
    'checkpoint',
    'old',
    ledger({ checkpoint: { size: 5, at: NOW - 3 * HOUR } }),
    'warn',
    'Last signed at 2026-03-02T07:15:00.000Z',
  ],
  ['checkpoint', 'missing', ledger({ checkpoint: { size: 0 } }), 'unknown', 'Nothing signed yet'],
  ['learning', 'over', {}, 'ok', 'Learning window over'],
  ['learning', 'active', ledger({ firstRowAt: NOW - DAY }), 'warn', 'Learning until 2026-03-08T10:15:00.000Z'],
  ['learning', 'not begun', without('firstRowAt'), 'warn', 'Learning'],
];

for (const [name, what, change, state, text] of CASES) {
  test(`chip ${name}, ${what}: ${state}`, () => {
    const chip = chipsOf(facts(change))[name];
    assert.deepEqual([chip.state, chip.text], [state, text]);
  });
}

test('chips carry their numbers', () => {
  const chips = chipsOf(
    facts({
      gaps: [group('fault', { count: 3 }), group('damaged', { missing: 2 })],
      writers: [writer(), writer({ state: 'silent' })],
      hooks: [group('blinded', { rows: 4 })],
    }),
  );
  assert.deepEqual([chips.gaps.count, chips.gaps.missing], [4, 2]);
  assert.deepEqual([chips.agents.live, chips.agents.silent], [1, 1]);
  assert.equal(chips.stackCapture.blinded, 4);
  assert.deepEqual(
    [chips.ledger.verdict, chips.ledger.exit, chips.ledger.at],
    ['UNANCHORED', 10, '2026-03-02T10:14:40.000Z'],
  );
  assert.deepEqual([chips.checkpoint.size, chips.checkpoint.at], [200, '2026-03-02T10:14:59.000Z']);
});
