import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { isAcknowledged, pairText, parsePair } from '../src/pair.ts';

for (const [text, pair] of [
  ['stripe -> api.stripe.test:443', { package: 'stripe', host: 'api.stripe.test', port: 443 }],
  ['@a/b → api.test:1', { package: '@a/b', host: 'api.test', port: 1 }],
  ['  stripe   ->  API.test ', { package: 'stripe', host: 'api.test', port: -1 }],
  ['(none) -> api.test:443', { package: '', host: 'api.test', port: 443 }],
  ['(app) -> [2001:db8::1]:8443', { package: '(app)', host: '2001:db8::1', port: 8443 }],
  ['(app) -> 2001:db8::1', { package: '(app)', host: '2001:db8::1', port: -1 }],
  ['sharp -> native:build/sharp.node', { package: 'sharp', host: 'native:build/sharp.node', port: -1 }],
] as const) {
  test(`${JSON.stringify(text)} is a pair`, () => assert.deepEqual(parsePair(text), pair));
}

for (const text of ['', 'stripe', 'stripe ->', '-> a.test', 'a b -> c.test', 'a -> b.test:99999', 'a -> [b', 'a > b']) {
  test(`${JSON.stringify(text)} is no pair, and the message shows how to write one`, () => {
    assert.throws(() => parsePair(text), { code: 'pair-invalid', message: /"stripe -> api\.stripe\.com:443", got / });
  });
}

const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((ip) => ip.toLowerCase()),
);

test('a pair that is written is read back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '(app)', 'stripe', '@scope/name'),
      host.map((name) => name.toLowerCase()),
      fc.integer({ min: 0, max: 65_535 }),
      (name, target, port) => {
        const pair = { package: name, host: target, port };
        assert.deepEqual(parsePair(pairText(pair)), pair);
      },
    ),
  );
});

test('an acknowledgement without a port covers every port, one with a port only that', () => {
  const known = [parsePair('a -> x.test'), parsePair('a -> y.test:443')];
  assert.ok(isAcknowledged(known, { package: 'a', host: 'x.test', port: 1 }));
  assert.ok(isAcknowledged(known, { package: 'a', host: 'y.test', port: 443 }));
  assert.ok(!isAcknowledged(known, { package: 'a', host: 'y.test', port: 80 }));
  assert.ok(!isAcknowledged(known, { package: 'b', host: 'x.test', port: 1 }));
});
