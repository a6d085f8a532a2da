import { ApiError } from './errors.ts';
import type { Role } from './wire.ts';

/** What a session may ask for beyond looking. */
export type Permission = 'look' | 'export' | 'settings' | 'people';

// Whoever changes roles and settings is no officer: bodies are read by another person than the one who appoints.
const ALLOWED: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['look'],
  operator: ['look', 'export'],
  officer: ['look', 'export'],
  admin: ['look', 'export', 'settings', 'people'],
};

/** Who is to be asked for it. */
const NEEDS: Readonly<Record<Permission, string>> = {
  look: 'a viewer',
  export: 'an operator',
  settings: 'an admin',
  people: 'an admin',
};

const WORDS: Readonly<Record<Permission, string>> = {
  look: 'look at this',
  export: 'export',
  settings: 'change settings',
  people: 'see or change who has access',
};

/** @throws ApiError `not-allowed` */
export function demand(role: Role, permission: Permission): void {
  if (ALLOWED[role].includes(permission)) return;
  throw new ApiError(
    'not-allowed',
    `A ${role} may not ${WORDS[permission]}. Sign in with a link of ${NEEDS[permission]}.`,
  );
}
