import { crc32 } from 'node:zlib';
import { MAX_RECORD_BYTES } from '@outwitness/event';

/** Most bytes of a whole frame: five digits, space, CRC, space, payload, LF. */
export const MAX_FRAME_BYTES: number = 5 + 1 + 8 + 1 + MAX_RECORD_BYTES + 1;

const LF = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * One frame as text: `length SP crc SP payload LF` (docs/formats/spool.md, "Frames").
 *
 * @param payload canonical JSON, so it holds no LF
 * @param bytes length of its UTF-8 encoding, 2 to {@link MAX_RECORD_BYTES}
 */
export function frameText(payload: string, bytes: number): string {
  return `${bytes} ${crcText(crc32(payload))} ${payload}\n`;
}

/**
 * Writes one frame into a buffer. The checksum is made of the bytes written, which spares the text a second encoding.
 *
 * @param payload canonical JSON with its length in UTF-8
 * @returns where the frame ends
 */
export function writeFrame(
  buffer: Buffer,
  start: number,
  payload: { text: string; bytes: number; ascii: boolean },
): number {
  const text = `${payload.bytes} 00000000 ${payload.text}\n`;
  const end = start + buffer.write(text, start, payload.ascii ? 'latin1' : 'utf8');
  const body = end - payload.bytes - 1;
  let crc = crc32(buffer.subarray(body, end - 1));
  for (let at = body - 2; crc > 0; at--) {
    buffer[at] = HEX.charCodeAt(crc & 15);
    crc >>>= 4;
  }
  return end;
}

const HEX = '0123456789abcdef';

function crcText(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** What stands at a position of a spool file. */
export type Scan =
  /** A frame whose length and CRC agree with the line. `payload` shares memory with the input. */
  | { state: 'frame'; payload: Buffer; end: number }
  /** No line end yet: it may still be growing. */
  | { state: 'partial' }
  /** Not a frame. `end` is where the next one can start; `open` if the line goes on beyond the input. */
  | { state: 'damaged'; end: number; open: boolean };

/**
 * Looks at the line that starts at `start`. A payload holds no LF, so a frame is exactly one line: each byte of a hostile file is looked at once, whatever its lengths claim.
 *
 * @param end where the known bytes end
 */
export function scanFrame(bytes: Buffer, start: number, end: number): Scan {
  const lf = bytes.subarray(start, end).indexOf(LF) + start;
  if (lf < start) return end - start >= MAX_FRAME_BYTES ? { state: 'damaged', end, open: true } : { state: 'partial' };
  const damaged: Scan = { state: 'damaged', end: lf + 1, open: false };
  let at = start;
  let length = 0;
  for (; at < lf && at - start < 5; at++) {
    const digit = bytes[at] ?? 0;
    if (digit < ZERO || digit > NINE) break;
    length = length * 10 + digit - ZERO;
  }
  if (bytes[start] === ZERO || length < 2 || length > MAX_RECORD_BYTES) return damaged;
  const body = at + 10;
  if (bytes[at] !== SPACE || bytes[at + 9] !== SPACE || lf - body !== length) return damaged;
  const payload = bytes.subarray(body, lf);
  if (bytes.toString('latin1', at + 1, at + 9) !== crcText(crc32(payload))) return damaged;
  return { state: 'frame', payload, end: lf + 1 };
}
