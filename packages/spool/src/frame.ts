import { crc32 } from 'node:zlib';
import { MAX_RECORD_BYTES } from '@outwitness/event';

/** Most bytes of a whole frame: five digits, space, CRC, space, payload, LF. */
export const MAX_FRAME_BYTES: number = 5 + 1 + 8 + 1 + MAX_RECORD_BYTES + 1;

export const LF = 0x0a;
export const SPACE = 0x20;
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
 * Writes one frame into a buffer that has room for {@link MAX_FRAME_BYTES}. The checksum is made of the bytes written, which spares the text a second encoding.
 *
 * @param payload canonical JSON with its length in UTF-8
 * @returns where the frame ends
 */
export function writeFrame(buffer: Buffer, start: number, payload: { text: string; bytes: number }): number {
  const body = start + bodyAt(digitsOf(payload.bytes));
  const end = body + payload.bytes;
  buffer.write(payload.text, body, 'utf8');
  putLength(buffer, start, payload.bytes);
  putChecksum(buffer, body - 2, crc32(buffer.subarray(body, end)));
  buffer[body - 1] = SPACE;
  buffer[end] = LF;
  return end + 1;
}

/** Where in a frame its payload begins, if its length has so many digits. */
function bodyAt(digits: number): number {
  return digits + 1 + 8 + 1;
}

/** Digits of the length of a payload. */
export function digitsOf(bytes: number): number {
  return bytes < 1000 ? (bytes < 100 ? (bytes < 10 ? 1 : 2) : 3) : bytes < 10_000 ? 4 : 5;
}

/** The length of a payload, and the space behind it. */
export function putLength(buffer: Uint8Array, start: number, bytes: number): void {
  const end = start + digitsOf(bytes);
  let rest = bytes;
  for (let i = end - 1; i >= start; i--) {
    buffer[i] = ZERO + (rest % 10);
    rest = (rest / 10) | 0;
  }
  buffer[end] = SPACE;
}

/** @param last where the last of the eight digits goes */
export function putChecksum(buffer: Uint8Array, last: number, crc: number): void {
  let rest = crc;
  for (let i = last; i > last - 8; i--) {
    buffer[i] = HEX.charCodeAt(rest & 15);
    rest >>>= 4;
  }
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
