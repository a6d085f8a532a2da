import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MemoryLedger } from '../../server/test/memory/ledger.ts';
import { pathOf, rootOf } from '../../server/test/memory/tree.ts';
import { fromHex } from '../src/record/hex.ts';
import { rowHashOf, walkProof } from '../src/record/merkle.ts';
import { checkSignature, parseNote } from '../src/record/note.ts';

const ledger = new MemoryLedger(0);
for (let i = 0; i < 70; i++) ledger.append({ kind: 'net', time: i, host: 'ä.example' });
ledger.seal(1);
const hashes = ledger.rows.map(({ hash }) => hash);
const hex = (bytes: Buffer): string => bytes.toString('hex');

test('hashes the exact bytes of a leaf', async () => {
  for (const { leaf, hash } of ledger.rows) assert.equal(await rowHashOf(leaf), hex(hash));
});

test('every proof of every tree leads to its root, and no other proof does', async () => {
  for (const size of [...Array(19).keys(), 31, 32, 33, hashes.length]) {
    const tree = hashes.slice(0, size);
    const root = hex(rootOf(tree));
    for (let index = 0; index < size; index++) {
      const proof = pathOf(index, tree).map(hex);
      const rowHash = hex(tree[index]!);
      const walk = await walkProof(index, size, rowHash, proof);
      assert.equal(walk?.root, root, `${index} of ${size}`);
      assert.equal(walk?.steps.length, proof.length);
      if (proof.length > 0) {
        assert.equal(await walkProof(index, size, rowHash, proof.slice(1)), undefined);
        assert.equal(await walkProof(index, size, rowHash, [...proof, rowHash]), undefined);
        const wrong = await walkProof(index, size, rowHash, ['00'.repeat(32), ...proof.slice(1)]);
        assert.notEqual(wrong?.root, root);
      }
    }
  }
  assert.equal(await walkProof(3, 3, '00'.repeat(32), []), undefined);
});

test('reads a note and checks both signatures', async () => {
  const note = parseNote(ledger.note.text);
  assert.ok(note !== undefined);
  assert.equal(note.origin, ledger.origin);
  assert.equal(note.size, ledger.rows.length);
  assert.equal(note.root, hex(rootOf(hashes)));
  const [log, epoch] = note.signatures;
  assert.ok(log !== undefined && epoch !== undefined);
  const genesis = JSON.parse(ledger.rows[0]!.leaf) as { logKey: string; epochKey: string };
  assert.equal(await checkSignature(note, log, genesis.logKey), 'valid');
  assert.equal(await checkSignature(note, epoch, genesis.epochKey), 'valid');
  assert.equal(await checkSignature(note, log, genesis.epochKey), 'invalid');
  assert.equal(
    await checkSignature({ ...note, text: note.text.replace(/\n\d/, '\n9') }, log, genesis.logKey),
    'invalid',
  );
  assert.equal(await checkSignature(note, { ...log, name: epoch.name }, genesis.logKey), 'invalid');
});

test('what is no note is none', () => {
  for (const text of ['', 'a\nb\nc\n', 'o\n0\nAAAA\n\n', `o\n1\n${'A'.repeat(44)}\n\n`, 'o\n01\nx\n\n— a b\n']) {
    assert.equal(parseNote(text), undefined, JSON.stringify(text));
  }
});

test('reads hex', () => {
  assert.deepEqual([...fromHex('00ff10')], [0, 255, 16]);
});
