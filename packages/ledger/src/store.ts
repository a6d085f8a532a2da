import type { ControlEvent, RollupEntry, RowKind } from '@outwitness/event';
import type { RollupQuery, RollupSum } from './journal.ts';

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

/** One row whose leaf goes in the transaction of its `erase` row. */
export interface Erasure {
  readonly seq: number;
  /** What takes the place of all entries of this hour and package in the rollup; absent where the row was not folded. */
  readonly group?: { readonly hour: number; readonly package: string; readonly entries: readonly RollupEntry[] };
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
  /** New values of entries of the base, with a `vacuum` row. */
  readonly base?: readonly RollupEntry[];
  /** With an `erase` row. */
  readonly erased?: Erasure;
  readonly note: StoredNote;
}

/** What proofs and bundles need. Every method reads one slice, so that no reading transaction lasts. */
export interface EvidenceReader {
  /** Number of rows. */
  size(): Promise<number>;
  /** Rows [from, to) by `seq` that have their leaf still. The caller keeps `to − from` small. */
  rows(from: number, to: number): Promise<StoredRow[]>;
  /** Row hashes [from, to). */
  hashes(from: number, to: number): Promise<Uint8Array[]>;
  /** Hashes of the nodes [from, to) of a level. */
  nodes(level: number, from: number, to: number): Promise<Uint8Array[]>;
  /** The newest rows of a kind of which there are few, ascending; default: all. */
  rowsOfKind(kind: RowKind & ('key' | 'policy' | 'vacuum' | 'erase'), newest?: number): Promise<StoredRow[]>;
  /** Notes with a size greater than `after`, ascending. */
  notes(after: number, limit: number): Promise<StoredNote[]>;
  /** The newest note with a size of at most `size` (default: any). */
  lastNote(size?: number): Promise<StoredNote | undefined>;
  /** A catalogue or manifest text. */
  text(sha256: string): Promise<string | undefined>;
}

/**
 * The narrow port through which the ledger writes. Rows and notes can only be appended: there is no method that
 * updates or deletes one, and a leaf goes only where a `vacuum` or `erase` row in the ledger names it. State tables
 * (`pending`, `writers`, `spools`) are the assembler's memory, no evidence.
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
  /** The newest `control` rows of one event, ascending. */
  controls(event: ControlEvent, newest: number): Promise<StoredRow[]>;
  /** Entries of the base with `hour` in [from, to). */
  rollupBase(from: number, to: number): Promise<RollupEntry[]>;
  /** Sums over the rollup. */
  rollup(query: RollupQuery): Promise<RollupSum[]>;
  /** `net` rows of a package (`''`: of none) beyond `after` and below `to`, ascending. */
  packageRows(name: string, after: number, to: number, limit: number): Promise<StoredRow[]>;
  /** Drops the leaves of [from, to) that the newest `vacuum` row names. @returns how many there were */
  drop(from: number, to: number): Promise<number>;
  /** Takes what was dropped out of the files beside the database too. @returns false if a reader stood in the way */
  scrub(): Promise<boolean>;
}
