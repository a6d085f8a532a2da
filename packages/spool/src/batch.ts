import { encodeRecord, type Unnumbered } from './encode.ts';
import { LF, MAX_FRAME_BYTES, writeFrame } from './frame.ts';
import type { Loss } from './loss.ts';
import { writePlain } from './plain.ts';

const CAPACITY = 2 * MAX_FRAME_BYTES;

interface Waiting {
  n: number;
  end: number;
  /** Would the record have begun a row? */
  row: boolean;
  /** What a gap record was to tell. */
  tells: Loss | undefined;
}

/** What became of a batch whose write broke off. */
export interface Broken {
  /** Records that are whole in the file, or will be when the torn line is ended. */
  written: number;
  /** Number for the next record. */
  next: number;
  /** The last line in the file has no end. */
  torn: boolean;
  /** Lost records other than gap records, and how many of them would have begun a row. */
  records: number;
  rows: number;
  /** What gap records among the lost ones were to tell. */
  untold: Loss[];
}

/**
 * Frames waiting for one `write`. Owned by one writer, never shared.
 * If the process crashes its content is gone: only records that may be lost wait in it.
 */
export class Batch {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(CAPACITY);
  #length = 0;
  /** Of which `#records` count; the rest is used again. */
  readonly #frames: Waiting[] = [];
  #records = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** Records waiting. */
  get records(): number {
    return this.#records;
  }

  /** Is there room for any record? If not, the batch must be written first. */
  get roomy(): boolean {
    return this.#length + MAX_FRAME_BYTES <= CAPACITY;
  }

  /** Begins the batch with the end of a line that an earlier write left torn, so that the next frame has a line of its own. */
  endTornLine(): void {
    this.buffer[0] = LF;
    this.#length = 1;
  }

  /**
   * @param n number of the record in its segment
   * @param row would it have begun a row?
   * @throws OutwitnessError `canonical-value` if a member has not the type of its field; then nothing was added
   */
  add(record: Unnumbered, n: number, row: boolean, tells: Loss | undefined): void {
    this.#length = this.#write(record, n);
    const frame = this.#frames[this.#records++];
    if (frame === undefined) this.#frames.push({ n, end: this.#length, row, tells });
    else {
      frame.n = n;
      frame.end = this.#length;
      frame.row = row;
      frame.tells = tells;
    }
  }

  #write(record: Unnumbered, n: number): number {
    const end = writePlain(this.buffer, this.#length, record, n);
    return end < 0 ? writeFrame(this.buffer, this.#length, encodeRecord(record, n)) : end;
  }

  clear(): void {
    this.#length = 0;
    this.#records = 0;
  }

  /**
   * Empties the batch after a write of which only the first `bytes` reached the file.
   * A record cut in two keeps its number, so that the reader sees the hole; records of which nothing was written give theirs back and are told by a gap record.
   *
   * @param next number of the record that would have followed the batch
   */
  break(bytes: number, next: number): Broken {
    const broken: Broken = {
      written: 0,
      next,
      torn: bytes > 0 && this.buffer[bytes - 1] !== LF,
      records: 0,
      rows: 0,
      untold: [],
    };
    let start = 0;
    for (const frame of this.#frames.slice(0, this.#records)) {
      if (frame.end - 1 <= bytes) broken.written++;
      else {
        if (frame.tells !== undefined) broken.untold.push(frame.tells);
        if (start >= bytes) {
          broken.next = Math.min(broken.next, frame.n);
          if (frame.tells === undefined) broken.records++;
          if (frame.row) broken.rows++;
        }
      }
      start = frame.end;
    }
    this.clear();
    return broken;
  }
}
