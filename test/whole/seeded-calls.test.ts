/** The calls that `npm run claim -- ledger-speed` is made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameText, encodeRecord, type Unnumbered } from '@outwitness/spool';
import { RecordedLedger } from '../../benchmarks/ledger-speed/recorded-ledger.ts';
import { SeededCalls } from '../../benchmarks/ledger-speed/seeded-calls.ts';
import { UNANCHORED } from '../../benchmarks/ledger-speed/verify-cost.ts';
import { journal, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const TIME = 1_800_000_000_000_000;

function records(seed: number, process: number, calls: number): Unnumbered[] {
  const generator = new SeededCalls(seed, process);
  return Array.from({ length: calls }, (_, at) => generator.next(TIME + at)).flat();
}

function texts(all: readonly Unnumbered[]): string[] {
  return all.map((record) => frameText(...(Object.values(encodeRecord(record, 0)) as [string, number])));
}

test('one seed gives the same calls, another seed and another process give others', () => {
  const calls = texts(records(1, 0, 300));
  assert.deepEqual(texts(records(1, 0, 300)), calls);
  assert.notDeepEqual(texts(records(2, 0, 300)), calls);
  assert.notDeepEqual(texts(records(1, 1, 300)), calls);
});

test('no two calls are alike, and they come on all channels, from many packages to many hosts', () => {
  const opened = records(1, 0, 20_000).filter((record) => record.kind === 'open');
  const alike = new Set(opened.map((record) => JSON.stringify({ ...record, time: 0, call: 0 })));
  assert.ok(alike.size > opened.length * 0.95, `${alike.size} different ones of ${opened.length}, their numbers apart`);
  const seen = (of: (record: (typeof opened)[number]) => unknown): number => new Set(opened.map(of)).size;
  assert.ok(seen(({ channel }) => channel) >= 13);
  assert.equal(
    seen((record) => record.package),
    60,
  );
  assert.ok(seen(({ host }) => host) >= 900);
  assert.ok(seen(({ direction }) => direction) === 2);
});

test('a recorded ledger grows from where it ended and verifies each time', async () => {
  using folder = temporaryFolder('recorded-ledger');
  const ledger = new RecordedLedger({
    folder: folder.path,
    seed: 3,
    began: Date.now() * 1000 - 60_000_000,
    batch: 100,
  });
  for (const rows of [400, 900]) {
    await ledger.grow(rows);
    const { exit, size, findings } = await verify(folder.path);
    assert.deepEqual({ exit, codes: findings.map(({ code }) => code) }, { exit: UNANCHORED, codes: ['unanchored'] });
    assert.ok(size >= rows);
  }
  const failed = await journal(folder.path, { outcome: 'refused' });
  assert.ok(failed.length > 0);
});
