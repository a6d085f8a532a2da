import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './errors.ts';
import type { SpoolLimits } from './limits.ts';
import { parseSegmentName } from './name.ts';

const { lstatSync, readdirSync } = fs;

/** Disk used by segments. */
export interface Usage {
  process: number;
  directory: number;
}

/**
 * Sums the segments in a spool directory.
 * A directory that another user owns is usually not readable (mode 3730); then only the names in `own` are counted, and the directory's budget is the collector's alone to keep.
 *
 * @param own names of this writer's segments
 */
export function usage(directory: string, pid: number, own: readonly string[]): Usage {
  const sum: Usage = { process: 0, directory: 0 };
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    names = own;
  }
  for (const name of names) {
    const segment = parseSegmentName(name);
    if (segment === undefined) continue;
    const size = sizeOf(path.join(directory, name));
    sum.directory += size;
    if (segment.pid === pid) sum.process += size;
  }
  return sum;
}

function sizeOf(file: string): number {
  try {
    return lstatSync(file).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Which budget is spent, as a sentence, or `undefined` while there is room. */
export function overBudget(used: Usage, limits: SpoolLimits): string | undefined {
  if (used.process >= limits.processBytes) return `the process used its ${limits.processBytes} bytes of spool`;
  if (used.directory >= limits.directoryBytes) return `the spool directory is full: ${limits.directoryBytes} bytes`;
  return undefined;
}
