import { AccessTable, type PeopleJson } from '@outwitness/server';
import { type DataDir, requireLedger } from '../data-dir.ts';
import { readAccess } from './access-file.ts';
import { shownUser } from './users.ts';

/**
 * Users and open sessions as `access.json` says.
 *
 * @throws OutwitnessError `data-unusable` `access-unreadable`
 */
export function readPeople(dir: DataDir): PeopleJson {
  requireLedger(dir);
  const { users, ...entries } = readAccess(dir.access);
  const now = Date.now();
  return { users: users.map((user) => shownUser(user, now)), sessions: new AccessTable(Date.now, entries).shown() };
}
