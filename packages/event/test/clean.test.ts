import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, cleanField, cleanList, utf8Length } from '@outwitness/event';

test('whatever comes in, what comes out is well-formed, free of control characters and within its limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 0, max: 64 }), (value, limit) => {
      const cleaned = clean(value, limit);
      assert.ok(cleaned.isWellFormed());
      // oxlint-disable-next-line no-control-regex -- the test looks for control characters
      assert.doesNotMatch(cleaned, /[\u0000-\u001f\u007f-\u009f]/);
      assert.ok(Buffer.byteLength(cleaned) <= limit);
      assert.equal(utf8Length(cleaned), Buffer.byteLength(cleaned));
    }),
  );
});

test('cleaning twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (value) => {
      assert.equal(clean(clean(value, 50), 50), clean(value, 50));
    }),
  );
});

test('a code point is never cut in two', () => {
  assert.equal(clean('a😀', 4), 'a');
  assert.equal(clean('a😀', 5), 'a😀');
  assert.equal(clean('é', 1), '');
});

test('a character that turns the direction of text becomes U+FFFD', () => {
  assert.equal(clean('exe\u202egnp.sj', 100), 'exe\ufffdgnp.sj');
  assert.equal(clean('\u061c\u200e\u200f\u2066\u2069', 100), '\ufffd'.repeat(5));
});

test('a control character or lone surrogate becomes U+FFFD', () => {
  assert.equal(clean('a\u0000b\u009fc\ud800d', 100), 'a\ufffdb\ufffdc\ufffdd');
});

test('a field that was cut is named once, one that was not is not named', () => {
  const cut: string[] = [];
  assert.equal(cleanField('path', 'abcdef', 3, cut), 'abc');
  cleanField('path', 'abcdef', 3, cut);
  cleanField('host', 'abc', 3, cut);
  cleanField('sni', '\u0000', 3, cut);
  assert.deepEqual(cut, ['path']);
});

test('a control character that grows into three bytes and is cut off is named', () => {
  const cut: string[] = [];
  assert.equal(cleanField('host', 'ab\u0001', 3, cut), 'ab');
  assert.deepEqual(cut, ['host']);
});

test('a list keeps its first elements and is named when elements fall away', () => {
  const cut: string[] = [];
  assert.deepEqual(cleanList('via', ['a', 'b', 'c'], 2, 10, cut), ['a', 'b']);
  assert.deepEqual(cut, ['via']);
});
