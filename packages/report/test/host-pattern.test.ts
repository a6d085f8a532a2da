import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hostMatch, isHostPattern } from '../src/host-pattern.ts';

for (const [pattern, host, matches] of [
  ['a.test', 'a.test', true],
  ['a.test', 'x.a.test', false],
  ['*.a.test', 'x.a.test', true],
  ['*.a.test', 'y.x.a.test', true],
  ['*.a.test', 'a.test', false],
  ['*.a.test', 'xa.test', false],
  ['*.a.test', '.a.test', false],
  ['*.a.test', 'x.a.test.evil.test', false],
  ['10.1.0.0/16', '10.1.200.3', true],
  ['10.1.0.0/16', '10.2.0.1', false],
  ['10.1.0.0/16', '::ffff:10.1.0.9', true],
  ['10.1.0.0/16', '10.1.test', false],
  ['127.0.0.1', '127.1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['fd00::/8', 'fd12::1', true],
  ['fd00::/8', '10.0.0.1', false],
] as const) {
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${host}`, () => {
    assert.equal(hostMatch(pattern, host) > 0, matches);
  });
}

test('the closer pattern fits better', () => {
  const fits = ['*.test', '*.a.test', '*.b.a.test', 'x.b.a.test'].map((pattern) => hostMatch(pattern, 'x.b.a.test'));
  assert.deepEqual(
    fits,
    fits.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(fits).size, 4);
  assert.ok(hostMatch('10.1.0.0/16', '10.1.1.1') > hostMatch('10.0.0.0/8', '10.1.1.1'));
  assert.ok(hostMatch('10.1.1.1', '10.1.1.1') > hostMatch('10.1.1.0/24', '10.1.1.1'));
});

test('patterns are names, suffixes, addresses and blocks, nothing else', () => {
  for (const good of ['localhost', 'a.test', '*.a.test', 'xn--bcher-kva.test', '_srv.a.test', '::1', '10.0.0.0/8']) {
    assert.ok(isHostPattern(good), good);
  }
  for (const bad of [
    '',
    '*',
    '*.',
    'a.*',
    'a..b',
    'a.test:443',
    'https://a.test',
    'bücher.test',
    'a test',
    '-a.test',
  ]) {
    assert.ok(!isHostPattern(bad), bad);
  }
});
