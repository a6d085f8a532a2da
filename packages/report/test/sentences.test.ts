import assert from 'node:assert/strict';
import { test } from 'node:test';

import { numberOf, textOf, textsOf } from '../src/leaf.ts';
import { counted, isoTime, listed, nameOfDestination, nameOfPackage, placeOf } from '../src/sentences.ts';

for (const [site, place] of [
  ['lib/sync.js:41:9 push', 'in lib/sync.js, line 41 (push)'],
  ['lib/sync.js:41:9', 'in lib/sync.js, line 41'],
  ['C:/odd.js:1:2 Object.<anonymous>', 'in C:/odd.js, line 1 (Object.<anonymous>)'],
  ['lib/a.js:7:1 async Promise.all (index 0)', 'in lib/a.js, line 7 (async Promise.all (index 0))'],
  ['native', 'in native'],
  [undefined, undefined],
] as const) {
  test(`the site ${site ?? '(absent)'} is ${place ?? 'nowhere'}`, () => assert.equal(placeOf(site), place));
}

for (const [name, version, text] of [
  ['stripe', '1.2.3', 'package stripe 1.2.3'],
  ['stripe', undefined, 'package stripe'],
  ['stripe', '', 'package stripe'],
  ['', undefined, 'a caller that could not be named'],
  ['(app)', undefined, "the application's own code"],
  ['(node)', undefined, 'Node.js itself'],
] as const) {
  test(`${JSON.stringify(name)} ${version ?? ''} is called ${text}`, () => {
    assert.equal(nameOfPackage(name, version), text);
  });
}

test('destinations are written as people write them', () => {
  assert.equal(nameOfDestination('a.test', 443), 'a.test:443');
  assert.equal(nameOfDestination('a.test', -1), 'a.test');
  assert.equal(nameOfDestination('::1', 443), '[::1]:443');
  assert.equal(nameOfDestination('', -1), 'a destination without a host name');
});

test('one is one, none and several are many', () => {
  assert.deepEqual([counted(0, 'call'), counted(1, 'call'), counted(2, 'call')], ['0 calls', '1 call', '2 calls']);
  assert.equal(counted(2, 'process', 'processes'), '2 processes');
});

test('a list for one sentence ends with "and", and does not go on for ever', () => {
  assert.deepEqual(
    [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']].map((texts) => listed(texts)),
    ['', 'a', 'a and b', 'a, b and c', 'a, b, c and 2 more'],
  );
  assert.equal(listed(['a', 'b'], 1), 'a and 1 more');
});

test('a time that no calendar has does not stop a report', () => {
  assert.equal(isoTime(1_772_446_500_123_456), '2026-03-02T10:15:00.123Z');
  assert.equal(isoTime(Number.MAX_SAFE_INTEGER), '2255-06-05T23:47:34.740Z');
  assert.equal(isoTime(Number.NaN), '1970-01-01T00:00:00.000Z');
  assert.equal(isoTime(-1e300), '1970-01-01T00:00:00.000Z');
});

test('a member of another type than expected counts as absent', () => {
  const leaf = { a: 'x', b: 1, c: ['y'], d: true };
  assert.deepEqual([textOf(leaf, 'a'), textOf(leaf, 'b'), textOf(undefined, 'a')], ['x', undefined, undefined]);
  assert.deepEqual([numberOf(leaf, 'b'), numberOf(leaf, 'a'), numberOf(leaf, 'z')], [1, undefined, undefined]);
  assert.deepEqual([textsOf(leaf, 'c'), textsOf(leaf, 'a'), textsOf(undefined, 'c')], [['y'], [], []]);
});
