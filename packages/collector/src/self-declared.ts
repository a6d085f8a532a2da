import type { SelfDeclared } from '@outwitness/report';

/**
 * What Outwitness does on purpose, beside reading and writing its own directory: nothing that leaves the machine. The
 * children it starts are the audited program and the verifier; the one addon is its database.
 */
export const SELF_DECLARED: readonly SelfDeclared[] = [
  { channel: 'process' },
  { channel: 'native', package: 'better-sqlite3' },
];

/**
 * What the add-on in Odoo asks of the report that this collector shows (docs/decisions/0007-sign-in-from-odoo.md): that address and port and no other, also where the channel above is disabled. Not the path, of which strict mode keeps the depth alone.
 *
 * @param local address of the report on this machine
 */
export function askedByAddon(local: string): SelfDeclared[] {
  const { hostname, port, protocol } = new URL(local);
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
  return ['urllib', 'tls', 'tcp'].map((channel) => ({ channel, ...place, package: 'outwitness' }));
}
