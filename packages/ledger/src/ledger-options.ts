import type { Fold, Judge } from '@outwitness/event';
import type { DrainedFile } from './drained-file.ts';
import type { EpochLimits } from './epochs.ts';
import type { Predecessor } from './genesis.ts';
import type { HighWater } from './high-water.ts';
import type { KeyStore } from './keys.ts';
import type { OwnRow } from './own-rows.ts';
import type { Store, StoredNote, StoredRow } from './store.ts';

export interface Clock {
  /** µs since 1970 UTC, an integer. */
  wall(): number;
  /** µs, never goes back while the machine runs. */
  monotonic(): number;
}

export interface LedgerOptions {
  readonly store: Store;
  readonly keys: KeyStore;
  /** Path of `checkpoints.log`. */
  readonly checkpoints: string;
  /** Name and version of the program, for the genesis row. */
  readonly software: string;
  /** Part of the origin of a new ledger; default `local`. */
  readonly operator?: string;
  /** When an epoch closes; absent: never. */
  readonly epoch?: EpochLimits;
  readonly judge: Judge;
  readonly fold: Fold;
  readonly clock: Clock;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Boot id of the machine. */
  readonly boot: string;
  /** uid of this process, where the system knows one. */
  readonly uid?: number;
  /** Number of this process: the file in which it watches itself tells nothing about the audited users. */
  readonly pid?: number;
  /** What keeps the high-water of a ledger of this origin; absent: nothing does. */
  readonly highWater?: (origin: string) => HighWater;
  /** Only for a new ledger: the one that it follows. */
  readonly successorOf?: Predecessor;
}

/** What one batch brings. Rows come in this order: own rows, files in order, gone, silent, calls open for 30 s, seal. */
export interface Incoming {
  readonly own?: readonly OwnRow[];
  readonly files?: readonly DrainedFile[];
  /** Writers whose process has ended and whose files were read to their ends. */
  readonly gone?: readonly string[];
  /** Writers whose process exists and that sent nothing for 20 s. May be said again and again. */
  readonly silent?: readonly string[];
}

export interface Appended {
  /** The rows written, their seal included. Empty: nothing was worth a commit, and the new offsets wait for the next one. */
  readonly rows: readonly StoredRow[];
  /** The newest note, which covers all of them. */
  readonly note: StoredNote;
}

/** What a vacuum did. */
export interface Vacuumed {
  /** Leaves that went. */
  readonly dropped: number;
  /** Rows below have no leaf any more, but those that must stay. */
  readonly to: number;
  /** Why it ends there. */
  readonly waits: string;
  /** False: a reader kept the log of the database from being cut; it is cut later by itself. */
  readonly scrubbed: boolean;
}
