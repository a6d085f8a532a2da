import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fingerprinter } from '../src/redaction/fingerprint.ts';

/** What RFC 2104 and FIPS 180-4 say, by OpenSSL. */
function expected(key: Uint8Array, fields: readonly string[]): string {
  const message = fields.map((field) => `${Buffer.byteLength(field)}:${field}`).join('');
  return crypto.createHmac('sha256', key).update(message).digest('hex').slice(0, 32);
}

test('a fingerprint is the HMAC that OpenSSL makes, for keys and fields of any kind', () => {
  const fields = fc.array(fc.oneof(fc.string({ maxLength: 90 }), fc.string({ unit: 'binary', maxLength: 90 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 140 }), fc.array(fields, { maxLength: 4 }), (bytes, lists) => {
      const print = fingerprinter({ bytes, own: false });
      for (const list of lists) assert.equal(print(list), expected(bytes, list));
    }),
  );
});

test('a fingerprint is right for every length about the ends of blocks and of what is kept', () => {
  const key = Buffer.from('key');
  const print = fingerprinter({ bytes: key, own: false });
  for (const length of [...Array(200).keys(), ...Array.from({ length: 80 }, (_, i) => 980 + i), 100_000]) {
    for (const field of ['x'.repeat(length), 'ü'.repeat(length)])
      assert.equal(print([field]), expected(key, [field]), `${field[0]} × ${length}`);
  }
});

test('a lone surrogate counts as U+FFFD', () => {
  const print = fingerprinter({ bytes: Buffer.from('key'), own: true });
  assert.equal(print(['\ud800']), print(['\ufffd']));
});
