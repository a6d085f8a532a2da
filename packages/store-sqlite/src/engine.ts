import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { storeError } from './errors.ts';

/** The only engine that this package knows. Its types stay in this package. */
export type Engine = Database.Database;

const LEAST_NODE: readonly [number, number] = [22, 13];

/** @throws OutwitnessError `node-version` */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  throw storeError(
    'node-version',
    `Node ${version} cannot open a ledger: expected ${LEAST_NODE.join('.')} or newer. Run the collector on a newer Node (OUTWITNESS_NODE).`,
  );
}

/**
 * Opens a database file. better-sqlite3 13 ends the process on an older Node while it is loaded, with no error that could
 * be caught: hence the check before, and no static import. A new file belongs to its owner alone (0600, and SQLite gives
 * its journals the same rights): rows name hosts and people, and the directory can be entered by everybody.
 */
export function openEngine(file: string, options: { readonly: boolean; mustExist: boolean; busyMs: number }): Engine {
  requireNode(process.versions.node);
  const Constructor = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
  if (!options.mustExist) makeOwn(file);
  return new Constructor(file, {
    readonly: options.readonly,
    fileMustExist: options.mustExist,
    timeout: options.busyMs,
  });
}

/** Only ever a file that was not there: to close another descriptor of an open database would drop its locks. */
function makeOwn(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It is there already, or cannot be made: the engine says so in its own words.
  }
}
