import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ago, bytes, count, duration, isoOfMicros, plural, share, timeLeft } from '../src/format.ts';
import { roundStep } from '../src/ui/scale.ts';

test('counts have thousands separators', () => {
  assert.equal(count(0), '0');
  assert.equal(count(1_234_567), '1,234,567');
  assert.equal(plural(1, 'call'), '1 call');
  assert.equal(plural(1_000, 'call'), '1,000 calls');
});

test('bytes have one unit, and never a thousand of it', () => {
  const shown: [number, string][] = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1 kB'],
    [25_649, '25.6 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1 MB'],
    [1_500_000_000, '1.5 GB'],
    [Number.MAX_SAFE_INTEGER, '9 PB'],
  ];
  for (const [value, text] of shown) assert.equal(bytes(value), text);
});

test('a share is rounded, but something is never nothing and not quite all is never all', () => {
  assert.equal(share(0, 0), '0 %');
  assert.equal(share(0, 10), '0 %');
  assert.equal(share(1, 1_000_000), '< 1 %');
  assert.equal(share(999_999, 1_000_000), '> 99 %');
  assert.equal(share(1, 3), '33 %');
  assert.equal(share(5, 5), '100 %');
});

test('times', () => {
  assert.equal(duration(999), '999 µs');
  assert.equal(duration(34_400), '34.4 ms');
  assert.equal(duration(1_250_000), '1.3 s');
  assert.equal(isoOfMicros(1_700_000_000_123_456), '2023-11-14T22:13:20.123456Z');
  assert.equal(ago(0, 4_000), 'just now');
  assert.equal(ago(0, 59_000), '59 s ago');
  assert.equal(ago(0, 3_599_000), '59 min ago');
  assert.equal(ago(0, 49 * 3_600_000), '2 days ago');
  assert.equal(timeLeft(86_400_000, 60_000), '23 h 59 min');
  assert.equal(timeLeft(60_000, 59_999), '1 min');
  assert.equal(timeLeft(0, 1), '0 min');
});

test('the steps of an axis are round and as many as asked for at most', () => {
  for (const length of [1, 2, 7, 99, 130_000, 425_000, 1e9]) {
    const step = roundStep(length, 6);
    assert.match(String(step), /^[125]0*$/);
    assert.ok(length / step <= 6);
  }
});
