import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from './errors.ts';

// Captured before the audited app can replace them.
const { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync } = fs;

const FLAGS =
  constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
const MODE = 0o640;

/** An open segment. `dev` and `ino` are what tells it from a file that the app opened later under the same number. */
export interface Descriptor {
  fd: number;
  name: string;
  dev: number;
  ino: number;
}

/**
 * Creates a segment. The mode does not depend on the app's umask, since the collector may be another user of the group.
 *
 * @throws the system's error; EEXIST if the name is taken, by a link or a device too
 */
export function openSegment(directory: string, name: string): Descriptor {
  const fd = openSync(path.join(directory, name), FLAGS, MODE);
  const { dev, ino, mode } = fstatSync(fd);
  if (process.platform !== 'win32' && (mode & 0o777) !== MODE) setMode(fd);
  return { fd, name, dev, ino };
}

function setMode(fd: number): void {
  try {
    fchmodSync(fd, MODE);
  } catch (error) {
    // The permission model refuses fchmod whatever else it allows: the file stays as the umask left it, and a collector that may read it still does.
    if (errorCode(error) !== 'ERR_ACCESS_DENIED') throw error;
  }
}

/**
 * Is the descriptor still the file of that name, with at least the bytes that were written?
 *
 * @returns what happened to it as a sentence, and whether the number is still ours to close
 */
export function inspect(
  directory: string,
  descriptor: Descriptor,
  bytes: number,
): { fault: string; ours: boolean } | undefined {
  try {
    const open = fstatSync(descriptor.fd);
    if (open.dev !== descriptor.dev || open.ino !== descriptor.ino)
      return { fault: 'spool descriptor was closed and reused', ours: false };
    if (open.nlink === 0) return { fault: 'spool file was deleted', ours: true };
    if (open.size < bytes) return { fault: 'spool file was truncated', ours: true };
    const named = lstatSync(path.join(directory, descriptor.name));
    if (named.dev !== descriptor.dev || named.ino !== descriptor.ino)
      return { fault: 'spool file was replaced', ours: true };
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EBADF') return { fault: 'spool descriptor was closed', ours: false };
    return { fault: `spool file is not to be reached: ${code}`, ours: true };
  }
}

/** Closes a segment; a descriptor that is already gone is no failure. */
export function closeSegment(descriptor: Descriptor): void {
  try {
    closeSync(descriptor.fd);
  } catch {
    return;
  }
}
