/** The Python of this machine, and the agent for it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Holds the package `outwitness_agent` and its tests. */
export const PYTHON_AGENT: string = join(import.meta.dirname, '../../agents/odoo');

/** `ODOO_PYTHON`, else the system's Python, if it is 3.8 or newer. */
export function pythonHere(): string | undefined {
  const asked = process.env['ODOO_PYTHON'];
  const names = asked === undefined ? ['/usr/bin/python3', 'python3'] : [asked];
  return names.find((name) => {
    const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 8))']);
    return status === 0 && String(stdout).trim() === 'True';
  });
}

/** Python, or the end of a claim that cannot be shown without one. */
export function pythonOrThrow(): string {
  const python = pythonHere();
  if (python === undefined) throw new Error('expected Python 3.8 or newer, found none: install it or set ODOO_PYTHON');
  return python;
}
