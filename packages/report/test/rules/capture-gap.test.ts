import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GAP_EVENTS } from '@outwitness/event';

import { captureGap } from '../../src/rules/capture-gap.ts';
import { facts, fired, group, reason } from '../sample.ts';

const HARMLESS = new Set(['killed', 'torn', 'second-copy']);
const ELSEWHERE = new Set(['silent', 'disabled']);

for (const event of GAP_EVENTS) {
  const fires = !HARMLESS.has(event) && !ELSEWHERE.has(event);
  test(`${fires ? 'fires' : 'does not fire'} on a gap ${event} of which nothing is known to be missing`, () => {
    assert.equal(captureGap.evaluate(facts({ gaps: [group(event)] })) !== undefined, fires);
  });
  test(`says what ${event} means in words of its own`, () => {
    if (ELSEWHERE.has(event)) return;
    const { text } = fired(captureGap, { gaps: [group(event, { missing: 1 })] });
    assert.ok(HARMLESS.has(event) || !text.includes(`: ${event}.`), text);
  });
}

test('a killed process and its torn record are a gap once records are known to be missing', () => {
  assert.match(
    fired(captureGap, { gaps: [group('killed', { missing: 2 })] }).text,
    /2 records are known to be missing/,
  );
});

test('counts occurrences, sums what is missing, worst first', () => {
  const finding = fired(captureGap, {
    gaps: [group('fault', { rows: 2, count: 9 }), group('damaged', { count: 1, missing: 4 })],
  });
  assert.equal(finding.count, 10);
  assert.match(finding.text, /4 records are known to be missing\./);
  assert.deepEqual(
    finding.cases.map((one) => one.text),
    ['text of damaged', 'text of fault'],
  );
});

test('says so if nothing is known to be missing', () => {
  assert.match(fired(captureGap, { gaps: [group('fault')] }).text, /No call is known to be missing\./);
});

test('a gap of a later version is shown by its name', () => {
  assert.match(fired(captureGap, { gaps: [group('solar-flare')] }).text, /solar-flare/);
});

test('does not fire without gaps', () => assert.equal(captureGap.evaluate(facts()), undefined));
test('is attention', () => assert.equal(reason('capture-gap', { gaps: [group('fault')] })?.severity, 'attention'));
