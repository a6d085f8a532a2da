/**
 * A real Odoo with three addons of a vendor under the whole pipeline: rows beside what was sent, verdict before and after a leak; then the add-on itself, from its menus to its removal.
 *
 * `ODOO_BIN` (the program) or `ODOO_PATH` (the folder that holds the package `odoo`), a PostgreSQL that the usual `PG…` variables lead to, and `ODOO_ADDONS` (more addons paths, if any). Exit code: 0 when all of it held, else 1.
 */
import { spawnSync } from 'node:child_process';

import { odooAddon } from './experiments/odoo-addon.ts';
import { odooUnderAudit } from './experiments/odoo.ts';
import { Checks } from './output/checks.ts';
import { ODOO_ENVIRONMENT } from './system/odoo-server.ts';

const INSIDE = 'OUTWITNESS_CLAIM_ODOO_INSIDE';

if (process.env['ODOO_BIN'] === undefined && process.env['ODOO_PATH'] === undefined) {
  process.stderr.write(`No Odoo was given: expected ${ODOO_ENVIRONMENT}. Set one of them and run this again.\n`);
  process.exitCode = 1;
} else if (process.env[INSIDE] === undefined && spawnSync('unshare', ['--net', 'true']).status === 0) {
  // A network of its own, with loopback only: whatever the server would call cannot be reached.
  const program = 'ip link set lo up && exec "$0" "$1"';
  const { status } = spawnSync('unshare', ['--net', 'sh', '-c', program, process.execPath, import.meta.filename], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  process.exitCode = status ?? 1;
} else {
  if (process.env[INSIDE] === undefined)
    process.stderr.write('No network namespace here: the server sees the network.\n');
  const columns = new Map<string, Checks>();
  for (const workers of [0, 2]) {
    const checks = new Checks();
    columns.set(`${workers} workers`, checks);
    await odooUnderAudit(workers, checks);
  }
  Checks.printSideBySide(columns);
  const audited = process.exitCode;
  const addon = new Checks();
  await odooAddon(addon);
  process.stdout.write('\nThe add-on: menus, sign-in, settings, upgrade and removal\n\n');
  addon.print();
  process.exitCode = audited === 0 ? process.exitCode : audited;
}
