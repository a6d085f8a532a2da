import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { SettingsJson } from '@outwitness/server';
import type { RetentionRun } from './retaining.ts';
import type { LivingWriter } from './spool-drain.ts';
import type { VerifierFinding } from './verification.ts';

/** The newest run of the verifier over this ledger. `at` in ms since 1970. */
export interface OwnVerification {
  verdict: string;
  exit: number;
  at: number;
  range: [number, number];
  findings: VerifierFinding[];
}

/** What the collector tells other processes of ours once a second in `alive`. Times in ms since 1970. It is no evidence. */
export interface Alive {
  schemaVersion: 1;
  pid: number;
  software: string;
  since: number;
  at: number;
  /** Port of the report, 0 = none. */
  port: number;
  /** Its address as a person types it, `''` = none. */
  url: string;
  uid: number;
  backlogBytes: number;
  lagMs: number;
  frozen: string;
  learnDays: number;
  catalogue: string;
  living: LivingWriter[];
  verification: OwnVerification | undefined;
  settings: SettingsJson;
  /** The newest run over the whole ledger, which may be of a collector before this one. */
  whole: OwnVerification | undefined;
  retention: RetentionRun | undefined;
  /** Parts that lie outside the data directory; absolute. */
  places: Places;
}

export interface Places {
  readonly keys?: string;
  readonly checkpoints?: string;
  readonly spool?: string;
}

/** Older than this, `alive` tells of a collector that is gone. */
const FRESH_MS = 5_000;

export function writeAlive(path: string, alive: Alive): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(alive)}\n`, { mode: 0o640 });
  renameSync(`${path}.new`, path);
}

/** A collector that closed is gone at once, not in 5 s: whoever comes next is to take the lock, not to wait for an answer. */
export function endAlive(path: string): void {
  try {
    utimesSync(path, 0, 0);
  } catch {
    return; // taken away by somebody: then nothing says that a collector runs
  }
}

/**
 * Reads what the collector said last.
 *
 * @param now ms since 1970
 * @returns undefined if it never ran; `running` is false if the file is older than 5 s
 */
export function readAlive(path: string, now: number): (Alive & { running: boolean }) | undefined {
  try {
    const alive = JSON.parse(readFileSync(path, 'utf8')) as Alive;
    if (alive.schemaVersion !== 1 || !Array.isArray(alive.living)) return undefined;
    return { ...alive, running: now - statSync(path).mtimeMs < FRESH_MS };
  } catch {
    return undefined; // absent, or not ours to read
  }
}

/** Where the last collector of this directory had the parts that lie elsewhere. */
export function readPlaces(path: string): Places {
  try {
    const { places } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Alive>;
    return Object.fromEntries(
      Object.entries(places ?? {}).filter(([, place]) => typeof place === 'string' && isAbsolute(place)),
    );
  } catch {
    return {}; // none ever ran, or it is not ours to read
  }
}
