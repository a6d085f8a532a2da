import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import { signingKey } from '../src/keys.ts';
import { isSignedBy, keyId, parseNote, parseVkey, signNote, vkey } from '../src/note.ts';

const made = (): ReturnType<typeof signingKey> =>
  signingKey(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
const [log, epoch] = [made(), made()];
const ORIGIN = 'local/outwitness/00112233445566778899aabbccddeeff';
const root = Buffer.alloc(32, 7);
const note = signNote(ORIGIN, 12, root, [
  { name: ORIGIN, key: log },
  { name: `${ORIGIN}/epoch/0`, key: epoch },
]);

test('a note is origin, size, root, an empty line and two signature lines, log key first', () => {
  const lines = note.split('\n');
  assert.deepEqual(lines.slice(0, 4), [ORIGIN, '12', root.toString('base64'), '']);
  assert.ok(lines[4]?.startsWith(`\u2014 ${ORIGIN} `));
  assert.ok(lines[5]?.startsWith(`\u2014 ${ORIGIN}/epoch/0 `));
  assert.deepEqual(lines.slice(6), ['']);
});

test('both signatures hold for their own key only, and for no other text', () => {
  const parsed = parseNote(note);
  const logKey = { name: ORIGIN, publicKey: log.publicKey };
  assert.ok(isSignedBy(parsed, logKey));
  assert.ok(isSignedBy(parsed, { name: `${ORIGIN}/epoch/0`, publicKey: epoch.publicKey }));
  assert.ok(!isSignedBy(parsed, { name: ORIGIN, publicKey: epoch.publicKey }));
  assert.ok(!isSignedBy(parseNote(note.replace('\n12\n', '\n13\n')), logKey));
});

test('a verifier key line made by another implementation is read', () => {
  // The example of golang.org/x/mod/sumdb/note.
  const example = parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  assert.equal(keyId(example).toString('hex'), 'c74f20a3');
});

test('a verifier key line survives the way there and back', () => {
  const key = { name: ORIGIN, publicKey: log.publicKey };
  assert.equal(vkey(parseVkey(vkey(key))), vkey(key));
  for (const line of [
    '',
    vkey(key).slice(1),
    vkey(key).replace('+', ' +'),
    `${ORIGIN}+00000000+${vkey(key).split('+')[2]}`,
  ]) {
    assert.throws(() => parseVkey(line), { code: 'key-malformed' });
  }
});

test('what is no note is refused', () => {
  for (const text of [
    '',
    note.slice(0, -1),
    note.replace('\n12\n', '\n012\n'),
    note.replace('\n\n', '\n'),
    note.replace('\u2014', '-'),
    note.replace('\n\n', '\nmore\n\n'),
  ]) {
    assert.throws(() => parseNote(text), { code: 'note-malformed' });
  }
});
