import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical, type Flat, parseCanonical } from '@outwitness/event';

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,12}$/).filter((text) => text !== 'toString');
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => value.toWellFormed());
const value = fc
  .oneof(fc.maxSafeInteger(), text, fc.boolean(), fc.array(text, { maxLength: 5 }))
  .map((v) => (Object.is(v, -0) ? 0 : v));
const flat = fc.dictionary(name, value, { maxKeys: 12 });

test('what is written can be parsed and is written the same again', () => {
  fc.assert(
    fc.property(flat, (object) => {
      const once = canonical(object);
      assert.equal(canonical(parseCanonical(once)), once);
      assert.deepEqual(JSON.parse(once), JSON.parse(JSON.stringify(object)));
    }),
  );
});

test('members are sorted by byte value and absent ones left out', () => {
  assert.equal(canonical({ b: 1, B: 2, a10: 'x', a9: ['y'], c: undefined }), '{"B":2,"a10":"x","a9":["y"],"b":1}');
});

test('strings keep non-ASCII as it is and escape only what RFC 8785 escapes', () => {
  assert.equal(canonical({ a: 'é€😀"\\\u007f\u2028/' }), '{"a":"é€😀\\"\\\\\u007f\u2028/"}');
  assert.equal(canonical({ a: '\b\t\n\f\r\u0001\u001f' }), '{"a":"\\b\\t\\n\\f\\r\\u0001\\u001f"}');
});

for (const [what, object] of [
  ['a fraction', { a: 1.5 }],
  ['minus zero', { a: -0 }],
  ['an unsafe integer', { a: 2 ** 53 }],
  ['NaN', { a: Number.NaN }],
  ['a lone surrogate', { a: '\ud800' }],
  ['a nested object', { a: { b: 1 } }],
  ['null', { a: null }],
  ['an array of numbers', { a: [1] }],
  ['a name with a dash', { 'a-b': 1 }],
] as const) {
  test(`writing ${what} is refused`, () => {
    assert.throws(() => canonical(object as unknown as Flat), { code: 'canonical-value' });
  });
}

for (const bad of [
  '',
  '[]',
  'null',
  '1',
  '{"b":1,"a":2}',
  '{"a":1,"a":1}',
  '{"a": 1}',
  '{"a":1} ',
  '\ufeff{"a":1}',
  '{"a":1.0}',
  '{"a":-0}',
  '{"a":1e2}',
  '{"a":null}',
  '{"a":{"b":1}}',
  '{"a":[1]}',
  '{"a":"\\u0041"}',
  '{"a":"\\/"}',
  '{"a":"\\ud800"}',
  '{"a":"\\u001F"}',
  '{"__proto__":1}',
  '{"a":9007199254740993}',
]) {
  test(`parsing ${JSON.stringify(bad)} is refused`, () => {
    assert.throws(() => parseCanonical(bad), { code: 'canonical-syntax' });
  });
}

test('a parsed object has no inherited members', () => {
  assert.equal(Object.getPrototypeOf(parseCanonical('{"constructor":1}')), null);
});

test('any one changed byte either fails to parse or stays canonical with another meaning', () => {
  fc.assert(
    fc.property(flat, fc.nat(), fc.integer({ min: 32, max: 126 }), (object, at, code) => {
      const once = canonical(object);
      const index = at % once.length;
      const changed = once.slice(0, index) + String.fromCharCode(code) + once.slice(index + 1);
      let parsed: Flat;
      try {
        parsed = parseCanonical(changed);
      } catch {
        return;
      }
      assert.equal(canonical(parsed), changed);
    }),
  );
});
