import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gather } from '../../src/gather.ts';
import { buildReport } from '../../src/report.ts';
import { rowsDropped } from '../../src/rules/rows-dropped.ts';
import { MemorySource } from '../memory-source.ts';
import { CATALOGUE, facts, fired, group, NOW, reason, SETTINGS } from '../sample.ts';

const ERASED = { kind: 'erase', actor: 'cli', text: 'asked for by a person', row: 4, time: NOW - 60_000_000 };
const VACUUM = { kind: 'vacuum', text: 'rows 0 to 9', from: 0, to: 9, dropped: 8, time: NOW - 50_000_000 };

test('rows-dropped is attention for erased rows and for rows dropped by hand, and says that the text is gone', () => {
  const drops = [group('erase', { rows: 2 }), group('vacuum', { rows: 1 })];
  const finding = fired(rowsDropped, { drops });
  assert.match(
    finding.text,
    /^The text of 2 rows was erased\. Old rows were dropped by hand 1 time\. Their hashes stay/,
  );
  assert.equal(finding.count, 3);
  assert.equal(reason('rows-dropped', { drops })?.severity, 'attention');
  assert.equal(rowsDropped.evaluate(facts()), undefined);
});

test('rows-dropped reads who asked: what the collector drops by its policy is no news', async () => {
  const report = async (...leaves: Parameters<MemorySource['other']>[0][]): Promise<ReturnType<typeof buildReport>> => {
    const source = new MemorySource();
    for (const leaf of leaves) source.other(leaf);
    return buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE }));
  };
  const dropped = ({ reasons }: ReturnType<typeof buildReport>): number | undefined =>
    reasons.find(({ id }) => id === 'rows-dropped')?.count;
  assert.equal(dropped(await report({ ...VACUUM, actor: 'collector' })), undefined);
  assert.equal(dropped(await report({ ...VACUUM, actor: 'cli' })), 1);
  const both = await report(ERASED, { ...VACUUM, actor: 'cli' });
  const [{ link, detail } = { link: undefined, detail: [] }] = both.reasons.filter(({ id }) => id === 'rows-dropped');
  assert.deepEqual(link?.where, { actor: 'cli' });
  assert.deepEqual(
    detail.map((one) => [one.text, one.link.where, one.seq]),
    [
      ['asked for by a person', { kind: 'erase' }, 0],
      ['rows 0 to 9', { kind: 'vacuum', actor: 'cli' }, 1],
    ],
  );
});

test('the report names the record before, with its verdict, and what the policy has dropped', async () => {
  const source = new MemorySource();
  const before = { origin: 'local/outwitness/11', size: 90, verdict: 'TAMPERED', why: 'row 17 was changed' };
  source.ledgerFact = { ...source.ledgerFact, predecessor: before, cut: 12 };
  const { predecessor, coverage } = buildReport(
    await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE }),
  );
  assert.deepEqual({ ...predecessor, since: '' }, { ...before, since: '' });
  assert.ok(predecessor !== null && Date.parse(predecessor.since) * 1000 === source.ledgerFact.firstRowAt);
  const said = coverage.notChecked.join('\n');
  assert.match(said, /before this one holds: local\/outwitness\/11, 90 rows, was found TAMPERED/);
  assert.match(said, /What 12 old rows said/);
});
