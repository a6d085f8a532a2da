import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import type { RowFilter, RowQuery } from '@outwitness/ledger';

import { openJournal, type SqliteJournal } from '../src/index.ts';
import { drained, HELLO, START, worldIn } from './support/world.ts';

type Leaf = { [name: string]: unknown };
let directory = '';
let journal: SqliteJournal;
let all: Leaf[] = [];

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'outwitness-journal-'));
  const place = await worldIn(directory);
  const records: object[] = [HELLO];
  for (let call = 1; call <= 6000; call++) {
    const host = call % 97 === 0 ? 'rare.example' : `h${call % 7}.example`;
    const via = call % 3 === 0 ? ['axios', 'got'] : undefined;
    const more = {
      host,
      port: 400 + (call % 5),
      path: call % 11 === 0 ? '/"quoted"' : '/plain',
      time: START + ((call * 7919) % 6000) * 1_000_000,
      ...(via && { via }),
    };
    records.push({
      kind: 'open',
      call,
      direction: call % 2 ? 'out' : 'in',
      channel: 'http',
      ...(call % 4 ? { package: `p${call % 4}` } : {}),
      ...more,
    });
    records.push({ kind: 'done', call, outcome: call % 10 ? 'ok' : 'error', bytesOut: 1 });
  }
  records.push({ kind: 'settings', generation: 3, enabled: true, strict: false, disabled: ['udp'] });
  await place.ledger.append({ files: [drained(records)] });
  place.end();
  journal = openJournal(place.file);
  all = (await journal.rows(0, 100_000)).map((row) => JSON.parse(row.leaf) as Leaf);
});

after(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

/** What the query means, without an engine. */
function expected(query: RowQuery): number[] {
  const matches = (leaf: Leaf, { field, value }: RowFilter): boolean => {
    const got = leaf[field];
    if (value === '') return got === undefined;
    return Array.isArray(got)
      ? got.includes(value)
      : got !== undefined && `${got as string | number | boolean}` === value;
  };
  const fields = [...new Set((query.where ?? []).map(({ field }) => field))];
  const { from, to, after: beyond } = query;
  const rows = all.filter((leaf) => {
    const [seq, time] = [leaf['seq'] as number, leaf['time'] as number];
    if (from !== undefined && ('seq' in from ? seq < from.seq : time < from.time)) return false;
    if (to !== undefined && ('seq' in to ? seq >= to.seq : time >= to.time)) return false;
    if (beyond !== undefined && (query.order === 'newest' ? seq >= beyond : seq <= beyond)) return false;
    if ((query.not ?? []).some((filter) => matches(leaf, filter))) return false;
    return fields.every((field) =>
      (query.where ?? []).some((filter) => filter.field === field && matches(leaf, filter)),
    );
  });
  const seqs = rows.map((leaf) => leaf['seq'] as number);
  return query.order === 'newest' ? seqs.toReversed() : seqs;
}

/** Rows far from the time of draining fold by that. */
function hourOf(leaf: Leaf): number {
  return Math.floor(((leaf['time'] as number) + ((leaf['skew'] as number | undefined) ?? 0)) / 3_600_000_000);
}

async function scanned(query: RowQuery): Promise<number[]> {
  const seqs: number[] = [];
  for await (const row of journal.scan(query)) seqs.push(row.seq);
  return seqs;
}

const filter: fc.Arbitrary<RowFilter> = fc.constantFrom(
  ...(
    [
      ['host', 'h1.example'],
      ['host', 'rare.example'],
      ['host', ''],
      ['package', 'p1'],
      ['package', ''],
      ['outcome', 'error'],
      ['kind', 'net'],
      ['kind', 'control'],
      ['port', '401'],
      ['direction', 'in'],
      ['via', 'got'],
      ['via', ''],
      ['path', '/"quoted"'],
      ['strict', 'false'],
      ['call', '5'],
      ['disabled', 'udp'],
      ['class', 'unclassified'],
      ['channel', 'http'],
      ['host', "' OR 1=1 --"],
      ['nothing', 'x'],
      ['nothing', ''],
    ] as [string, string][]
  ).map(([field, value]) => ({ field, value })),
);
const bound = fc.oneof(
  fc.integer({ min: 0, max: 6100 }).map((seq) => ({ seq })),
  fc.integer({ min: -10, max: 6100 }).map((s) => ({ time: START + s * 1_000_000 })),
);
const query: fc.Arbitrary<RowQuery> = fc.record(
  {
    order: fc.constantFrom('newest' as const, 'oldest' as const),
    limit: fc.constantFrom(1, 7, 100, 5000),
    after: fc.integer({ min: 0, max: 6100 }),
    from: bound,
    to: bound,
    where: fc.array(filter, { maxLength: 3 }),
    not: fc.array(filter, { maxLength: 2 }),
  },
  { requiredKeys: ['order', 'limit'] },
);

describe('the journal', () => {
  test('finds exactly the rows of a query, in order', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const wanted = { ...asked, limit: Math.max(asked.limit, 300) };
        assert.deepEqual(await scanned(wanted), expected(wanted));
      }),
      { numRuns: 60 },
    );
  });

  test('hands out a page of at most the limit, and next goes on strictly beyond it', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { rows, next } = await journal.page(asked);
        assert.ok(rows.length <= asked.limit);
        const seqs = rows.map((row) => row.seq);
        const want = expected(asked);
        assert.deepEqual(seqs, want.slice(0, seqs.length));
        if (next === undefined) assert.equal(seqs.length, want.length);
        else assert.deepEqual(expected({ ...asked, after: next }), want.slice(seqs.length));
      }),
      { numRuns: 60 },
    );
  });

  test('jumps to a time', async () => {
    const times = all.map((leaf) => leaf['time'] as number);
    const at = START + 1234 * 1_000_000 + 1;
    const least = Math.min(...times.filter((time) => time >= at));
    assert.equal(await journal.seqAt(at), times.indexOf(least));
    assert.equal(await journal.seqAt(Math.max(...times) + 1), undefined);
  });

  test('refuses a field name that is none, and a limit of nothing', async () => {
    await assert.rejects(journal.page({ order: 'newest', limit: 1, where: [{ field: "x') --", value: '1' }] }), {
      code: 'query',
    });
    await assert.rejects(journal.page({ order: 'newest', limit: 0 }), { code: 'query' });
    await assert.rejects(journal.rollup({ by: ['hour; DROP TABLE rollup' as 'hour'] }), { code: 'query' });
  });

  test('adds the rollup up by any columns', async () => {
    const net = all.filter((leaf) => leaf['kind'] === 'net');
    const [whole] = await journal.rollup({ by: [] });
    assert.deepEqual([whole?.events, whole?.bytesOut, whole?.errors], [6000, 6000, 600]);
    const byPackage = await journal.rollup({ by: ['direction', 'package'] });
    for (const sum of byPackage) {
      const same = net.filter((leaf) => leaf['direction'] === sum.direction && (leaf['package'] ?? '') === sum.package);
      assert.deepEqual([sum.events, sum.firstSeq, sum.lastSeq], [same.length, same[0]?.['seq'], same.at(-1)?.['seq']]);
    }
    const hour = Math.floor(START / 3_600_000_000);
    const hours = await journal.rollup({ by: ['hour'], from: hour, to: hour + 1 });
    assert.deepEqual(
      hours.map((sum) => [sum.hour, sum.events]),
      [[hour, net.filter((leaf) => hourOf(leaf) === hour).length]],
    );
    assert.deepEqual(await journal.rollup({ by: [], from: 1, to: 2 }), []);
  });
});
