/** The object that `outwitness status --json` prints (docs/reference/json.md). Conventions as in report-json.ts. */
import type { ChipsJson, LearningJson, PredecessorJson, ReasonJson, Verdict, WriterJson } from './report-json.ts';

/** Grows when a member is removed or changes its meaning. */
export const STATUS_SCHEMA_VERSION = 1;

export interface StatusJson {
  schemaVersion: typeof STATUS_SCHEMA_VERSION;
  generatedAt: string;
  /** Absolute path of the data directory. */
  data: string;
  collector: CollectorJson;
  ledger: LedgerJson;
  retention: RetentionJson;
  verification: VerificationJson;
  /** Of the report over the last 24 hours, all applications. */
  verdict: Verdict;
  reasons: Pick<ReasonJson, 'id' | 'severity' | 'text' | 'action' | 'count'>[];
  chips: ChipsJson;
  learning: LearningJson;
  /** Live and silent ones. */
  writers: WriterJson[];
  settings: SettingsJson;
}

export interface CollectorJson {
  running: boolean;
  pid: number | null;
  version: string | null;
  since: string | null;
  /** Spool bytes not drained yet. */
  backlogBytes: number;
  /** Age of the oldest record not drained yet, ms. */
  lagMs: number;
  /** Set when the ledger is frozen: why. */
  frozen: string | null;
}

export interface LedgerJson {
  origin: string;
  /** Rows. */
  size: number;
  /** Bytes of the store on disk. */
  bytes: number;
  epoch: number;
  firstRowAt: string | null;
  lastRowAt: string | null;
  checkpoint: { size: number; at: string | null };
  /** As in the report. */
  predecessor: PredecessorJson | null;
}

export interface RetentionJson {
  /** Days that texts of rows are kept by the newest policy; 0 = for good. */
  days: number;
  /** Days that count now: a lowered policy is not in force at once. */
  floorDays: number;
  /** Rows below are hashes only, but those that must stay. */
  cut: number;
  /** `problem` is why it failed, else `''`. */
  lastRun: { at: string; dropped: number; to: number; waits: string; problem: string } | null;
  rowsPerDay: number;
  bytesPerDay: number;
  /** Until the disk is full at this pace; `null` = not known. */
  diskDaysLeft: number | null;
}

export interface VerificationJson {
  /** `null` before the first run. */
  verdict: string | null;
  exit: number | null;
  at: string | null;
  /** Rows that the run covered: first and last. */
  range: [number, number] | null;
  /** The newest run over the whole ledger, once a day and before a vacuum. */
  whole: { verdict: string; exit: number; at: string } | null;
  findings: { code: string; severity: string; seq: number; expected: string; got: string; text: string }[];
}

export interface SettingsJson {
  generation: number;
  enabled: boolean;
  strict: boolean;
  disabledChannels: string[];
  learnDays: number;
  bodyCapture: boolean;
  /** SHA-256 of the catalogue in force. */
  catalogue: string | null;
}
