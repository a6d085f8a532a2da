import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './errors.ts';
import { SPOOL_LIMITS, type SpoolLimits } from './limits.ts';
import { parseSegmentName } from './name.ts';
import type { SpoolFile } from './reader.ts';

/** A segment that is ended, fully read and committed. */
export interface DrainedSegment {
  name: string;
  /** ms since 1970, when its last row was committed. */
  drainedMs: number;
}

/**
 * Chooses the drained segments that may go: all older than 24 h, and the oldest ones as long as a process or the directory uses more than half of its budget, so that no writer stops while the collector keeps up.
 *
 * @param segments all segments in the directory
 * @param nowMs ms since 1970
 * @returns file names, oldest first
 */
export function chooseSweep(
  segments: readonly SpoolFile[],
  drained: readonly DrainedSegment[],
  nowMs: number,
  limits: SpoolLimits = SPOOL_LIMITS,
): string[] {
  const files = new Map(segments.map((file) => [file.name, file]));
  const byProcess = new Map<number, number>();
  let directory = 0;
  for (const { pid, size } of segments) {
    directory += size;
    byProcess.set(pid, (byProcess.get(pid) ?? 0) + size);
  }
  const gone: string[] = [];
  for (const { name, drainedMs } of drained.toSorted((a, b) => a.drainedMs - b.drainedMs)) {
    const file = files.get(name);
    if (file === undefined) continue;
    const used = byProcess.get(file.pid) ?? 0;
    const tight = directory > limits.directoryBytes / 2 || used > limits.processBytes / 2;
    if (!tight && nowMs - drainedMs < limits.drainedMs) continue;
    gone.push(name);
    directory -= file.size;
    byProcess.set(file.pid, used - file.size);
  }
  return gone;
}

/** Removes segments from a spool directory. @returns the names that are gone now, whoever removed them */
export function removeSegments(directory: string, names: readonly string[]): string[] {
  return names.filter((name) => {
    if (parseSegmentName(name) === undefined) return false;
    try {
      fs.unlinkSync(path.join(directory, name));
      return true;
    } catch (error) {
      return errorCode(error) === 'ENOENT';
    }
  });
}
