import { ApiError } from './errors.ts';
import type { Role } from './wire.ts';

/** What a session may ask for beyond looking. */
export type Permission = 'look' | 'export';

// An officer reads bodies and an admin changes settings; both come with the screens that need them.
const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['look'],
  operator: ['look', 'export'],
  officer: ['look', 'export'],
  admin: ['look', 'export'],
};

/** @throws ApiError `not-allowed` */
export function demand(role: Role, permission: Permission): void {
  if (ALLOWED[role].includes(permission)) return;
  throw new ApiError('not-allowed', `A ${role} may not ${permission}. Sign in with a token of an operator.`);
}
