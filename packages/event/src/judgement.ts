import type { Basis, BytesBasis, Declared, DestinationClass, Direction, Outcome, Phase } from './vocabulary.ts';

/**
 * A `net` row before it is judged: what the records say, cleaned and cut. Absent = unknown; see docs/formats/event.md,
 * "Field table". Every string came from an audited process: words outside the vocabularies can occur in `direction`,
 * `channel` and `outcome`, and a judge must not throw on them.
 */
export interface NetDraft {
  readonly kind: 'net';
  /** µs since 1970 UTC, wall clock of the audited process when the call opened. */
  readonly time: number;
  readonly direction: Direction;
  readonly channel: string;
  /** Absent in phase `open`. */
  readonly outcome?: Outcome;
  readonly phase: Phase;
  readonly app: string;
  readonly pid: number;
  readonly thread: number;
  readonly spool: string;
  readonly spoolSeq: number;
  readonly call?: number;
  readonly conn?: number;
  readonly scheme?: string;
  readonly protocol?: string;
  readonly method?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly queryKeys?: readonly string[];
  readonly status?: number;
  readonly error?: string;
  readonly bytesOut?: number;
  readonly bytesIn?: number;
  readonly bytesBasis?: BytesBasis;
  readonly durationUs?: number;
  readonly ttfbUs?: number;
  readonly requestHeaders?: readonly string[];
  readonly responseHeaders?: readonly string[];
  readonly peerAddress?: string;
  readonly peerPort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly attempts?: readonly string[];
  readonly lookupUs?: number;
  readonly proxy?: string;
  readonly sni?: string;
  readonly alpn?: string;
  readonly tls?: string;
  readonly certSha256?: string;
  readonly package?: string;
  readonly packageVersion?: string;
  readonly packageAuthor?: string;
  readonly site?: string;
  readonly via?: readonly string[];
  readonly chain?: readonly string[];
  readonly basis?: Basis;
  readonly fingerprint?: string;
  readonly cut?: readonly string[];
  /** µs of draining − `time`, present if they differ by more than 600,000,000. */
  readonly skew?: number;
}

/** What is said about a draft at the time its row is written. It goes into the leaf and is never revised. */
export interface Judgement {
  readonly class: DestinationClass;
  readonly vendor?: string;
  readonly component?: string;
  readonly declared: Declared;
  /** SHA-256 (hex) of the text of the catalogue in force. A `policy` row with this text must come before. */
  readonly catalogue: string;
  /** Inbound rows only: the local address or a name listed under `hosts`, else `(other)`. At most 253 bytes. */
  readonly listener?: string;
}

/**
 * Judges one draft. Pure: the catalogue, the watched vendors and the listed hosts are closed over by the caller.
 *
 * @param manifest text of the egress manifest that the writer reported for the draft's package and version
 */
export type Judge = (draft: NetDraft, manifest: string | undefined) => Judgement;

/** A judged `net` row with its place: the members of its leaf that matter after it was written. */
export interface NetRow extends NetDraft, Judgement {
  readonly seq: number;
}

/** Key of the rollup; docs/formats/store-sqlite.md, "Rollup". Absent strings are `''`, an absent port is −1. */
export interface RollupKey {
  /** Hours since 1970 UTC. */
  readonly hour: number;
  readonly app: string;
  readonly direction: string;
  readonly channel: string;
  readonly package: string;
  readonly host: string;
  readonly port: number;
  readonly class: string;
  readonly declared: string;
  readonly vendor: string;
}

/** One line of the rollup, or what a batch adds to it (sums are added, `firstSeq` = least, `lastSeq` = greatest). */
export interface RollupEntry extends RollupKey {
  readonly events: number;
  readonly errors: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The distinct `host` values (`''` and `(other)` included) that the table held for an hour and package before the batch. */
export type HostsHeld = (hour: number, packageName: string) => ReadonlySet<string>;

/**
 * Folds the `net` rows of one batch, in ascending `seq`, to at most one entry per key. The 10,000-hosts rule counts
 * `held(hour, package)` and the hosts that this batch added before the row.
 */
export type Fold = (rows: readonly NetRow[], held: HostsHeld) => RollupEntry[];
