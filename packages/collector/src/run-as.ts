import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import type { DataDir } from './data-dir.ts';
import { collectorError } from './errors.ts';

/** The user under which an audited program is to run. */
export interface AppUser {
  name: string;
  uid: number;
  /** Primary group. */
  gid: number;
  home: string;
}

/**
 * Looks a user up by name or number, as the system's own databases know it.
 *
 * @param option that named the user, for the message
 * @throws OutwitnessError `settings-invalid`
 */
export function findUser(option: string, name: string): AppUser {
  let line: string;
  try {
    line = execFileSync('getent', ['passwd', '--', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (cause) {
    throw collectorError(
      'settings-invalid',
      `${option}: expected a user of this machine, got ${JSON.stringify(name)}. List them with: getent passwd`,
      cause,
    );
  }
  const [user = '', , uid, gid, , home = '/'] = line.trimEnd().split(':');
  return { name: user, uid: Number(uid), gid: Number(gid), home };
}

/**
 * Lets processes of a group append to the spool, and nothing else in the data directory.
 *
 * @throws OutwitnessError `data-unusable` if this process may not: it must be root
 */
export function giveSpool(dir: DataDir, gid: number): void {
  try {
    chownSync(dir.spool, -1, gid);
    chmodSync(dir.spool, 0o3730); // chown takes the set-group-ID bit away
  } catch (cause) {
    throw collectorError(
      'data-unusable',
      `cannot give ${dir.spool} to group ${gid}: ${(cause as Error).message}. Start outwitness as root, or as a user who is in that group.`,
      cause,
    );
  }
}
