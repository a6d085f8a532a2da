import fs from 'node:fs';
import path from 'node:path';
import { clean } from '@outwitness/event';
import { type Damage, Damages } from './damage.ts';
import { errorCode, spoolError } from './errors.ts';
import { MAX_FRAME_BYTES } from './frame.ts';
import { parseNoteName, parseSegmentName, type SegmentName } from './name.ts';
import { type Cursor, type Placed, scan } from './scan.ts';

const { constants } = fs;
// Without O_NONBLOCK opening a pipe would wait for its writer.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const NOTE_BYTES = 512;

/** A segment found in the spool directory. */
export interface SpoolFile extends SegmentName {
  name: string;
  size: number;
  /** ms since 1970. */
  mtimeMs: number;
  /** Owner. */
  uid: number;
}

/** What lies in a spool directory. */
export interface SpoolListing {
  /** Sorted by writer and segment. */
  segments: SpoolFile[];
  /** Names of notes about processes in which no agent could start. */
  notes: string[];
  /** Names of all other entries, and of segments and notes that are no regular files. */
  strange: string[];
}

/** What one read of a segment gave. */
export interface SpoolRead {
  records: Placed[];
  /** Where the next read goes on. */
  cursor: Cursor;
  damage: Damage[];
  /** Owner of the file. */
  uid: number;
  /** Size of the file at the time of the read. */
  size: number;
  /** Nothing more to read at present, an unfinished frame apart. */
  drained: boolean;
}

/** A note as read: untrusted, cleaned, at most 512 bytes. */
export interface SpoolNote {
  pid: number;
  uid: number;
  text: string;
}

/**
 * Reads segments of untrusted writers. Opens regular files only, never follows a link, never blocks; looks at each byte once.
 */
export class SpoolReader {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws OutwitnessError `spool-open` if the directory cannot be listed */
  list(): SpoolListing {
    const listing: SpoolListing = { segments: [], notes: [], strange: [] };
    for (const name of this.#names()) {
      const segment = parseSegmentName(name);
      const note = parseNoteName(name) !== undefined;
      const stat = segment !== undefined || note ? this.#stat(name) : undefined;
      if (stat === null) continue;
      if (stat === undefined || !stat.isFile()) listing.strange.push(name);
      else if (segment === undefined) listing.notes.push(name);
      else listing.segments.push({ ...segment, name, size: stat.size, mtimeMs: stat.mtimeMs, uid: stat.uid });
    }
    listing.segments.sort((a, b) => (a.writer === b.writer ? a.segment - b.segment : a.writer < b.writer ? -1 : 1));
    return listing;
  }

  /**
   * Reads on from a cursor.
   *
   * @param name a file name from {@link list}
   * @param cursor where the last read ended, `START` for a new file
   * @param maxBytes most bytes to look at; at least one frame is
   * @param last the writer is known to be gone: an unfinished frame is torn
   * @throws OutwitnessError `spool-name`, `spool-open` (cause ENOENT: the file is gone), `spool-not-regular`
   */
  read(name: string, cursor: Cursor, maxBytes: number, last = false): SpoolRead {
    if (parseSegmentName(name) === undefined)
      throw spoolError('spool-name', `${JSON.stringify(name)} is no name of a spool segment`);
    const fd = this.#open(name);
    try {
      const stat = this.#regular(name, fd);
      const damages = new Damages();
      const from = resume(cursor, stat, damages);
      const bytes = readAt(fd, from.offset, Math.min(stat.size - from.offset, Math.max(maxBytes, MAX_FRAME_BYTES)));
      const toEnd = from.offset + bytes.length >= stat.size;
      const { records, cursor: reached } = scan(bytes, from, last && toEnd, damages);
      return { records, cursor: reached, damage: damages.list, uid: stat.uid, size: stat.size, drained: toEnd };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Reads a note. @throws as {@link read} */
  readNote(name: string): SpoolNote {
    const pid = parseNoteName(name);
    if (pid === undefined) throw spoolError('spool-name', `${JSON.stringify(name)} is no name of a note`);
    const fd = this.#open(name);
    try {
      const stat = this.#regular(name, fd);
      const text = readAt(fd, 0, Math.min(stat.size, NOTE_BYTES)).toString('utf8').split('\n', 1)[0] ?? '';
      return { pid, uid: stat.uid, text: clean(text, NOTE_BYTES) };
    } finally {
      fs.closeSync(fd);
    }
  }

  #names(): string[] {
    try {
      return fs.readdirSync(this.#directory);
    } catch (cause) {
      throw spoolError('spool-open', `cannot list the spool directory ${this.#directory}: ${errorCode(cause)}`, cause);
    }
  }

  /** `null` for an entry that is already gone. */
  #stat(name: string): fs.Stats | null {
    try {
      return fs.lstatSync(path.join(this.#directory, name));
    } catch {
      return null;
    }
  }

  #open(name: string): number {
    try {
      return fs.openSync(path.join(this.#directory, name), FLAGS);
    } catch (cause) {
      const code = errorCode(cause);
      if (code === 'ELOOP' || code === 'ENXIO')
        throw spoolError('spool-not-regular', `${name} is no regular file: ${code}`, cause);
      throw spoolError('spool-open', `cannot open spool file ${name}: ${code}`, cause);
    }
  }

  #regular(name: string, fd: number): fs.Stats {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw spoolError('spool-not-regular', `${name} is no regular file`);
    return stat;
  }
}

/** A file that was replaced or that shrank is read from its start: better a record twice (the numbers show it) than one less. */
function resume(cursor: Cursor, stat: fs.Stats, damages: Damages): Cursor {
  const file = `${stat.dev}:${stat.ino}`;
  if ((cursor.file === '' || cursor.file === file) && stat.size >= cursor.offset) return { ...cursor, file };
  damages.add('lost-spool', 0, 0, 1);
  return { offset: 0, next: 0, skipped: 0, inLine: false, file };
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = fs.readSync(fd, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
