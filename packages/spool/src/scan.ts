import type { SpoolRecord } from '@outwitness/event';
import type { Damages } from './damage.ts';
import { scanFrame } from './frame.ts';
import { parsePayload } from './parse.ts';

/** Where reading a segment stands. Plain data: the collector commits it together with the rows made of what was read. */
export interface Cursor {
  /** Bytes read. */
  offset: number;
  /** Number that the next record should have. */
  next: number;
  /** Bytes passed since the last valid frame. */
  skipped: number;
  /** `offset` lies inside a line that is no frame. */
  inLine: boolean;
  /** Identity of the file (`dev:ino`), empty before the first read. */
  file: string;
}

/** The beginning of a segment. */
export const START: Cursor = Object.freeze({ offset: 0, next: 0, skipped: 0, inLine: false, file: '' });

/** A record and the offset of its frame. */
export interface Placed {
  record: SpoolRecord;
  offset: number;
}

/** Result of a scan: what was found and where to go on. */
export interface Scanned {
  records: Placed[];
  cursor: Cursor;
}

/**
 * Takes the frames out of the bytes that follow a cursor. Records and sums of damage are the same however the file is cut into reads.
 *
 * @param bytes untrusted content from `cursor.offset` on
 * @param last nothing will follow: an unfinished frame is torn
 */
export function scan(bytes: Buffer, cursor: Cursor, last: boolean, damages: Damages): Scanned {
  const records: Placed[] = [];
  let { next, skipped, inLine } = cursor;
  let at = 0;

  const number = (n: number, offset: number): void => {
    const missing = Math.max(n - next, 0);
    if (skipped > 0) damages.add('damaged', offset - skipped, skipped, Math.max(missing, 1));
    else if (n !== next) damages.add('numbering', offset, 0, missing);
    skipped = 0;
    next = Math.min(n + 1, Number.MAX_SAFE_INTEGER);
  };

  if (inLine) {
    const lf = bytes.indexOf(0x0a);
    at = lf < 0 ? bytes.length : lf + 1;
    inLine = lf < 0;
    skipped += at;
  }
  while (at < bytes.length) {
    const found = scanFrame(bytes, at, bytes.length);
    if (found.state === 'partial') break;
    const offset = cursor.offset + at;
    if (found.state === 'damaged') {
      skipped += found.end - at;
      inLine = found.open;
    } else {
      const parsed = parsePayload(found.payload);
      if (parsed.state === 'record') {
        number(parsed.record.n, offset);
        records.push({ record: parsed.record, offset });
      } else if (parsed.state === 'foreign') {
        number(parsed.n ?? next, offset);
        damages.add('foreign-kind', offset, found.end - at, 0);
      } else skipped += found.end - at;
    }
    at = found.end;
  }
  if (last) {
    if (skipped > 0) damages.add('damaged', cursor.offset + at - skipped, skipped, 1);
    if (at < bytes.length) damages.add('torn', cursor.offset + at, bytes.length - at, 0);
    skipped = 0;
    at = bytes.length;
  }
  return { records, cursor: { offset: cursor.offset + at, next, skipped, inLine, file: cursor.file } };
}
