import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { BYE, claim, closed, conn, done, Feed, HELLO, open, SECOND } from './support/records.ts';

const number = fc.integer({ min: 1, max: 6 });
const bytes = fc.record(
  { bytesOut: fc.integer({ min: 0, max: 9 }), bytesIn: fc.integer({ min: 0, max: 9 }) },
  { requiredKeys: [] },
);
const host = fc.constantFrom('a.example', 'b.example');
const record: fc.Arbitrary<object> = fc.oneof(
  fc
    .record({ call: number, host, conn: number }, { requiredKeys: ['call', 'host'] })
    .map(({ call, ...more }) => open(call, more)),
  fc.tuple(number, host, fc.constantFrom('raw', 'http', 'undici')).map(([n, name, by]) => conn(n, { by, host: name })),
  fc.tuple(number, number).map(([n, call]) => conn(n, { for: call })),
  fc.tuple(number, number).map(([call, n]) => claim(call, n)),
  fc.tuple(number, bytes).map(([call, more]) => done(call, more)),
  fc.tuple(number, bytes).map(([n, more]) => closed(n, more)),
  fc.constantFrom<object>(BYE, { ...BYE, reason: 'rotate' }, { ...HELLO, segment: 1, late: ['x'] }),
  fc.integer({ min: 0, max: 3 }).map((faults) => ({ kind: 'beat', records: 0, faults })),
  fc.constantFrom<object>(
    { kind: 'pkg', package: 'axios', packageAuthor: 'Matt', manifest: '{}' },
    { kind: 'hook', event: 'changed', text: 'x' },
  ),
);
/** Stretches of records with more than 30 s between them. */
const stretches = fc.array(fc.array(record, { maxLength: 30 }), { minLength: 1, maxLength: 3 });

function whole(parts: readonly object[][]): Feed {
  const feed = new Feed().drain([HELLO]);
  for (const part of parts) feed.drain(part).later(31 * SECOND);
  return feed.gone();
}

test('cutting the records into batches anywhere, with a restart at every cut, gives the same rows', () => {
  fc.assert(
    fc.property(stretches, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (parts, sizes) => {
      const feed = new Feed().drain([HELLO]).restart();
      for (const part of parts) {
        for (let at = 0; at < part.length;) {
          const size = sizes.next().value ?? 1;
          feed.drain(part.slice(at, at + size)).restart();
          at += size;
        }
        feed.later(31 * SECOND).restart();
      }
      assert.deepEqual(feed.gone().rows, whole(parts).rows);
      const left = [...feed.assembler.writers.values()].filter(({ type }) => type !== 'manifest');
      assert.deepEqual([feed.assembler.pending.size, left], [0, []]);
    }),
    { numRuns: 400 },
  );
});

test('no row stands twice for a call or connection and phase, rests of bytes apart, and every call has its row', () => {
  fc.assert(
    fc.property(stretches, (parts) => {
      // A minute after its bye a writer is forgotten, and its numbers with it.
      fc.pre(!parts.slice(0, -1).flat().includes(BYE));
      const feed = whole(parts);
      const keys = feed.net
        .filter((row) => row['call'] !== undefined)
        .map((row) => `${String(row['call'])} ${String(row['phase'])}`);
      assert.equal(new Set(keys).size, keys.length);
      const opened = new Set(
        parts
          .flat()
          .flatMap((said) => ((said as { kind: string }).kind === 'open' ? [(said as { call: number }).call] : [])),
      );
      const ended = feed.net
        .filter((row) => row['call'] !== undefined && row['phase'] !== 'open')
        .map((row) => row['call'] as number);
      assert.equal(ended.length, opened.size);
      assert.deepEqual(new Set(ended), opened);
    }),
    { numRuns: 300 },
  );
});

test('the bytes of an ended connection stand in its calls and its rest, once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6 }),
      fc.integer({ min: 0, max: 300 }),
      (calls, total) => {
        const records = calls.flatMap((bytesOut, i) => [open(i + 1, { conn: 1 }), done(i + 1, { bytesOut })]);
        const feed = new Feed().drain([HELLO, conn(1, { by: 'http' }), ...records, closed(1, { bytesOut: total })]);
        const sum = feed.net.reduce((all, row) => all + Number(row['bytesOut'] ?? 0), 0);
        assert.equal(
          sum,
          Math.max(
            total,
            calls.reduce((a, b) => a + b, 0),
          ),
        );
      },
    ),
  );
});
