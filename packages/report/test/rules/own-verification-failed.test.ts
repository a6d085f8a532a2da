import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ownVerificationFailed } from '../../src/rules/own-verification-failed.ts';
import type { VerificationFact } from '../../src/source.ts';
import { facts, fired, LEDGER, ledger, NOW, omit, reason } from '../sample.ts';

function run(exit: number, verdict: string, findings: VerificationFact['findings'] = []): VerificationFact {
  return { verdict, exit, at: NOW, range: [0, 9], findings };
}

const finding = (severity: string, seq: number) => ({
  code: 'leaf-hash',
  severity,
  seq,
  expected: 'aa',
  got: 'bb',
  text: `row ${seq} was changed`,
});

for (const [exit, verdict] of [
  [20, 'TAMPERED'],
  [21, 'ROLLBACK'],
  [22, 'POLICY'],
  [30, 'UNVERIFIABLE'],
] as const) {
  test(`fires on ${verdict}`, () => {
    const found = fired(ownVerificationFailed, ledger({ verification: run(exit, verdict) }));
    assert.match(found.text, new RegExp(`failed its own verification at 2026-03-02T10:15:00\\.000Z: ${verdict}\\.`));
    assert.equal(found.count, 1);
  });
}

for (const [exit, verdict] of [
  [0, 'VERIFIED'],
  [10, 'UNANCHORED'],
  [11, 'STALE'],
  [12, 'INCOMPLETE'],
] as const) {
  test(`does not fire on ${verdict}`, () => {
    assert.equal(ownVerificationFailed.evaluate(facts(ledger({ verification: run(exit, verdict) }))), undefined);
  });
}

test('names the first bad row and lists the findings of that severity only', () => {
  const findings = [finding('TAMPERED', 5), finding('TAMPERED', 6), finding('UNANCHORED', -1)];
  const found = fired(ownVerificationFailed, ledger({ verification: run(20, 'TAMPERED', findings) }));
  assert.match(found.text, /TAMPERED \(row 5 was changed\)/);
  assert.equal(found.count, 2);
  assert.deepEqual(
    found.cases.map((one) => one.seq),
    [5, 6],
  );
  assert.equal(found.link.fromSeq, 5);
});

test('fires on a frozen ledger, with or without a failed verification', () => {
  const found = fired(ownVerificationFailed, ledger({ frozen: 'a batch read back differently' }));
  assert.match(found.text, /^The ledger is frozen and takes no more rows: a batch read back differently\./);
});

test('does not fire before the first verification', () => {
  assert.equal(ownVerificationFailed.evaluate(facts({ ledger: omit(LEDGER, 'verification') })), undefined);
});

test('is an alarm and says what to do', () => {
  const found = reason('own-verification-failed', ledger({ verification: run(20, 'TAMPERED') }));
  assert.equal(found?.severity, 'alarm');
  assert.match(found.action, /Copy the data directory/);
});
