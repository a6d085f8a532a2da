import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { signingKey } from '../src/keys.ts';
import { lastSignedNote } from '../src/last-note.ts';
import { signNote, vkey } from '../src/note.ts';

const made = (): ReturnType<typeof signingKey> =>
  signingKey(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
const [log, epoch] = [made(), made()];
const ORIGIN = 'local/outwitness/00112233445566778899aabbccddeeff';
const folder = mkdtempSync(join(tmpdir(), 'last-note-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const checkpoints = join(folder, 'checkpoints.log');
writeFileSync(join(folder, 'log.vkey'), `${vkey({ name: ORIGIN, publicKey: log.publicKey })}\n`);

const noteOf = (size: number): string =>
  signNote(ORIGIN, size, Buffer.alloc(32, size), [
    { name: ORIGIN, key: log },
    { name: `${ORIGIN}/epoch/0`, key: epoch },
  ]);

/** The last note of a log that holds the one of size 12, and behind it another of size 13. */
async function lastOf(change: (note: string) => string): Promise<string | undefined> {
  const notes = { 12: noteOf(12), 13: change(noteOf(13)) };
  const lines = Object.entries(notes).map(([size, note]) => `${size} ${Buffer.from(note).toString('base64')}\n`);
  writeFileSync(checkpoints, lines.join(''));
  const found = await lastSignedNote({ journal: undefined, checkpoints, vkey: join(folder, 'log.vkey') });
  return found?.note;
}

test('the newest note that the log key signed is the last one', async () => {
  assert.equal(await lastOf((note) => note), noteOf(13));
  assert.equal(await lastOf((note) => note.replace('\n13\n', '\n14\n')), noteOf(12));
});

test('lines that others added to a note are left out, however many there are', async () => {
  const witness = `\u2014 witness.example ${Buffer.alloc(68, 1).toString('base64')}\n`;
  const others = `\u2014 witness.example/w ${Buffer.alloc(3_000, 1).toString('base64')}\n${witness}`;
  assert.equal(await lastOf((note) => `${note}${others}`), noteOf(13));
  assert.equal(await lastOf((note) => note.replace('\n\n', `\n\n${others}`)), noteOf(13));
});

test('the line of the log key comes first, also where it was moved', async () => {
  const moved = (note: string): string => note.replace(/\n(\u2014 .*)\n(\u2014 .*)\n$/, '\n$2\n$1\n');
  assert.notEqual(moved(noteOf(13)), noteOf(13));
  assert.equal(await lastOf(moved), noteOf(13));
});

test('a note without one line of an epoch key, or with a longer one, is none', async () => {
  const long = Buffer.alloc(3_000, 1).toString('base64');
  assert.equal(await lastOf((note) => note.replace(/\u2014 \S+\/epoch\/0 .*\n/, '')), noteOf(12));
  assert.equal(await lastOf((note) => note.replace(/(\/epoch\/0) .*/, `$1 ${long}`)), noteOf(12));
  assert.equal(
    await lastOf((note) => `${note}\u2014 ${ORIGIN}/epoch/1 ${Buffer.alloc(68).toString('base64')}\n`),
    noteOf(12),
  );
});
