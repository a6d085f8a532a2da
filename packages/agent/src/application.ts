import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Packages } from './attribution/package-of.ts';

const { realpathSync } = fs;

/** Where the audited program is and what it is called. */
export interface Application {
  name: string;
  /** Name of the main script without its folder, if there is one. */
  script: string | undefined;
}

/**
 * @param named `OUTWITNESS_APP`
 * @param main `process.argv[1]`, absent for `node -e` and the REPL
 * @returns the name given, else that of the package.json next above the main script, else the script's
 */
export function application(named: string | undefined, main: string | undefined, packages: Packages): Application {
  const script = isScript(main) ? path.basename(main) : undefined;
  if (named !== undefined && named !== '') return { name: named, script };
  if (main === undefined || script === undefined) return { name: 'node', script };
  const owner = packages.of(real(main).replaceAll('\\', '/'));
  return { name: owner.root === '' ? script : owner.name, script };
}

/** With `node -e` and `node -` the first argument is whatever the program was given, a secret too. */
function isScript(main: string | undefined): main is string {
  if (main === undefined || main === '') return false;
  try {
    createRequire(import.meta.url).resolve(path.resolve(main));
    return true;
  } catch {
    return false;
  }
}

/** Commands are links into a package; the package is meant. */
function real(file: string): string {
  const absolute = path.resolve(file);
  try {
    return realpathSync(absolute);
  } catch {
    return absolute;
  }
}
