import { ledgerError } from './errors.ts';
import { CompactRange, joinEdge, NODE_LEVELS, nodeHash, split, type Subtree, tiling } from './merkle.ts';
import type { EvidenceReader } from './store.ts';

/** What proofs are made from. */
export type TreeReader = Pick<EvidenceReader, 'hashes' | 'nodes'>;

/** Hashes of complete subtrees of 256 rows and more: those never change, and most proofs share them. */
type Joined = Map<string, Uint8Array>;
const joinedBy = new WeakMap<TreeReader, Joined>();
const MOST_JOINED = 20_000;

/** {@link subtreeHash} for proofs, which whoever gets them checks against a note: what was joined once is joined. */
async function rememberedHash(reader: TreeReader, tile: Subtree): Promise<Uint8Array> {
  if (tile.level < NODE_LEVELS) return subtreeHash(reader, tile);
  let joined = joinedBy.get(reader);
  if (joined === undefined || joined.size >= MOST_JOINED) joinedBy.set(reader, (joined = new Map() as Joined));
  const key = `${tile.level} ${tile.index}`;
  const hash = joined.get(key) ?? (await subtreeHash(reader, tile));
  joined.set(key, hash);
  return hash;
}

/** Hash of a complete subtree, joined from at most 128 stored hashes. */
async function subtreeHash(reader: TreeReader, { level, index }: Subtree): Promise<Uint8Array> {
  const base = level - (level % NODE_LEVELS);
  const width = 2 ** (level - base);
  const [from, to] = [index * width, (index + 1) * width];
  let hashes = base === 0 ? await reader.hashes(from, to) : await reader.nodes(base, from, to);
  if (hashes.length !== width) {
    throw ledgerError(
      'ledger-damaged',
      `level ${base} holds ${hashes.length} hashes of [${from}, ${to}): expected ${width}. Run the verifier.`,
    );
  }
  while (hashes.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < hashes.length; i += 2)
      above.push(nodeHash(hashes[i] as Uint8Array, hashes[i + 1] as Uint8Array));
    hashes = above;
  }
  return hashes[0] as Uint8Array;
}

/** Hashes of the subtrees that tile [from, to). */
export async function tileHashes(reader: TreeReader, from: number, to: number): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (const tile of tiling(from, to)) hashes.push(await subtreeHash(reader, tile));
  return hashes;
}

/** The right edge of the tree over the first `size` rows. */
export async function compactRange(reader: TreeReader, size: number): Promise<CompactRange> {
  return new CompactRange(size, await tileHashes(reader, 0, size));
}

/** Root over [from, to), which must be a node of the RFC 6962 tree: from is a multiple of the largest power of two in its length. */
async function rangeRoot(reader: TreeReader, from: number, to: number): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const tile of tiling(from, to)) hashes.push(await rememberedHash(reader, tile));
  return joinEdge(hashes);
}

/**
 * Inclusion proof of a row in the tree over the first `size` rows (RFC 6962 section 2.1.1), lowest level first.
 *
 * @throws OutwitnessError `range` unless 0 <= seq < size
 */
export async function inclusionProof(reader: TreeReader, seq: number, size: number): Promise<Uint8Array[]> {
  if (!(seq >= 0 && seq < size))
    throw ledgerError('range', `no row ${seq} in a tree of ${size} rows: expected 0 to ${size - 1}`);
  const proof: Uint8Array[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (seq < middle) {
      proof.push(await rangeRoot(reader, middle, to));
      to = middle;
    } else {
      proof.push(await rangeRoot(reader, from, middle));
      from = middle;
    }
  }
  return proof.toReversed();
}

/**
 * Proof that the tree over the first `older` rows is a prefix of that over the first `size` rows (RFC 6962 section 2.1.2).
 *
 * @throws OutwitnessError `range` unless 0 < older <= size
 */
export async function consistencyProof(reader: TreeReader, older: number, size: number): Promise<Uint8Array[]> {
  if (!(older > 0 && older <= size))
    throw ledgerError('range', `no proof from ${older} to ${size} rows: expected 0 < ${older} <= ${size}`);
  const proof: Uint8Array[] = [];
  let [from, to] = [0, size];
  while (older < to) {
    const middle = from + split(to - from);
    if (older <= middle) {
      proof.push(await rangeRoot(reader, middle, to));
      to = middle;
    } else {
      proof.push(await rangeRoot(reader, from, middle));
      from = middle;
    }
  }
  // The whole older tree is known to whoever asks.
  if (from > 0) proof.push(await rangeRoot(reader, from, to));
  return proof.toReversed();
}
