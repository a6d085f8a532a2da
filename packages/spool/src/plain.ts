import { crc32 } from 'node:zlib';
import { MAX_RECORD_BYTES } from '@outwitness/event';
import { checksumOfChange, FARTHEST } from './checksum-of-change.ts';
import { bodyAt, digitsOf, LF, putChecksum, putLength, SPACE } from './frame.ts';
import type { Frame, Plan, Slot } from './plan.ts';

const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const EIGHT_DIGITS = 100_000_000;

/** Bytes by which a record may grow before its frame is made anew: numbers get longer while a process runs. */
const ROOM = 32;
/** Longest text of a member that is kept for the next record. A longer one (a manifest, once) goes the slow way. */
const MOST_REMEMBERED = 4096;

/**
 * Writes the frame of one record if it is plain: ASCII that needs no escape, within the limits of its fields, of members that docs/formats/spool.md knows. Almost every record is. Bytes, not text, since a text joined from pieces is copied twice before it is bytes. Most members are as they were in the last record of the shape, and what changes (numbers, times) mostly keeps its length: only these bytes are made anew in that record's frame, and the checksum is told of them.
 *
 * @param plan of the record, with its values: {@link planOf} was called for it last
 * @param n number of the record in its segment
 * @returns where it ends, −1 if it is not plain: then nothing that was written counts
 */
export function writePlain(buffer: Uint8Array, start: number, plan: Plan, n: number): number {
  let { frame } = plan;
  plan.frame = undefined;
  let fits = frame !== undefined;
  let summed = true;
  for (const slot of plan.slots) {
    const value = slot.from === undefined ? n : slot.from.value;
    if (value === undefined) {
      if (slot.at >= 0) fits = false;
      slot.last = undefined;
      slot.at = -1;
      continue;
    }
    if (typeof value === 'object' ? isLast(slot, value) : value === slot.last) continue;
    const before = slot.length;
    if (!renew(slot, value)) return -1;
    if (!fits || frame === undefined) continue;
    if (slot.at < 0 || (slot.length !== before && !move(plan, frame, slot, slot.length - before))) fits = false;
    else if (typeof value === 'number' && slot.length === before && frame.end - slot.at <= FARTHEST) put(frame, slot);
    else {
      summed = false;
      for (let i = slot.labelLength; i < slot.length; i++) frame.bytes[slot.at + i] = slot.bytes[i] as number;
    }
  }
  if (!fits || frame === undefined) {
    frame = frameOf(plan, n);
    summed = false;
  }
  if (frame === undefined || start + frame.whole.length > buffer.length) return -1;
  if (!summed) frame.crc = crc32(frame.bytes.subarray(frame.start, frame.end));
  putChecksum(frame.bytes, frame.start - 2, frame.crc);
  buffer.set(frame.whole, start);
  plan.frame = frame;
  return start + frame.whole.length;
}

/** Puts the digits of a number in the place of others of the same length. */
function put(frame: Frame, slot: Slot): void {
  const { bytes, end } = frame;
  for (let i = slot.labelLength, at = slot.at + i; i < slot.length; i++, at++) {
    const bits = (bytes[at] as number) ^ (slot.bytes[i] as number);
    if (bits === 0) continue;
    bytes[at] = slot.bytes[i] as number;
    frame.crc ^= checksumOfChange(bits, end - 1 - at);
  }
}

/** Makes or takes away room behind a member whose length has changed; `false` if there is none, or if the length of the record gets another number of digits. */
function move(plan: Plan, frame: Frame, slot: Slot, by: number): boolean {
  const { bytes, start, end } = frame;
  if (end + by >= bytes.length || bodyAt(digitsOf(end + by - start)) !== start) return false;
  const behind = slot.at + slot.length;
  bytes.copyWithin(behind, behind - by, end + 1);
  for (const other of plan.slots) if (other.at > slot.at) other.at += by;
  frame.end += by;
  frame.whole = bytes.subarray(0, frame.end + 1);
  putLength(bytes, 0, frame.end - start);
  return true;
}

/** The whole frame but for its checksum; `undefined` if the record is too long to be plain. */
function frameOf({ slots }: Plan, n: number): Frame | undefined {
  let length = 1;
  for (const slot of slots)
    if ((slot.from === undefined ? n : slot.from.value) !== undefined) length += slot.length + 1;
  length = Math.max(length, 2);
  if (length > MAX_RECORD_BYTES) return undefined;
  const start = bodyAt(digitsOf(length));
  const end = start + length;
  const bytes = new Uint8Array(end + 1 + ROOM);
  putLength(bytes, 0, length);
  bytes[start - 1] = SPACE;
  bytes[start] = BRACE;
  let at = start + 1;
  for (const slot of slots) {
    slot.at = -1;
    if ((slot.from === undefined ? n : slot.from.value) === undefined) continue;
    slot.at = at;
    bytes.set(slot.bytes.subarray(0, slot.length), at);
    at += slot.length + 1;
    bytes[at - 1] = COMMA;
  }
  bytes[end - 1] = BRACE_END;
  bytes[end] = LF;
  return { bytes, start, end, crc: 0, whole: bytes.subarray(0, end + 1) };
}

/** By its elements: whoever made the list may have changed it since. */
function isLast({ last }: Slot, value: unknown): boolean {
  if (typeof last !== 'object' || !Array.isArray(value) || last.length !== value.length) return false;
  for (let i = 0; i < value.length; i++) if (last[i] !== value[i]) return false;
  return true;
}

/** Makes the bytes of another value; `false` if it is not plain. */
function renew(slot: Slot, value: unknown): boolean {
  slot.last = undefined;
  const { type } = slot;
  const at = slot.labelLength;
  if (typeof value === 'number') {
    if (type.type !== 'int' || !Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) return false;
    reserve(slot, at + 16);
    slot.length = putNumber(slot.bytes, at, value);
    slot.last = value;
    return true;
  }
  if (typeof value === 'string') {
    if (type.type !== 'string' || value.length > type.limit || value.length > MOST_REMEMBERED) return false;
    reserve(slot, at + value.length + 2);
    const end = putString(slot.bytes, at, value);
    if (end < 0) return false;
    slot.length = end;
    slot.last = value;
    return true;
  }
  if (typeof value === 'boolean') {
    if (type.type !== 'bool') return false;
    const word = value ? 'true' : 'false';
    reserve(slot, at + 5);
    for (let i = 0; i < word.length; i++) slot.bytes[at + i] = word.charCodeAt(i);
    slot.length = at + word.length;
    return true;
  }
  return Array.isArray(value) && renewList(slot, value);
}

function renewList(slot: Slot, value: readonly unknown[]): boolean {
  const { type } = slot;
  if (type.type !== 'strings' || value.length > type.count) return false;
  let room = slot.labelLength + 2;
  for (const element of value) {
    if (typeof element !== 'string' || element.length > type.limit) return false;
    room += element.length + 3;
  }
  if (room > MOST_REMEMBERED) return false;
  reserve(slot, room);
  const { bytes } = slot;
  let at = slot.labelLength;
  bytes[at++] = BRACKET;
  for (let i = 0; i < value.length; i++) {
    if (i > 0) bytes[at++] = COMMA;
    at = putString(bytes, at, value[i] as string);
    if (at < 0) return false;
  }
  bytes[at++] = BRACKET_END;
  slot.length = at;
  slot.last = [...(value as readonly string[])];
  return true;
}

function reserve(slot: Slot, length: number): void {
  if (slot.bytes.length >= length) return;
  const bytes = new Uint8Array(length);
  bytes.set(slot.bytes.subarray(0, slot.labelLength));
  slot.bytes = bytes;
}

/** With quotes. @returns where it ends, −1 if a character would have to be escaped or is no ASCII */
function putString(bytes: Uint8Array, start: number, value: string): number {
  let at = start;
  bytes[at++] = QUOTE;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return -1;
    bytes[at++] = unit;
  }
  bytes[at++] = QUOTE;
  return at;
}

/** @returns where it ends */
function putNumber(bytes: Uint8Array, start: number, value: number): number {
  if (value < EIGHT_DIGITS) return putSmall(bytes, start, value, 1);
  const high = Math.floor(value / EIGHT_DIGITS);
  const middle = high < EIGHT_DIGITS ? putSmall(bytes, start, high, 1) : putNumber(bytes, start, high);
  return putSmall(bytes, middle, value - high * EIGHT_DIGITS, 8);
}

function putSmall(bytes: Uint8Array, start: number, value: number, least: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  const end = start + Math.max(digits, least);
  let rest = value | 0;
  for (let at = end - 1; at >= start; at--) {
    const quotient = (rest / 10) | 0;
    bytes[at] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return end;
}
