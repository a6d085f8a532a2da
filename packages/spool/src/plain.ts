import { MAX_RECORD_BYTES } from '@outwitness/event';
import type { Plan, Slot } from './plan.ts';

const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const EIGHT_DIGITS = 100_000_000;

/** Bytes by which a record may grow before its image is made anew: numbers get longer while a process runs. */
const ROOM = 32;
/** Longest text of a member that is kept for the next record. A longer one (a manifest, once) goes the slow way. */
const MOST_REMEMBERED = 4096;

/**
 * Writes one record as canonical JSON if it is plain: ASCII that needs no escape, within the limits of its fields, of members that docs/formats/spool.md knows. Almost every record is. Bytes, not text, since a text joined from pieces is copied twice before it is bytes. Most members are as they were in the last record of the shape, and what changes (numbers, times) mostly keeps its length: only these bytes are made anew in the image of that record.
 *
 * @param plan of the record, with its values: {@link planOf} was called for it last
 * @param n number of the record in its segment
 * @returns where it ends, −1 if it is not plain: then nothing that was written counts
 */
export function writePlain(buffer: Uint8Array, start: number, plan: Plan, n: number): number {
  const { image } = plan;
  let fits = image !== undefined;
  plan.image = undefined;
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
    if (!fits || image === undefined) continue;
    const { bytes, length, at } = slot;
    if (at < 0 || (length !== before && !move(plan, image, slot, length - before))) fits = false;
    else for (let i = slot.labelLength; i < length; i++) image[at + i] = bytes[i] as number;
  }
  plan.image = fits ? image : imageOf(plan, n);
  if (plan.image === undefined || start + plan.length > buffer.length) return -1;
  buffer.set(plan.image.length === plan.length ? plan.image : plan.image.subarray(0, plan.length), start);
  return start + plan.length;
}

/** Makes or takes away room behind a member whose length has changed; `false` if there is none. */
function move(plan: Plan, image: Uint8Array, slot: Slot, by: number): boolean {
  if (plan.length + by > image.length) return false;
  const end = slot.at + slot.length;
  image.copyWithin(end, end - by, plan.length);
  plan.length += by;
  for (const other of plan.slots) if (other.at > slot.at) other.at += by;
  return true;
}

/** The whole record; `undefined` if it is too long to be plain. */
function imageOf(plan: Plan, n: number): Uint8Array | undefined {
  const { slots } = plan;
  let at = 1;
  for (const slot of slots) {
    slot.at = -1;
    if ((slot.from === undefined ? n : slot.from.value) === undefined) continue;
    slot.at = at;
    at += slot.length + 1;
  }
  if (at > MAX_RECORD_BYTES) return undefined;
  plan.length = Math.max(at, 2);
  const image = new Uint8Array(plan.length + ROOM);
  image[0] = BRACE;
  for (const slot of slots) {
    if (slot.at < 0) continue;
    image.set(slot.bytes.subarray(0, slot.length), slot.at);
    image[slot.at + slot.length] = COMMA;
  }
  image[plan.length - 1] = BRACE_END;
  return image;
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
