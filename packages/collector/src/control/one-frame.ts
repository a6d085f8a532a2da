import fs from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { canonical, type Flat, parseCanonical, utf8Length } from '@outwitness/event';
import { frameText, MAX_FRAME_BYTES, scanFrame } from '@outwitness/spool';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

/**
 * Writes a file that holds one frame; under its name it is whole at every moment.
 *
 * @param path without its ending
 * @param owner whose the file is to be, where this process may give it away
 */
export function writeFrameFile(path: string, ending: string, object: Flat, owner: number | undefined): void {
  const payload = canonical(object);
  const fd = fs.openSync(`${path}.new`, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    fs.writeFileSync(fd, frameText(payload, utf8Length(payload)));
    if (owner !== undefined) fs.fchownSync(fd, owner, -1);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(`${path}.new`, `${path}.${ending}`);
}

/**
 * Reads a file that somebody else wrote: a regular one with one name, of a user that may ask, no longer than a frame.
 *
 * @param owners uids that may have written it; undefined where the system knows none
 * @returns undefined for anything else
 */
export function readFrameFile(file: string, owners: readonly number[] | undefined): Flat | undefined {
  let fd: number;
  try {
    fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || stat.nlink !== 1 || stat.size > MAX_FRAME_BYTES) return undefined;
    if (owners !== undefined && !owners.includes(stat.uid)) return undefined;
    const bytes = Buffer.alloc(stat.size);
    const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
    const found = scanFrame(bytes, 0, length);
    if (found.state !== 'frame' || found.end !== length || !isUtf8(found.payload)) return undefined;
    return parseCanonical(found.payload.toString());
  } catch {
    return undefined;
  } finally {
    fs.closeSync(fd);
  }
}
