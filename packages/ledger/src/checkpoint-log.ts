import fs from 'node:fs';
import path from 'node:path';
import { ledgerError } from './errors.ts';
import { syncDirectory } from './keys.ts';
import type { StoredNote } from './store.ts';

/** A line holds one note: some 500 bytes. */
const TAIL_BYTES = 65_536;

/**
 * `checkpoints.log`: the notes that were shown, one per line, outside the database, so that a database put back to an
 * older state is noticed. Opened by one process; each append is on disk when it returns.
 */
export class CheckpointLog {
  readonly #path: string;
  readonly #fd: number;
  #last: StoredNote | undefined;

  /**
   * Opens the file, made if missing, and takes an incomplete last line (a write that a crash cut off) away.
   *
   * @throws OutwitnessError `checkpoint-log` if its last whole line is no note
   */
  constructor(file: string) {
    this.#path = file;
    const made = !fs.existsSync(file);
    this.#fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND, 0o644);
    if (made) syncDirectory(path.dirname(file));
    this.#last = this.#heal();
  }

  /** The newest note in the file. */
  get last(): StoredNote | undefined {
    return this.#last;
  }

  /** Appends whole lines or, when the disk refuses, nothing. */
  append(notes: readonly StoredNote[]): void {
    if (notes.length === 0) return;
    let text = '';
    for (const { size, note } of notes) text += `${size} ${Buffer.from(note).toString('base64')}\n`;
    const bytes = Buffer.from(text);
    const { size } = fs.fstatSync(this.#fd);
    try {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(this.#fd, bytes, done);
      fs.fsyncSync(this.#fd);
    } catch (cause) {
      fs.ftruncateSync(this.#fd, size);
      throw ledgerError(
        'checkpoint-log',
        `${this.#path} cannot be appended to: ${String(cause)}. Make room; the missing notes are appended with the next batch.`,
        cause,
      );
    }
    this.#last = notes.at(-1);
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #heal(): StoredNote | undefined {
    const { size } = fs.fstatSync(this.#fd);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    for (let done = 0; done < tail.length;) {
      const count = fs.readSync(this.#fd, tail, done, tail.length - done, size - tail.length + done);
      if (count === 0) break;
      done += count;
    }
    const end = tail.lastIndexOf(0x0a) + 1;
    if (end === 0 && size > TAIL_BYTES) throw this.#noNote();
    if (end < tail.length) {
      fs.ftruncateSync(this.#fd, size - (tail.length - end));
      fs.fsyncSync(this.#fd);
    }
    if (end === 0) return undefined;
    const line = tail.subarray(tail.subarray(0, end - 1).lastIndexOf(0x0a) + 1, end - 1).toString('latin1');
    const match = /^([1-9]\d{0,15}) ([A-Za-z0-9+/=]+)$/.exec(line);
    if (match === null) throw this.#noNote();
    return { size: Number(match[1]), note: Buffer.from(match[2] ?? '', 'base64').toString() };
  }

  #noNote(): Error {
    return ledgerError(
      'checkpoint-log',
      `the last line of ${this.#path} is no note: expected <size> <base64>. Keep a copy, then move the file away: it is made again from the store.`,
    );
  }
}
