import type { RollupEntry, RollupKey } from '@outwitness/event';
import type { EvidenceReader, StoredRow } from './store.ts';

/** A sequence number, or a time in µs since 1970 UTC that is compared with the row's `time`. */
export type Bound = { readonly seq: number } | { readonly time: number };

/** `value` `''` matches an absent field; an array matches if it contains the value. */
export interface RowFilter {
  readonly field: string;
  readonly value: string;
}

export interface RowQuery {
  readonly order: 'newest' | 'oldest';
  /** Only rows strictly beyond this sequence number in the order asked for. */
  readonly after?: number;
  /** Inclusive. */
  readonly from?: Bound;
  /** Exclusive. */
  readonly to?: Bound;
  /** Different fields must all match; values of one field are alternatives. */
  readonly where?: readonly RowFilter[];
  /** A row that matches any of these is left out. */
  readonly not?: readonly RowFilter[];
  readonly limit: number;
}

export interface RowPage {
  /** In the order asked for. */
  readonly rows: StoredRow[];
  /** Pass it as `after` to go on; absent = nothing lies further. A page may be short, even empty, and still have a `next`. */
  readonly next?: number;
}

export type RollupColumn = keyof RollupKey;

export interface RollupQuery {
  /** Hours since 1970 UTC, inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  /** Columns to keep apart; entries that differ only in others are added up. */
  readonly by: readonly RollupColumn[];
}

/** Sums over the rollup; only the columns asked for are there. */
export type RollupSum = Partial<RollupKey> & Omit<RollupEntry, RollupColumn>;

/** What people read: pages, scans and sums. Nothing here holds a reading transaction longer than one slice. */
export interface Journal extends EvidenceReader {
  page(query: RowQuery): Promise<RowPage>;
  /** All rows of a query, however many; `limit` is the size of a slice. */
  scan(query: RowQuery): AsyncIterable<StoredRow>;
  /** The row with the least `time` that is not before `time` (µs), for "jump to time". */
  seqAt(time: number): Promise<number | undefined>;
  rollup(query: RollupQuery): Promise<RollupSum[]>;
}
