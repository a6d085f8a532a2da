import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { buildReport } from '../src/report.ts';
import { buildStatus, type StatusInput } from '../src/status.ts';
import { facts, group, LEDGER, NOW, omit, writer } from './sample.ts';

const INPUT: StatusInput = {
  data: '/srv/shop/.outwitness',
  collector: {
    running: true,
    pid: 7,
    version: '0.1.0',
    since: '2026-03-02T08:00:00.000Z',
    backlogBytes: 0,
    lagMs: 0,
    frozen: null,
  },
  ledger: { bytes: 4096, epoch: 0, lastRowAt: '2026-03-02T10:14:59.000Z' },
  retention: { days: 90, floorDays: 90, cut: 0, lastRun: null, rowsPerDay: 10, bytesPerDay: 100, diskDaysLeft: null },
  catalogue: 'c'.repeat(64),
};

test('status shows ledger, verification and settings', () => {
  const status = buildStatus(facts(), INPUT);
  assert.deepEqual(status.ledger, {
    origin: 'local/outwitness/00',
    size: 200,
    bytes: 4096,
    epoch: 0,
    firstRowAt: '2026-01-31T10:15:00.000Z',
    lastRowAt: '2026-03-02T10:14:59.000Z',
    checkpoint: { size: 200, at: '2026-03-02T10:14:59.000Z' },
    predecessor: null,
  });
  assert.deepEqual(status.verification, {
    verdict: 'UNANCHORED',
    exit: 10,
    at: '2026-03-02T10:14:40.000Z',
    range: [0, 199],
    whole: null,
    findings: [],
  });
  assert.deepEqual(status.settings, {
    generation: 1,
    enabled: true,
    strict: false,
    disabledChannels: [],
    learnDays: 7,
    bodyCapture: false,
    catalogue: 'c'.repeat(64),
  });
});

test('verdict, reasons, chips and learning window are those of the report', () => {
  const given = facts({ gaps: [group('fault')] });
  const status = buildStatus(given, INPUT);
  const report = buildReport(given);
  assert.equal(status.verdict, report.verdict);
  assert.deepEqual(
    status.reasons,
    report.reasons.map(({ id, severity, text, action, count }) => ({ id, severity, text, action, count })),
  );
  assert.deepEqual(status.chips, report.chips);
  assert.deepEqual(status.learning, report.learning);
});

test('only processes that run are listed', () => {
  const writers = [writer(), writer({ state: 'ended' }), writer({ state: 'silent' }), writer({ state: 'killed' })];
  assert.deepEqual(
    buildStatus(facts({ writers }), INPUT).writers.map((one) => one.state),
    ['live', 'silent'],
  );
});

test('an empty ledger has nulls, not inventions', () => {
  const rest = omit(LEDGER, 'verification', 'firstRowAt');
  const status = buildStatus(facts({ ledger: { ...rest, size: 0, checkpoint: { size: 0 } } }), INPUT);
  assert.deepEqual(status.verification, {
    verdict: null,
    exit: null,
    at: null,
    range: null,
    whole: null,
    findings: [],
  });
  assert.deepEqual([status.ledger.firstRowAt, status.ledger.checkpoint.at], [null, null]);
  assert.deepEqual(JSON.parse(JSON.stringify(status)), status);
});

test('every member is described in the reference', () => {
  const reference = readFileSync(new URL('../../../docs/reference/json.md', import.meta.url), 'utf8');
  const { now } = facts();
  assert.equal(now, NOW);
  for (const name of Object.keys(buildStatus(facts(), INPUT))) {
    assert.ok(reference.includes(`"${name}"`), `docs/reference/json.md lacks ${name}`);
  }
});
