import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Pair, parseLock } from '@outwitness/report';
import { usageError } from './usage-error.ts';

/** The list under version control, in the folder where a command starts. */
export const LOCK_FILE = 'egress.lock';

/** @throws OutwitnessError `usage`, `lock-invalid` */
export function readLock(path: string, mustExist: boolean): Pair[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw usageError(`lock: cannot read ${path}: ${(cause as Error).message}. Make it with: outwitness lock --update`);
  }
  return parseLock(text);
}

/** @throws OutwitnessError `usage` */
export function writeLock(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw usageError(`lock: cannot write ${path}: ${(cause as Error).message}. Name another file.`);
  }
}
