import { chownSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataDir } from './data-dir.ts';
import { collectorError } from './errors.ts';

/** Where an issuer finds its secret: beside `agent.json`, which the audited program reads too. */
export function issuerKeyPath(dir: DataDir, name: string): string {
  return join(dir.root, `issuer-${name}.key`);
}

/**
 * Writes the secret of an issuer so that the group of the audited processes may read it, and nobody else.
 *
 * @throws OutwitnessError `data-unusable`
 */
export function writeIssuerKey(dir: DataDir, name: string, secret: string): void {
  const path = issuerKeyPath(dir, name);
  try {
    rmSync(`${path}.new`, { force: true });
    writeFileSync(`${path}.new`, `${secret}\n`, { mode: 0o640, flag: 'wx' });
    // Who may append to the spool may read this.
    const { gid } = statSync(dir.spool);
    if (gid !== statSync(`${path}.new`).gid) chownSync(`${path}.new`, -1, gid);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw collectorError(
      'data-unusable',
      `cannot write ${path}: ${(cause as Error).message}. The grant is on record and of no use yet. Run this as the collector's user, or as root.`,
      cause,
    );
  }
}

export function removeIssuerKey(dir: DataDir, name: string): void {
  rmSync(issuerKeyPath(dir, name), { force: true });
}
