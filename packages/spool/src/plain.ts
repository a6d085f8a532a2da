import { crc32 } from 'node:zlib';
import { checksumOfChange, FARTHEST } from './checksum-of-change.ts';
import { digitsOf, LF, MAX_FRAME_BYTES, putChecksum, putLength, SPACE } from './frame.ts';
import { BODY, type Named, type Plan, planOf } from './plan.ts';

const BRACE = 0x7b;
const BRACE_END = 0x7d;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const EIGHT_DIGITS = 100_000_000;

/** Bytes by which a record may grow before its frame gets more room: numbers get longer while a process runs. */
const ROOM = 64;
/** Longest text of a member that is kept for the next record. A longer one (a manifest, once) goes the slow way. */
const MOST_REMEMBERED = 4096;

/**
 * Writes the frame of one record if it is plain: ASCII that needs no escape, within the limits of its fields, of members that docs/formats/spool.md knows. Almost every record is. Bytes, not text, since a text joined from pieces is copied twice before it is bytes. Most members are as they were in the last record of the shape, and what changes (numbers, times) mostly keeps its length: only these bytes are made anew in that record's frame, and the checksum is told of them.
 *
 * @param buffer with room for any frame behind `start`; what lies behind the end of the frame is written over
 * @param n number of the record in its segment
 * @returns where it ends, −1 if it is not plain: then nothing that was written counts
 */
export function writePlain(buffer: Uint8Array, start: number, record: Named, n: number): number {
  const plan = planOf(record);
  if (!change(plan, record, n) && !make(plan, record, n)) {
    plan.end = 0;
    return -1;
  }
  if (!plan.summed) {
    plan.crc = crc32(plan.bytes.subarray(BODY, plan.end));
    plan.summed = true;
  }
  putChecksum(plan.bytes, BODY - 2, plan.crc);
  // With the room behind it: a view of the very bytes would have to be made for each length.
  buffer.set(plan.whole, start);
  return start + plan.end + 1 - (plan.bytes.length - plan.whole.length);
}

/** Makes of the last frame that of the record; `false` if it has to be made from nothing. */
function change(plan: Plan, record: Named, n: number): boolean {
  if (plan.end === 0) return false;
  const { numbers, values } = plan;
  let i = 0;
  for (const name in record) {
    const value = record[name];
    if (typeof value === 'number') {
      if (value !== numbers[i] && !changeNumber(plan, i, value)) return false;
    } else if (typeof value === 'object' ? !isLast(values[i], value) : value !== values[i]) {
      if (!changeText(plan, i, value)) return false;
    }
    i++;
  }
  return n === numbers[i] || changeNumber(plan, i, n);
}

function changeNumber(plan: Plan, i: number, value: number): boolean {
  const at = plan.at[i] as number;
  if (at < 0) return true;
  if (plan.types[i]?.type !== 'int' || !isWhole(value)) return false;
  const by = digitsIn(value) - (plan.length[i] as number);
  if (by !== 0 && !move(plan, i, by)) return false;
  plan.numbers[i] = value;
  changeDigits(plan, at, at + (plan.length[i] as number), value);
  return true;
}

/** Puts a number in the place of as many bytes as it has digits. */
function changeDigits(plan: Plan, start: number, end: number, value: number): void {
  if (value < EIGHT_DIGITS) return changeFew(plan, start, end, value);
  const high = Math.floor(value / EIGHT_DIGITS);
  changeFew(plan, end - 8, end, value - high * EIGHT_DIGITS);
  changeDigits(plan, start, end - 8, high);
}

function changeFew(plan: Plan, start: number, end: number, value: number): void {
  const { bytes } = plan;
  const last = plan.end - 1;
  if (last - start >= FARTHEST) plan.summed = false;
  const { summed } = plan;
  let { crc } = plan;
  let rest = value | 0;
  for (let at = end - 1; at >= start; at--) {
    const quotient = (rest / 10) | 0;
    const bits = (bytes[at] as number) ^ (ZERO + rest - quotient * 10);
    rest = quotient;
    if (bits === 0) continue;
    bytes[at] = (bytes[at] as number) ^ bits;
    if (summed) crc ^= checksumOfChange(bits, last - at);
  }
  plan.crc = crc;
}

/** Any member but a number. */
function changeText(plan: Plan, i: number, value: unknown): boolean {
  const at = plan.at[i] as number;
  if (at < 0) return true;
  const length = plainLength(plan, i, value);
  if (length < 0) return false;
  const by = length - (plan.length[i] as number);
  if (by !== 0 && !move(plan, i, by)) return false;
  plan.summed = false;
  return put(plan, i, at, value) >= 0;
}

/** Makes or takes away room behind a member whose length has changed; `false` if there is none. */
function move(plan: Plan, i: number, by: number): boolean {
  const { bytes, end, at, length } = plan;
  if (end + by >= bytes.length) return false;
  const from = at[i] as number;
  const behind = from + (length[i] as number);
  bytes.copyWithin(behind + by, behind, end + 1);
  for (let other = 0; other < at.length; other++) {
    const there = at[other] as number;
    if (there > from) at[other] = there + by;
  }
  length[i] = behind + by - from;
  setEnd(plan, end + by);
  plan.summed = false;
  return true;
}

/** The whole frame but for its checksum; `false` if the record is not plain. */
function make(plan: Plan, record: Named, n: number): boolean {
  const given: unknown[] = [];
  for (const name in record) given.push(record[name]);
  given.push(n);
  let room = BODY + 1;
  for (const i of plan.order) {
    const length = plainLength(plan, i, given[i]);
    if (length < 0) return false;
    room += (plan.labels[i] as string).length + length + 1;
  }
  if (room + ROOM > MAX_FRAME_BYTES) return false;
  if (plan.bytes.length < room + ROOM / 2) plan.bytes = plan.whole = new Uint8Array(room + ROOM);
  const { bytes } = plan;
  plan.summed = false;
  let at = BODY;
  bytes[at] = BRACE;
  for (const i of plan.order) {
    at++;
    const label = plan.labels[i] as string;
    for (let c = 0; c < label.length; c++) bytes[at++] = label.charCodeAt(c);
    plan.at[i] = at;
    at = put(plan, i, at, given[i]);
    if (at < 0) return false;
    bytes[at] = COMMA;
  }
  bytes[at++] = BRACE_END;
  setEnd(plan, at);
  return true;
}

/** The end of the payload, and what follows from it: its length in the head, and where the frame begins. */
function setEnd(plan: Plan, end: number): void {
  const { bytes } = plan;
  const digits = digitsOf(end - BODY);
  const start = BODY - 10 - digits;
  plan.end = end;
  bytes[end] = LF;
  putLength(bytes, start, end - BODY);
  bytes[BODY - 1] = SPACE;
  if (plan.whole.length !== bytes.length - start) plan.whole = bytes.subarray(start);
}

/** Length of a value as it is written, but for characters that cannot be; −1 if it is not plain. */
function plainLength(plan: Plan, i: number, value: unknown): number {
  const type = plan.types[i];
  if (typeof value === 'number') return type?.type === 'int' && isWhole(value) ? digitsIn(value) : -1;
  if (typeof value === 'boolean') return type?.type === 'bool' ? String(value).length : -1;
  if (typeof value === 'string')
    return type?.type === 'string' && value.length <= Math.min(type.limit, MOST_REMEMBERED) ? value.length + 2 : -1;
  if (type?.type !== 'strings' || !Array.isArray(value) || value.length > type.count) return -1;
  let length = Math.max(value.length + 1, 2);
  for (const element of value as readonly unknown[]) {
    if (typeof element !== 'string' || element.length > type.limit) return -1;
    length += element.length + 2;
  }
  return length <= MOST_REMEMBERED ? length : -1;
}

/** Writes a value into a frame that is not summed, and remembers it. @returns where it ends, −1 if it is not plain */
function put(plan: Plan, i: number, start: number, value: unknown): number {
  const { bytes, length, numbers, values } = plan;
  numbers[i] = Number.NaN;
  let at = start;
  if (typeof value === 'number') {
    numbers[i] = value;
    at += digitsIn(value);
    changeDigits(plan, start, at, value);
  } else if (typeof value === 'string') {
    at = putString(bytes, at, value);
    values[i] = value;
  } else if (Array.isArray(value)) {
    const list = value as readonly string[];
    bytes[at++] = BRACKET;
    for (let element = 0; element < list.length && at > 0; element++) {
      if (element > 0) bytes[at++] = COMMA;
      at = putString(bytes, at, list[element] as string);
    }
    if (at > 0) bytes[at++] = BRACKET_END;
    values[i] = [...list];
  } else {
    const word = String(value);
    for (let c = 0; c < word.length; c++) bytes[at++] = word.charCodeAt(c);
    values[i] = value;
  }
  length[i] = at - start;
  return at;
}

/** By its elements: whoever made the list may have changed it since. */
function isLast(last: unknown, value: unknown): boolean {
  if (!Array.isArray(last) || !Array.isArray(value) || last.length !== value.length) return false;
  for (let i = 0; i < value.length; i++) if (last[i] !== value[i]) return false;
  return true;
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

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

function digitsIn(value: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  return digits;
}
