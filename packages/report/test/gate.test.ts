import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gateOf } from '../src/gate.ts';
import type { ReasonJson, Severity } from '../src/report-json.ts';

function reason(id: string, severity: Severity): ReasonJson {
  const link = { where: {}, fromSeq: null, toSeq: null };
  return { id, severity, text: `${id} happened`, action: 'look', count: 1, link, detail: [], detailOmitted: 0 };
}

const gap = reason('capture-gap', 'attention');
const alarm = reason('self-egress', 'alarm');

test('a watched run without alarm, new pair and gap passes, whatever else deserves attention', () => {
  const { passed, exit } = gateOf({ verdict: 'attention', reasons: [reason('new-pair', 'attention')] }, [], 1);
  assert.deepEqual([passed, exit], [true, 0]);
});

test('an alarm and a new pair are 3, missing coverage is 5, and 3 comes before 5', () => {
  const exit = (reasons: ReasonJson[], pairs: string[], watched: number): number =>
    gateOf({ verdict: 'attention', reasons }, pairs, watched).exit;
  assert.equal(exit([alarm], [], 1), 3);
  assert.equal(exit([], ['a -> b.test:443'], 1), 3);
  assert.equal(exit([gap], [], 1), 5);
  assert.equal(exit([], [], 0), 5);
  assert.equal(exit([alarm, gap], [], 0), 3);
});

test('what stands in the way is told: alarms whole, coverage with what to do', () => {
  const { alarms, coverage } = gateOf({ verdict: 'alarm', reasons: [alarm, gap] }, [], 0);
  assert.deepEqual(alarms, [alarm]);
  assert.deepEqual(
    coverage.map(({ id }) => id),
    ['no-process', 'capture-gap'],
  );
  assert.deepEqual(coverage[1], { id: 'capture-gap', text: gap.text, action: gap.action });
});
