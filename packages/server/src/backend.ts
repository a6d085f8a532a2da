/** The port through which the server reads and asks: implemented by whoever owns the ledger, so that the server opens no file and judges nothing. */
import type { ComponentsJson, ReportJson, TrafficJson, TrafficQuery } from '@outwitness/report';

import type { Access, Who } from './access.ts';
import type { HeadJson, Role, RowDetailJson, RowsJson, SettingJson, SettingsJson } from './wire.ts';

/** A sequence number, or a time in µs since 1970 UTC, as `--from` and `--to` take them. */
export type Bound = { readonly seq: number } | { readonly time: number };

export interface ReportQuery {
  /** Inclusive. Absent: 24 hours before `to`. */
  readonly from?: Bound;
  /** Exclusive. Absent: now. */
  readonly to?: Bound;
  /** Absent: all applications. */
  readonly app?: string;
}

/** Filters and groups go through as {@link TrafficQuery} says. */
export interface TrafficAsked extends ReportQuery, TrafficQuery {}

/** As `journal --where`: an empty value matches an absent field, an array matches if it contains the value. */
export interface RowFilter {
  readonly field: string;
  readonly value: string;
}

export interface RowsQuery {
  readonly order: 'newest' | 'oldest';
  /** Keyset: only rows strictly beyond this sequence number in the order asked for. */
  readonly after?: number;
  /** Inclusive. A time bound is compared with the row's `time`. */
  readonly from?: Bound;
  /** Exclusive. */
  readonly to?: Bound;
  /** Different fields must all match; values of one field are alternatives. */
  readonly where: readonly RowFilter[];
  /** A row that matches any of these is left out. */
  readonly not: readonly RowFilter[];
  /** 1–500. */
  readonly limit: number;
}

/** A row to be written before something is handed out. */
export interface ControlEntry {
  readonly event: 'export';
  readonly actor: Role;
  /** One sentence for people; never a token. */
  readonly text: string;
}

/** What witnesses may fetch (docs/formats/witness.md). */
export interface Witness {
  /** SHA-256 of their token, hex; `undefined` = switched off, `''` = there is no token. */
  token(): string | undefined;
  checkpoint(): Promise<string | null>;
  /**
   * Hashes of complete subtrees of 256^level rows, as far as the newest note covers them.
   *
   * @returns `null` if it does not cover all of [from, to)
   */
  hashes(level: number, from: number, to: number): Promise<readonly Uint8Array[] | null>;
}

/** New values by their names in `outwitness.config.json`. */
export type SettingChanges = Readonly<Record<string, SettingJson['value']>>;

export interface Backend {
  /** Name and version of the program, such as `outwitness 0.1.0`. */
  readonly software: string;
  /** Name of the ledger. */
  readonly origin: string;
  report(query: ReportQuery): Promise<ReportJson>;
  traffic(query: TrafficAsked): Promise<TrafficJson>;
  components(query: ReportQuery): Promise<ComponentsJson>;
  rows(query: RowsQuery): Promise<RowsJson>;
  /**
   * The sequence number of the oldest row whose time is not before `time` (µs), for "jump to time"; `null` = all rows
   * are older.
   */
  seqAt(time: number): Promise<number | null>;
  /** `null` = there is no such row. Proofs are made in the newest note. */
  row(seq: number): Promise<RowDetailJson | null>;
  /** One row as a `tlog-proof` text (docs/formats/bundle.md); `null` = no such row or no note covers it yet. */
  tlogProof(seq: number): Promise<string | null>;
  head(): HeadJson;
  /**
   * Calls `listener` after each commit that holds a row to be seen: not for batches of nothing but seals and rows of the
   * application `outwitness`, or the open page would keep itself busy.
   *
   * @returns stops the calls
   */
  onHead(listener: (head: HeadJson) => void): () => void;
  /** Resolves once the row is committed; rejects if it is not, and then nothing may be handed out. */
  control(entry: ControlEntry): Promise<void>;
  readonly access: Access;
  readonly witness: Witness;
  settings(): Promise<SettingsJson>;
  /**
   * Resolves once the row is committed and the file is written.
   *
   * @throws OutwitnessError `settings-invalid`, `setting-fixed`
   */
  changeSettings(changes: SettingChanges, who: Who): Promise<SettingsJson>;
  /**
   * The same in the name of an issuer and one of its users: of {@link ISSUER_SETTINGS} only.
   *
   * @throws OutwitnessError `settings-invalid`, `setting-fixed`, `access-refused`
   */
  changeSettingsFor(issuer: string, changes: SettingChanges, user: string): Promise<SettingsJson>;
}
