import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RowsJson } from '@outwitness/server';
import fc from 'fast-check';

import { firstWindow, MOST, PAGE, type RowWindow, withNewer, withOlder } from '../src/log/row-window.ts';

/** A ledger of `size` rows of which every third one matches, asked as the API is asked. */
function ask(size: number, order: 'newest' | 'oldest', after: number | null): RowsJson {
  const all = Array.from({ length: size }, (_, seq) => seq).filter((seq) => seq % 3 === 0);
  const ordered = order === 'newest' ? all.toReversed() : all;
  const beyond = ordered.filter((seq) => after === null || (order === 'newest' ? seq < after : seq > after));
  const page = beyond.slice(0, PAGE);
  return {
    rows: page.map((seq) => ({ seq, leaf: JSON.stringify({ seq }), rowHash: '' })),
    next: beyond.length > PAGE ? (page.at(-1) ?? null) : null,
    head: { size, at: null },
  };
}

const older = (window: RowWindow, size: number): RowWindow =>
  window.older === null ? window : withOlder(window, ask(size, 'newest', window.older));
const newer = (window: RowWindow, size: number): RowWindow => withNewer(window, ask(size, 'oldest', window.newest));

test('whatever the way, the window holds a run of matching rows without a hole or a repeat', () => {
  const steps = fc.array(fc.constantFrom('older', 'newer', 'grow'), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12_000 }),
      fc.option(fc.integer({ min: 0, max: 12_000 })),
      steps,
      (start, at, ways) => {
        let size = start;
        const place = at === null ? null : Math.min(at, size - 1);
        let window = firstWindow(ask(size, 'newest', place === null ? null : place + 1), place ?? size - 1);
        for (const way of ways) {
          if (way === 'grow') size += 500;
          else window = way === 'older' ? older(window, size) : newer(window, size);
          const seqs = window.rows.map(({ seq }) => seq);
          for (const [index, seq] of seqs.entries()) assert.equal(seq, (seqs[0] ?? 0) - 3 * index);
          assert.ok(seqs.length <= MOST);
          assert.ok((seqs[0] ?? 0) <= window.newest && window.newest < size);
          assert.ok(window.newest - (seqs[0] ?? window.newest) < 3, 'a matching row above was passed over');
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('down to the oldest row and back up to the newest: every row was there', () => {
  const size = 30_000;
  let window = firstWindow(ask(size, 'newest', null), size - 1);
  const seen = new Set(window.rows.map(({ seq }) => seq));
  while (window.older !== null) {
    window = older(window, size);
    for (const { seq } of window.rows) seen.add(seq);
  }
  assert.equal(seen.size, 10_000);
  assert.equal(window.rows.at(-1)?.seq, 0);
  assert.equal(window.atTop, false);
  while (!window.atTop) window = newer(window, size);
  assert.equal(window.rows[0]?.seq, 29_997);
  assert.equal(window.rows.length, MOST);
});
