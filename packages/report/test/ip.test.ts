import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';

import fc from 'fast-check';

import { inRange, isPrivate, parseIp, parseRange, unmapped } from '../src/ip.ts';

for (const [text, inside] of [
  ['10.0.0.1', true],
  ['9.255.255.255', false],
  ['11.0.0.0', false],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.1.1', true],
  ['192.169.0.1', false],
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['169.254.169.254', true],
  ['0.0.0.0', true],
  ['100.64.0.1', false],
  ['224.0.0.251', true],
  ['224.0.1.1', false],
  ['255.255.255.255', true],
  ['8.8.8.8', false],
  ['::1', true],
  ['::', true],
  ['::2', false],
  ['fc00::1', true],
  ['fdff::1', true],
  ['fe80::1%eth0', true],
  ['fec0::1', false],
  ['ff02::fb', true],
  ['ff0e::1', false],
  ['2001:db8::1', false],
  ['[::1]', true],
  ['::ffff:10.1.2.3', true],
  ['::ffff:8.8.8.8', false],
  ['::ffff:7f00:1', true],
  ['64:ff9b::a00:1', false],
] as const) {
  test(`${text} is ${inside ? 'private' : 'public'}`, () => {
    const ip = parseIp(text);
    assert.ok(ip);
    assert.equal(isPrivate(ip), inside);
  });
}

for (const [text, same] of [
  ['127.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0x7f000001', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['017700000001', '127.0.0.1'],
  ['134744072', '8.8.8.8'],
  ['8.8.2056', '8.8.8.8'],
  ['010.0.0.1', '8.0.0.1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['1:0:0:0:0:0:0:1', '1::1'],
] as const) {
  test(`${text} is read as inet_aton reads it: ${same}`, () => assert.deepEqual(parseIp(text), parseIp(same)));
}

const NO_ADDRESSES =
  'localhost a.b . 1.2.3.4.5 256.1.1.1 1.2.3.256 4294967296 1.2.3.x 09.1.1.1 -1 ' +
  ': ::: 1::2::3 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 12345:: g::1 ::1.2.3 1:2:3:4:5:6:7:8::';

for (const text of ['', ...NO_ADDRESSES.split(' ')]) {
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(parseIp(text), undefined));
}

test('whatever Node takes for an address is one here too', () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6();
  fc.assert(
    fc.property(fc.oneof(v4, v6), (text) => {
      assert.notEqual(isIP(text), 0);
      assert.ok(parseIp(text), text);
    }),
  );
});

test('an address is in the block of its own prefix and not in its neighbour', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (text, length) => {
      const ip = parseIp(text);
      const range = parseRange(`${text}/${length}`);
      assert.ok(ip);
      assert.ok(range);
      assert.ok(inRange(ip, range));
      assert.ok(!inRange({ bits: 32, value: ip.value ^ (1n << BigInt(32 - length)) }, range));
      assert.ok(!inRange({ bits: 128, value: ip.value }, range));
    }),
  );
});

test('a block needs an address and a length that fits', () => {
  for (const text of ['10.0.0.0/33', '::/129', '10.0.0.0', 'a.test/8', '/8', '10.0.0.0/-1']) {
    assert.equal(parseRange(text), undefined, text);
  }
  assert.deepEqual(parseRange('::/128')?.length, 128);
});

test('mapped IPv4 is shown as IPv4, anything else as it is', () => {
  assert.equal(unmapped('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(unmapped('::FFFF:10.0.0.1'), '10.0.0.1');
  assert.equal(unmapped('::1'), '::1');
  assert.equal(unmapped('/run/app.sock'), '/run/app.sock');
});
