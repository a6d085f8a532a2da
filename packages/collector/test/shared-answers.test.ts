import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportJson } from '@outwitness/report';
import type { ReportAsked } from '../src/make-report.ts';
import { SharedAnswers } from '../src/shared-answers.ts';

type Reports = SharedAnswers<ReportAsked, ReportJson>;

/** Counts how often a report was made, and lets the ledger grow. */
function counted(): { reports: Reports; made: () => number; ledger: { size: number; broken: boolean } } {
  const ledger = { size: 5, broken: false };
  let made = 0;
  const make = async (): Promise<ReportJson> => {
    made++;
    if (ledger.broken) throw new Error('the disk is gone');
    return { generatedAt: `report ${made}` } as ReportJson;
  };
  return { reports: new SharedAnswers(make, async () => ledger.size), made: () => made, ledger };
}

test('who asks the same at the same time gets the same report', async () => {
  const { reports, made } = counted();
  const [one, two] = await Promise.all([reports.answer({}), reports.answer({})]);
  assert.equal(one, two);
  await reports.answer({ app: 'shop' });
  await reports.answer({ from: { seq: 1 } });
  assert.equal(made(), 3);
});

test('a row more, or a second more, and the report is made anew', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
  const { reports, made, ledger } = counted();
  await reports.answer({});
  ledger.size++;
  await reports.answer({});
  assert.equal(made(), 2);
  t.mock.timers.tick(999);
  await reports.answer({});
  assert.equal(made(), 2);
  t.mock.timers.tick(1);
  await reports.answer({});
  assert.equal(made(), 3);
});

test('a report that failed is tried again', async () => {
  const { reports, ledger } = counted();
  ledger.broken = true;
  await assert.rejects(reports.answer({}), /the disk is gone/);
  ledger.broken = false;
  assert.equal((await reports.answer({})).generatedAt, 'report 2');
});
