import type { Issuer, Role } from '@outwitness/server';
import { collectorError } from '../errors.ts';
import { mayActAs, type User } from './users.ts';

/** A program that signs its own users in, as `access.json` holds it. */
export interface IssuerEntry extends Issuer {
  /** SHA-256 of its secret, hex. */
  readonly digest: string;
  /** ms since 1970. */
  readonly since: number;
}

const NAME = /^[a-z][a-z0-9-]{0,15}$/;
/** Most to least. An admin's is no issuer's: whoever changes roles signs in by himself. */
const STEPS: readonly Role[] = ['officer', 'operator', 'viewer'];

/** @throws OutwitnessError `access-invalid` */
export function requireIssuer(name: string, role: Role): void {
  if (!NAME.test(name))
    throw collectorError(
      'access-invalid',
      `issuer ${JSON.stringify(name)}: expected 1 to 16 small letters, digits and -, a letter first. Choose another name.`,
    );
  if (!STEPS.includes(role))
    throw collectorError(
      'access-invalid',
      `issuer ${name} as ${role}: expected one of ${STEPS.join(', ')}. Whoever changes roles signs in by a link of his own.`,
    );
}

/** The role that a user of an issuer gets who asks for `wanted`: that one, or the next lower one that the grant, and the user's own role where he has one, allow. An officer must have been appointed by name. */
export function issuedRole(
  issuer: Issuer,
  user: string,
  wanted: Role,
  users: readonly User[],
  now: number,
): Role | undefined {
  if (!STEPS.includes(wanted)) return undefined;
  const highest = Math.max(STEPS.indexOf(wanted), STEPS.indexOf(issuer.role));
  return STEPS.slice(highest).find((role) => mayBeIssued(issuer, user, role, users, now));
}

/** Whether a token that was issued is still good for this role. */
export function mayBeIssued(issuer: Issuer, user: string, role: Role, users: readonly User[], now: number): boolean {
  const within = STEPS.includes(role) && STEPS.indexOf(role) >= STEPS.indexOf(issuer.role);
  const listed = users.find(({ name }) => name === user);
  return within && (listed === undefined ? role !== 'officer' : mayActAs(listed, role, now));
}
