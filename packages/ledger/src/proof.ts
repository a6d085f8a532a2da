import { canonical, parseCanonical } from '@outwitness/event';
import { ledgerError } from './errors.ts';
import { readSeal } from './seal.ts';
import type { EvidenceReader, StoredRow } from './store.ts';
import { inclusionProof } from './tree-proofs.ts';

/** What ties one row to the newest note, whether its leaf is still there or not. */
export interface RowProof {
  readonly genesis: StoredRow;
  /** The note and the number of rows that it covers. */
  readonly note: string;
  readonly size: number;
  /** RFC 6962 section 2.1.1, lowest level first. */
  readonly hashes: readonly Uint8Array[];
  readonly genesisHashes: readonly Uint8Array[];
  /** The row that introduced the epoch key, where that is not genesis. */
  readonly key?: StoredRow;
  readonly keyHashes?: readonly Uint8Array[];
}

/**
 * Proves one row in the newest note.
 *
 * @throws OutwitnessError `range` if no note covers that row
 */
export async function proveRow(reader: EvidenceReader, seq: number): Promise<RowProof> {
  const note = await reader.lastNote();
  const size = note?.size ?? 0;
  const hashes = await inclusionProof(reader, seq, size);
  const genesisHashes = await inclusionProof(reader, 0, size);
  const [genesis] = await reader.rows(0, 1);
  if (note === undefined || genesis === undefined) {
    throw ledgerError(
      'ledger-damaged',
      'row 0 is missing although a note covers it. Run the verifier on the data directory.',
    );
  }
  const proof = { genesis, note: note.note, size, hashes, genesisHashes };
  const [last] = await reader.rows(size - 1, size);
  const epoch = last === undefined ? 0 : (readSeal(last.leaf)?.epoch ?? 0);
  if (epoch === 0) return proof;
  // The newest note may be a closing one: then the newest key row is that of the epoch after it.
  const key = (await reader.rowsOfKind('key', 2)).find(({ leaf }) => parseCanonical(leaf)['epoch'] === epoch);
  return key === undefined ? proof : { ...proof, key, keyHashes: await inclusionProof(reader, key.seq, size) };
}

/**
 * Writes one row as a C2SP `tlog-proof@v1` (docs/formats/bundle.md, "One row").
 *
 * @throws OutwitnessError `range` if no note covers that row, `row-dropped` if only its hash is left
 */
export async function tlogProof(reader: EvidenceReader, seq: number): Promise<string> {
  const proof = await proveRow(reader, seq);
  const [row] = await reader.rows(seq, seq + 1);
  if (row === undefined) {
    throw ledgerError(
      'row-dropped',
      `the text of row ${seq} was dropped or erased, only its hash is left: expected a row with its text. A bundle proves that it was there: outwitness export --from ${seq} --to ${seq + 1} --out FILE`,
    );
  }
  const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString('hex'));
  const extra = canonical({
    genesis: proof.genesis.leaf,
    genesisProof: hex(proof.genesisHashes),
    leaf: row.leaf,
    ...(proof.key === undefined ? {} : { key: proof.key.leaf, keyProof: hex(proof.keyHashes ?? []) }),
  });
  const lines = proof.hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(extra).toString('base64')}\nindex ${seq}\n${lines}\n${proof.note}`;
}
