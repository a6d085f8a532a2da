/** The notes of a store, and those of `checkpoints.log`, each in order of size with a look ahead. Node only. */
import { createReadStream } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { fromBase64 } from '../bytes.ts';
import { decodeUtf8 } from '../canonical.ts';
import type { Report } from '../findings.ts';
import { Lines } from '../lines.ts';
import { type Note, NOTE_BYTES, parseNote } from '../note.ts';
import { bytesOf } from './tables.ts';

const SLICE = 500;

function parse(report: Report, where: string, size: number, bytes: Uint8Array | undefined): Note | undefined {
  const note = parseNote(bytes);
  if (typeof note === 'string') report.add('note', size - 1, `${where}: ${note}`);
  else if (note.size !== size)
    report.add('note', size - 1, `${where}: the note is stored under another size`, size, note.size);
  else return note;
  return undefined;
}

/** Notes that cannot be read are findings and passed over. */
export class StoreNotes {
  /** The next note, as far as the table went when it was looked at. */
  ahead: Note | undefined;
  readonly #db: DatabaseSync;
  readonly #report: Report;
  #slice: Note[] = [];
  #after: number;

  constructor(db: DatabaseSync, report: Report, after: number) {
    this.#db = db;
    this.#report = report;
    this.#after = after;
  }

  /** The next note, if its size is at most this. */
  take(upTo: number): Note | undefined {
    const note = this.ahead;
    if (note === undefined || note.size > upTo) return undefined;
    this.next();
    return note;
  }

  /** Moves on, and looks at the table again where it had ended: that of a living ledger grows. */
  next(): void {
    const select = `SELECT size, ${bytesOf('note', NOTE_BYTES)} AS note FROM checkpoints
      WHERE size > ? AND size <= ${Number.MAX_SAFE_INTEGER} ORDER BY size LIMIT ${SLICE}`;
    while (this.#slice.length === 0) {
      const rows = this.#db.prepare(select).all(this.#after);
      if (rows.length === 0) break;
      const last = Number(rows.at(-1)?.['size']);
      if (last <= this.#after) throw new Error(`the pages of the table checkpoints lead back from size ${last}`);
      this.#after = last;
      const notes = rows.map(({ size, note }) =>
        parse(this.#report, 'checkpoints', Number(size), (note ?? undefined) as Uint8Array),
      );
      this.#slice = notes.filter((note) => note !== undefined);
    }
    this.ahead = this.#slice.shift();
  }
}

/** One line per note: `<size> <base64 of the note>`, ascending. An incomplete last line is no finding. */
export class LogNotes {
  ahead: Note | undefined;
  readonly #report: Report;
  readonly #lines: Lines;
  #last = 0;

  /** @param bytes how much of the log there was before the store was looked at */
  constructor(path: string, bytes: number, report: Report) {
    this.#report = report;
    this.#lines = new Lines(bytes === 0 ? [] : createReadStream(path, { end: bytes - 1 }));
  }

  async take(upTo: number): Promise<Note | undefined> {
    const note = this.ahead;
    if (note === undefined || note.size > upTo) return undefined;
    await this.next();
    return note;
  }

  async next(): Promise<void> {
    this.ahead = undefined;
    while (this.ahead === undefined) {
      const line = await this.#lines.next();
      if (line === undefined) return;
      const [, size = '0', encoded = '-'] = /^([1-9]\d{0,15}) (\S+)$/.exec(decodeUtf8(line) ?? '') ?? [];
      const note = parse(this.#report, 'checkpoints.log', Number(size), fromBase64(encoded));
      if (note === undefined) continue;
      if (note.size <= this.#last)
        this.#report.add('note', note.size - 1, 'checkpoints.log is out of order', this.#last, note.size);
      else this.ahead = note;
      this.#last = Math.max(this.#last, note.size);
    }
  }
}
