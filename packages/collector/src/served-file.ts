import { chownSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Where the report is shown, as programs of the audited application may know it: `alive`, which tells more, is not theirs to read. */
export interface ServedAt {
  /** As a person opens it. */
  readonly url: string;
  /** As a program of this machine reaches it; `''` = not by loopback. */
  readonly local: string;
}

/** Writes `served.json`; it is whole at every moment. @param group that audited processes have, undefined = ours */
export function writeServed(path: string, { url, local }: ServedAt, group: number | undefined): void {
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, `${JSON.stringify({ schemaVersion: 1, url, local })}\n`, { mode: 0o640, flag: 'wx' });
  if (group !== undefined) chownSync(`${path}.new`, -1, group);
  renameSync(`${path}.new`, path);
}

/** Where a collector that was killed has shown it last: calls to there may wait in the spool. `''` = nowhere. */
export function servedBefore(path: string): string {
  try {
    const { local } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServedAt>;
    return typeof local === 'string' && URL.canParse(local) ? local : '';
  } catch {
    return ''; // it ended as it should, or never was
  }
}

/** Nothing is shown any more. */
export function endServed(path: string): void {
  rmSync(path, { force: true });
}
