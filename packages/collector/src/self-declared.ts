import type { SelfDeclared } from '@outwitness/report';

/**
 * What Outwitness does on purpose, beside reading and writing its own directory: nothing that leaves the machine. The
 * children it starts are the audited program and the verifier; the one addon is its database.
 */
export const SELF_DECLARED: readonly SelfDeclared[] = [
  { channel: 'process' },
  { channel: 'native', package: 'better-sqlite3' },
];
