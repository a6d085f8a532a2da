import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AccessEntries } from '@outwitness/server';
import type { IssuerEntry } from './issuers.ts';
import { collectorError } from '../errors.ts';
import type { User } from './users.ts';

/** What `access.json` holds (docs/formats/control.md). Only the holder of the lock writes it. */
export interface AccessState extends AccessEntries {
  readonly schemaVersion: 1;
  readonly users: readonly User[];
  /** SHA-256 of the token of witnesses, hex; `''` = there is none. */
  readonly witness: string;
  /** Absent in what a version before them wrote. */
  readonly issuers?: readonly IssuerEntry[];
}

const NO_ACCESS: AccessState = { schemaVersion: 1, users: [], tokens: [], sessions: [], witness: '', issuers: [] };

/**
 * @returns {@link NO_ACCESS} if there is no such file
 * @throws OutwitnessError `access-unreadable`
 */
export function readAccess(path: string): AccessState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return NO_ACCESS;
    throw unreadable(path, (cause as Error).message, cause);
  }
  try {
    const parsed = JSON.parse(text) as AccessState;
    const lists = [parsed.users, parsed.tokens, parsed.sessions, parsed.issuers ?? []];
    if (parsed.schemaVersion === 1 && lists.every((list) => Array.isArray(list)) && typeof parsed.witness === 'string')
      return parsed;
  } catch {
    // told below
  }
  throw unreadable(path, 'it is not what Outwitness wrote');
}

/** The file is whole at every moment. */
export function writeAccess(path: string, state: AccessState): void {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
}

function unreadable(path: string, fact: string, cause?: unknown): Error {
  return collectorError(
    'access-unreadable',
    `cannot read ${path}: ${fact}. Correct its rights, or remove it: then nobody has a role and everybody signs in again.`,
    cause,
  );
}
