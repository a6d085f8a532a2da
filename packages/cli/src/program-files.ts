import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OutwitnessError } from '@outwitness/event';

/** Files of other packages that are started or served and never imported. */
export const PROGRAM_FILES: {
  readonly verifier: string;
  readonly verifierPage: string;
  readonly dashboard: string;
} = {
  verifier: fromPackage('@outwitness/verifier', 'bin/outwitness-verify.js'),
  /** The same for browsers. */
  verifierPage: fromPackage('@outwitness/verifier', 'html/outwitness-verifier.html'),
  /** Folder with index.html. */
  dashboard: fromPackage('@outwitness/dashboard', 'dist/app'),
};

function fromPackage(name: string, path: string): string {
  return join(dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))), path);
}

/**
 * Makes sure that a file is there before a program is started that stands on it.
 *
 * @throws OutwitnessError `installation-damaged`
 */
export function requireProgramFile(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (cause) {
    throw new OutwitnessError(
      'installation-damaged',
      `cannot read ${path}: ${(cause as NodeJS.ErrnoException).code ?? ''}. Expected a file of this installation: install outwitness again.`,
      cause,
    );
  }
}
