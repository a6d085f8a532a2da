/**
 * The port through which a report reads: plain rows, no judgement. store-sqlite's reader answers it by an adapter in the
 * collector. Times are µs since 1970 UTC; hours are whole hours since 1970 UTC, `to` is exclusive.
 */
import type { Flat, RollupEntry } from '@outwitness/event';

import type { WriterState } from './report-json.ts';

type Awaitable<T> = T | Promise<T>;

export interface ReportSource {
  /** Rollup cells of the period, all applications, `outwitness` included. */
  cells(fromHour: number, toHour: number): Awaitable<readonly RollupEntry[]>;
  /**
   * Outbound pairs of all time. It only grows by what is folded, so an adapter keeps it in memory: `addPairs`.
   */
  pairs(): Awaitable<readonly PairSeen[]>;
  /** Leaves by sequence number; numbers without a leaf are left out. */
  rows(seqs: readonly number[]): Awaitable<readonly Flat[]>;
  /** Rows of one kind, grouped by `event`, within [from, to) by `time`. */
  events(query: EventQuery): Awaitable<readonly EventGroup[]>;
  /** Outbound rows of the channels `process` and `native` by what was started or loaded, within [from, to) by `time`. */
  programs(query: TimeQuery): Awaitable<readonly Program[]>;
  /** What writers said of packages (`pkg` records); the newest version of each is used. */
  packages(): Awaitable<readonly PackageFact[]>;
  /** See `writersOf`. */
  writers(): Awaitable<readonly WriterFact[]>;
  ledger(): Awaitable<LedgerFact>;
  /** Outbound rows with basis `cached`; `null` if counting would take too long. */
  cachedCalls(query: TimeQuery): Awaitable<number | null>;
}

export interface TimeQuery {
  readonly from: number;
  readonly to: number;
  /** Absent: all applications. Rows without `app` belong to every application. */
  readonly app?: string;
}

export interface EventQuery extends TimeQuery {
  readonly kind: 'control' | 'gap' | 'hook' | 'erase' | 'vacuum';
  readonly events?: readonly string[];
  /** Only rows that this one caused. */
  readonly actor?: string;
  /** Most leaves per event. */
  readonly limit: number;
}

export interface EventGroup {
  /** The kind, where rows of it have no event. */
  readonly event: string;
  readonly rows: number;
  /** Sum of `count`; absent counts as 1. */
  readonly count: number;
  /** Sum of `missing`. */
  readonly missing: number;
  /** Newest first. */
  readonly newest: readonly Flat[];
}

export interface PairSeen {
  readonly app: string;
  readonly package: string;
  readonly host: string;
  readonly port: number;
  readonly class: string;
  readonly declared: string;
  readonly firstHour: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly events: number;
}

export interface Program {
  readonly channel: 'process' | 'native';
  readonly app: string;
  /** `path` of the row. */
  readonly program: string;
  readonly package: string;
  readonly declared: string;
  readonly events: number;
  readonly lastSeq: number;
}

export interface PackageFact {
  readonly package: string;
  readonly version: string;
  readonly author?: string;
  /** Text of its egress manifest. */
  readonly manifest?: string;
}

export interface WriterFact {
  readonly writer: string;
  readonly app: string;
  readonly pid: number;
  readonly thread: number;
  readonly state: WriterState;
  readonly since: number;
  readonly lastSeen?: number;
  readonly runtime?: string;
  readonly agent?: string;
  readonly loaded?: string;
  readonly uid?: number;
  readonly channels: readonly string[];
  readonly disabled: readonly string[];
  readonly late: readonly string[];
  readonly generation?: number;
  readonly enabled: boolean;
  readonly strict: boolean;
}

export interface LedgerFact {
  readonly origin: string;
  /** Rows. */
  readonly size: number;
  /** Time of row 0: the learning window begins. */
  readonly firstRowAt?: number;
  readonly checkpoint: { readonly size: number; readonly at?: number };
  /** Could the audited process read the key: same uid, or root? Absent: not known. */
  readonly keyWithinReach?: boolean;
  /** Why the ledger takes no more rows. */
  readonly frozen?: string;
  readonly bodyCapture: boolean;
  /** The ledger before, as the genesis row names it. */
  readonly predecessor?: {
    readonly origin: string;
    readonly size: number;
    readonly verdict: string;
    readonly why: string;
  };
  /** Rows below are hashes only; 0 or absent = none. */
  readonly cut?: number;
  /** Newest run of the verifier. */
  readonly verification?: VerificationFact;
  /** The newest run over the whole ledger. */
  readonly wholeVerification?: Pick<VerificationFact, 'verdict' | 'exit' | 'at'>;
}

export interface VerificationFact {
  readonly verdict: string;
  /** As in docs/formats/verification.md. */
  readonly exit: number;
  readonly at: number;
  readonly range: readonly [number, number];
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly seq: number;
    readonly expected: string;
    readonly got: string;
    readonly text: string;
  }[];
}
