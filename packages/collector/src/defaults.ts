import type { Settings } from './settings.ts';

/** Every default of the product in one place; docs/reference/settings.md lists them. */
export const DEFAULTS: Settings = {
  app: '',
  operator: 'local',
  enabled: true,
  strict: false,
  disabledChannels: [],
  attribution: 'adaptive',
  context: 'auto',
  learnDays: 7,
  retentionDays: 90,
  epochHours: 24,
  epochRows: 1_000_000,
  hosts: [],
  catalogue: '',
  port: 0,
  witnessServe: false,
};

/** How often the spool directory is looked at, ms. */
export const DRAIN_INTERVAL_MS: number = 200;
/** Longest time that a drained record waits for its commit, ms. */
export const COMMIT_AFTER_MS = 1_000;
/** Records that are committed without waiting. */
export const COMMIT_AFTER_RECORDS = 100;
/** Most bytes read from one spool file in one turn. */
export const READ_AT_MOST: number = 4 * 1024 * 1024;
/** A writer whose process lives and that has said nothing for so long is silent, ms. */
export const SILENT_AFTER_MS = 20_000;
/** How often the newest rows and the triggers are verified, ms. */
export const VERIFY_NEWEST_MS = 20_000;
/** How many rows that covers. */
export const VERIFY_NEWEST_ROWS = 1_000;
/** How often the whole ledger is verified, ms. */
export const VERIFY_ALL_MS: number = 24 * 60 * 60 * 1_000;
/** How long a request from another process waits for its row, ms. */
export const CONTROL_TIMEOUT_MS = 5_000;
/** A collector that an agent started ends so long after the last audited process, ms. */
export const IDLE_AFTER_MS = 60_000;
/** An officer's appointment takes effect after so long, ms: whoever makes himself one is seen doing it first. */
export const OFFICER_AFTER_MS: number = 24 * 60 * 60 * 1_000;
/** How often a server beside the collector looks for new rows and for sessions that ended, ms. */
export const LOOK_BESIDE_MS = 500;
