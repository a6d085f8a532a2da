import { issuer } from './issuer.ts';
import { people } from './people.ts';
import { remove, role } from './role.ts';
import { revoke } from './revoke.ts';
import { settings } from './settings.ts';
import { succeed } from './succeed.ts';
import type { Task } from './task.ts';
import { token } from './token.ts';
import { witness } from './witness.ts';

export const TASKS: { readonly [name: string]: Task } = {
  people,
  role,
  remove,
  token,
  revoke,
  settings,
  witness,
  issuer,
  succeed,
};
