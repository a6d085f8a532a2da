import { createHash } from 'node:crypto';
import type { Role, UserJson } from '@outwitness/server';
import { OFFICER_AFTER_MS } from '../defaults.ts';
import { collectorError } from '../errors.ts';

/** Somebody with a role. Times in ms since 1970. */
export interface User {
  readonly name: string;
  readonly role: Role;
  readonly since: number;
  /** The appointment of an officer that has not taken effect. */
  readonly officerFrom?: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$/;
/** What a role may be lowered to for one sign-in. */
const COVERS: { readonly [role in Role]: readonly Role[] } = {
  viewer: ['viewer'],
  operator: ['operator', 'viewer'],
  officer: ['officer', 'operator', 'viewer'],
  admin: ['admin', 'operator', 'viewer'],
};

/** @throws OutwitnessError `access-invalid` */
export function requireUserName(name: string): void {
  if (NAME.test(name)) return;
  throw collectorError(
    'access-invalid',
    `user ${JSON.stringify(name)}: expected 1 to 64 letters, digits and . _ @ : -, a letter or digit first. Choose another name.`,
  );
}

export function roleNow({ role, officerFrom }: User, now: number): Role {
  return officerFrom !== undefined && officerFrom <= now ? 'officer' : role;
}

export function mayActAs(user: User, role: Role, now: number): boolean {
  return COVERS[roleNow(user, now)].includes(role);
}

/**
 * The users after one got a role, or lost it (`null`). Nobody becomes an officer at once: whoever appoints one is seen doing it first. Until then the role of before holds, that of a viewer for a new user.
 */
export function withRole(users: readonly User[], name: string, role: Role | null, now: number): User[] {
  const before = users.find((user) => user.name === name);
  const others = users.filter((user) => user.name !== name);
  if (role === null) return others;
  const held = before === undefined ? undefined : roleNow(before, now);
  if (before !== undefined && held === role && role === 'officer') return [...users];
  const user: User =
    role === 'officer'
      ? { name, role: held ?? 'viewer', since: before?.since ?? now, officerFrom: now + OFFICER_AFTER_MS }
      : { name, role, since: now };
  return [...others, user].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Stands at the end of every row about roles, so that a list that somebody else wrote is noticed. 16 hex digits. */
export function usersDigest(users: readonly User[]): string {
  const lines = users.map(({ name, role, since, officerFrom = 0 }) => `${name} ${role} ${since} ${officerFrom}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex').slice(0, 16);
}

export function shownUser(user: User, now: number): UserJson {
  const { name, since, officerFrom } = user;
  const pending = officerFrom !== undefined && officerFrom > now;
  return {
    name,
    role: roleNow(user, now),
    since: new Date(officerFrom !== undefined && !pending ? officerFrom : since).toISOString(),
    next: pending ? { role: 'officer', at: new Date(officerFrom).toISOString() } : null,
  };
}
