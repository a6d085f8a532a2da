import { canonical } from '@outwitness/event';
import { ledgerError } from './errors.ts';
import type { EvidenceReader, StoredRow } from './store.ts';
import { inclusionProof } from './tree-proofs.ts';

/** One row and what ties it to the newest note. */
export interface RowProof {
  readonly row: StoredRow;
  readonly genesis: StoredRow;
  /** The note and the number of rows that it covers. */
  readonly note: string;
  readonly size: number;
  /** RFC 6962 section 2.1.1, lowest level first. */
  readonly hashes: readonly Uint8Array[];
  readonly genesisHashes: readonly Uint8Array[];
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
  const [row] = await reader.rows(seq, seq + 1);
  const [genesis] = await reader.rows(0, 1);
  if (note === undefined || row === undefined || genesis === undefined) {
    throw ledgerError(
      'ledger-damaged',
      `row ${seq} is missing although a note covers it. Run the verifier on the data directory.`,
    );
  }
  return { row, genesis, note: note.note, size, hashes, genesisHashes };
}

/**
 * Writes one row as a C2SP `tlog-proof@v1` (docs/formats/bundle.md, "One row").
 *
 * @throws OutwitnessError `range` if no note covers that row
 */
export async function tlogProof(reader: EvidenceReader, seq: number): Promise<string> {
  const proof = await proveRow(reader, seq);
  const extra = canonical({
    genesis: proof.genesis.leaf,
    genesisProof: proof.genesisHashes.map((hash) => Buffer.from(hash).toString('hex')),
    leaf: proof.row.leaf,
  });
  const lines = proof.hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(extra).toString('base64')}\nindex ${seq}\n${lines}\n${proof.note}`;
}
