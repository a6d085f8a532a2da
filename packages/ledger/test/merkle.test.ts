import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { CompactRange, tiling } from '../src/merkle.ts';
import type { TreeNode } from '../src/store.ts';
import { compactRange, consistencyProof, inclusionProof, tileHashes, type TreeReader } from '../src/tree-proofs.ts';

const sha = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const rows = Array.from({ length: 1200 }, (_, i) => sha(`\0row ${i}`));

/** MTH of RFC 6962 section 2.1, word by word. */
function mth(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return sha('\u0001', mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

/** PATH of RFC 6962 section 2.1.1. */
function path(m: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length === 1) return [];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  if (m < k) return [...path(m, hashes.slice(0, k)), mth(hashes.slice(k))];
  return [...path(m - k, hashes.slice(k)), mth(hashes.slice(0, k))];
}

/** SUBPROOF of RFC 6962 section 2.1.2. */
function subproof(m: number, hashes: readonly Uint8Array[], known: boolean): Uint8Array[] {
  if (m === hashes.length) return known ? [] : [mth(hashes)];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  if (m <= k) return [...subproof(m, hashes.slice(0, k), known), mth(hashes.slice(k))];
  return [...subproof(m - k, hashes.slice(k), false), mth(hashes.slice(0, k))];
}

/** A store of the first `size` rows and the nodes that a writer kept. */
function reader(size: number): TreeReader & { range: CompactRange } {
  const range = new CompactRange();
  const nodes: TreeNode[] = [];
  for (const row of rows.slice(0, size)) range.append(row, nodes);
  return {
    range,
    hashes: (from, to) => Promise.resolve(rows.slice(from, Math.min(to, size))),
    nodes: (level, from, to) =>
      Promise.resolve(
        nodes.filter((node) => node.level === level && node.idx >= from && node.idx < to).map((node) => node.hash),
      ),
  };
}

const sizes = fc.integer({ min: 1, max: rows.length });

test('the root of a growing tree is MTH at every size, and a restart goes on from the stored nodes', async () => {
  const range = new CompactRange();
  for (const [i, row] of rows.entries()) {
    range.append(row, []);
    if (i < 40 || i % 97 === 0) assert.deepEqual(Buffer.from(range.root()), Buffer.from(mth(rows.slice(0, i + 1))));
  }
  for (const size of [1, 255, 256, 257, 511, 512, 1000, 1200]) {
    const resumed = await compactRange(reader(size), size);
    assert.deepEqual(Buffer.from(resumed.root()), Buffer.from(mth(rows.slice(0, size))));
  }
});

test('a node is kept for each complete subtree of 256 rows', () => {
  const nodes: TreeNode[] = [];
  const range = new CompactRange();
  for (let i = 0; i < 65_536 + 256; i++) range.append(rows[i % rows.length]!, nodes);
  assert.equal(nodes.filter((node) => node.level === 8).length, 257);
  assert.deepEqual(
    nodes.filter((node) => node.level === 16).map((node) => node.idx),
    [0],
  );
  assert.deepEqual(Buffer.from(nodes[1]!.hash), Buffer.from(mth(rows.slice(256, 512))));
});

test('inclusion proofs are those of RFC 6962', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (size, at) => {
      const seq = at % size;
      assert.deepEqual(
        (await inclusionProof(reader(size), seq, size)).map(hex),
        path(seq, rows.slice(0, size)).map(hex),
      );
    }),
    { numRuns: 60 },
  );
});

test('proofs from one reader stay right while its tree grows, and join a complete subtree once', async () => {
  let size = 0;
  let read = 0;
  const growing: TreeReader = {
    hashes: async (from, to) => (read++, reader(size).hashes(from, to)),
    nodes: async (level, from, to) => (read++, reader(size).nodes(level, from, to)),
  };
  for (size of [300, 700, 1200])
    for (const seq of [0, 255, 256, size - 1]) {
      const [proof, hashes] = [await inclusionProof(growing, seq, size), rows.slice(0, size)];
      assert.deepEqual(proof.map(hex), path(seq, hashes).map(hex));
      const [older, expected] = [await consistencyProof(growing, seq + 1, size), subproof(seq + 1, hashes, true)];
      assert.deepEqual(older.map(hex), expected.map(hex));
    }
  const before = read;
  await inclusionProof(growing, 1100, size);
  const [first, again] = [read - before, reader(size)];
  read = 0;
  await inclusionProof({ hashes: async (...at) => (read++, again.hashes(...at)), nodes: async (...at) => (read++, again.nodes(...at)) }, 1100, size); // prettier-ignore
  assert.ok(first < read, `${first} statements, ${read} for a reader that nobody asked before`);
});

test('consistency proofs are those of RFC 6962', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), async (size, at) => {
      const older = (at % size) + 1;
      assert.deepEqual(
        (await consistencyProof(reader(size), older, size)).map(hex),
        subproof(older, rows.slice(0, size), true).map(hex),
      );
    }),
    { numRuns: 60 },
  );
});

test('a proof beyond the tree is refused', async () => {
  await assert.rejects(inclusionProof(reader(3), 3, 3), { code: 'range' });
  await assert.rejects(consistencyProof(reader(3), 4, 3), { code: 'range' });
  await assert.rejects(consistencyProof(reader(3), 0, 3), { code: 'range' });
});

test('tiles cover a range without overlap, each as large as its place allows', async () => {
  fc.assert(
    fc.property(fc.nat({ max: 5000 }), fc.nat({ max: 5000 }), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      let at = from;
      for (const { level, index } of tiling(from, to)) {
        const width = 2 ** level;
        assert.equal(index * width, at);
        assert.ok(at + width <= to && (at % (2 * width) !== 0 || at + 2 * width > to));
        at += width;
      }
      assert.equal(at, to);
    }),
  );
  assert.deepEqual((await tileHashes(reader(700), 3, 4)).map(hex), [hex(rows[3]!)]);
});

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
