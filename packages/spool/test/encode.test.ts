import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MAX_RECORD_BYTES, parseCanonical, toRecord } from '@outwitness/event';
import { encodeRecord } from '../src/encode.ts';
import { call, unnumbered } from './records.ts';

test('every record becomes canonical JSON of a known shape, whatever its strings hold', () => {
  fc.assert(
    fc.property(unnumbered, fc.nat(), (record, n) => {
      const { text, bytes } = encodeRecord(record, n);
      assert.equal(Buffer.byteLength(text), bytes);
      assert.ok(bytes <= MAX_RECORD_BYTES);
      assert.ok(!text.includes('\n'));
      const read = toRecord(parseCanonical(text));
      assert.equal(read.n, n);
      assert.equal(read.kind, record.kind);
    }),
    { numRuns: 500 },
  );
});

test('a field beyond its limit is cut and named in cut', () => {
  const { text } = encodeRecord({ ...call(1), path: '/'.repeat(2000), host: 'a\u0000b' }, 0);
  const read = parseCanonical(text);
  assert.equal((read['path'] as string).length, 1024);
  assert.deepEqual(read['cut'], ['path']);
  assert.equal(read['host'], 'a\ufffdb');
});

test('a manifest that would burst the frame is left out and named in cut', () => {
  const { text } = encodeRecord({ kind: 'pkg', time: 1, package: 'x', manifest: '"'.repeat(32_768) }, 0);
  assert.deepEqual({ ...parseCanonical(text) }, { cut: ['manifest'], kind: 'pkg', n: 0, package: 'x', time: 1 });
});

test('members that the format does not know are left out', () => {
  const { text } = encodeRecord(Object.assign(call(1), { body: 'secret', __proto__: null }), 0);
  assert.ok(!text.includes('secret'));
});

test('a value that has not the type of its field is refused', () => {
  assert.throws(() => encodeRecord({ ...call(1), port: 1.5 }, 0), { code: 'canonical-value' });
});
