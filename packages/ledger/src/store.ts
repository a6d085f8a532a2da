import type { RollupEntry } from '@outwitness/event';

/** One row as it lies in the store. */
export interface StoredRow {
  readonly seq: number;
  /** The exact canonical text that was hashed. */
  readonly leaf: string;
  /** 32 bytes. */
  readonly rowHash: Uint8Array;
}

/** One entry of the tables `pending` and `writers`. */
export interface StateEntry {
  readonly key: string;
  /** Canonical JSON. */
  readonly record: string;
}

/** How far a spool file was drained. */
export interface SpoolMark {
  readonly name: string;
  /** Bytes. */
  readonly offset: number;
  /** Number of the next record. */
  readonly n: number;
  /** uid. */
  readonly owner: number;
  /** µs of the time it was found at its end with a `bye`, else 0. */
  readonly drained: number;
}

/** Hash of the complete subtree of 2^level rows that begins at row idx · 2^level; level = 8, 16, 24 … */
export interface TreeNode {
  readonly level: number;
  readonly idx: number;
  readonly hash: Uint8Array;
}

export interface StoredNote {
  readonly size: number;
  readonly note: string;
}

/** What changes in a state table. */
export interface StateChanges {
  readonly put: readonly StateEntry[];
  readonly gone: readonly string[];
}

/** Everything that one transaction holds; docs/formats/checkpoint.md, "Order". */
export interface Batch {
  /** Ascending without holes from the store's size on; the last one is a seal. */
  readonly rows: readonly StoredRow[];
  readonly nodes: readonly TreeNode[];
  readonly pending: StateChanges;
  readonly writers: StateChanges;
  readonly spools: readonly SpoolMark[];
  readonly texts: ReadonlyMap<string, string>;
  readonly rollup: readonly RollupEntry[];
  readonly note: StoredNote;
}

/** What proofs and bundles need. Every method reads one slice, so that no reading transaction lasts. */
export interface EvidenceReader {
  /** Number of rows. */
  size(): Promise<number>;
  /** Rows [from, to) by `seq`. The caller keeps `to − from` small. */
  rows(from: number, to: number): Promise<StoredRow[]>;
  /** Row hashes [from, to). */
  hashes(from: number, to: number): Promise<Uint8Array[]>;
  /** Hashes of the nodes [from, to) of a level. */
  nodes(level: number, from: number, to: number): Promise<Uint8Array[]>;
  /** The newest rows of kind `key`, ascending; default: all. */
  keyRows(newest?: number): Promise<StoredRow[]>;
  /** Notes with a size greater than `after`, ascending. */
  notes(after: number, limit: number): Promise<StoredNote[]>;
  /** The newest note with a size of at most `size` (default: any). */
  lastNote(size?: number): Promise<StoredNote | undefined>;
  /** A catalogue or manifest text. */
  text(sha256: string): Promise<string | undefined>;
}

/**
 * The narrow port through which the ledger writes. Rows and notes can only be appended: there is no method that
 * updates or deletes one. State tables (`pending`, `writers`, `spools`) are the assembler's memory, no evidence.
 */
export interface Store extends EvidenceReader {
  pending(): Promise<StateEntry[]>;
  writers(): Promise<StateEntry[]>;
  spools(): Promise<SpoolMark[]>;
  /** Distinct hosts of the rollup for an hour and package. */
  rollupHosts(hour: number, packageName: string): Promise<string[]>;
  /**
   * Commits a batch whole or not at all. When the promise resolves it survives a power cut; when it rejects nothing of
   * it is in the store.
   */
  commit(batch: Batch): Promise<void>;
  /** The same as {@link EvidenceReader.rows}, read on a connection that did not write them. */
  reread(from: number, to: number): Promise<StoredRow[]>;
}
