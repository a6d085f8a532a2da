import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { keyDirectory, loadKey, loadOrCreateKey, refuseWeakKey, signingKey } from '../src/keys.ts';

function directory(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'outwitness-keys-'));
  t.after(() => rmSync(made, { recursive: true }));
  return join(made, 'keys');
}

test('a key is made once, as PKCS #8 PEM of mode 0600 in a directory of mode 0700', (t) => {
  const path = directory(t);
  const keys = keyDirectory(path);
  const key = loadOrCreateKey(keys, 'log');
  assert.deepEqual(loadOrCreateKey(keys, 'log').publicKey, key.publicKey);
  assert.match(readFileSync(join(path, 'log.key'), 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(statSync(join(path, 'log.key')).mode & 0o777, 0o600);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  assert.throws(() => keys.create('log', 'other'), { code: 'EEXIST' });
});

test('the public line is published beside it with mode 0644', (t) => {
  const path = directory(t);
  const keys = keyDirectory(path);
  loadOrCreateKey(keys, 'log');
  keys.publish('a+b+c');
  keys.publish('a+b+c');
  assert.equal(readFileSync(join(path, 'log.vkey'), 'utf8'), 'a+b+c\n');
  assert.equal(statSync(join(path, 'log.vkey')).mode & 0o777, 0o644);
});

test('a key that others can read, that is missing or that is no Ed25519 key is refused', (t) => {
  const path = directory(t);
  const keys = keyDirectory(path);
  assert.throws(() => loadKey(keys, 'log'), { code: 'key-missing' });
  loadOrCreateKey(keys, 'log');
  chmodSync(join(path, 'log.key'), 0o640);
  assert.throws(() => loadKey(keys, 'log'), { code: 'key-mode', message: /mode 0640: expected 0600/ });
  chmodSync(join(path, 'log.key'), 0o600);
  writeFileSync(join(path, 'log.key'), 'nothing');
  assert.throws(() => loadKey(keys, 'log'), { code: 'key-malformed' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  assert.throws(() => signingKey(ec.toString()), { code: 'key-malformed' });
});

test('points of small order and encodings that are not canonical are refused', () => {
  const weak = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '00',
  ];
  for (const key of weak) assert.throws(() => refuseWeakKey(Buffer.from(key, 'hex')), { code: 'key-weak' });
  for (let i = 0; i < 50; i++) {
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    refuseWeakKey(Buffer.from(x, 'base64url'));
  }
});
