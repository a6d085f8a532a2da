import { isListed } from './words.ts';

/** What a masked path segment was. */
export type Placeholder = '{n}' | '{uuid}' | '{hex}' | '{email}' | '{token}' | '{s}';

const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
/** Amounts, dates, versions, addresses, phone numbers. */
const NUMBER = /^[+-]?\d[\d.,:+-]*$/;
const HEX = /^(0x)?[0-9a-f]{8,}$/i;
const EMAIL = /^[^@\s]+@[^@\s]+$/;
const TOKEN = /^[\w.~+/=:%-]{16,}$/;
const API_VERSION = /^v\d{1,2}(\.\d{1,2}){0,2}((alpha|beta|rc)\d{0,2})?$/;
/** Three words say no more than a name of an operation does; four could be a passphrase. */
const MOST_WORDS = 3;
const LONGEST_KEPT = 48;

/** Segments found plain before; nothing that was masked is remembered. */
const knownPlain = new Set<string>();
const MOST_KNOWN = 2000;

/** What may be kept of one path segment: the segment itself if it is an API version or made of listed words, else what it was. Classified whole, never in parts. */
export function classifySegment(raw: string): string {
  if (raw === '' || knownPlain.has(raw)) return raw;
  if (!isPlain(raw)) return placeholder(decode(raw));
  if (knownPlain.size < MOST_KNOWN) knownPlain.add(raw);
  return raw;
}

/** One to three listed words, joined by `-`, `_`, `.` or camel case. Or an API version. */
function isPlain(segment: string): boolean {
  if (segment.length > LONGEST_KEPT) return false;
  if (API_VERSION.test(segment)) return true;
  if (!/^\.?[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*$/.test(segment)) return false;
  const words = segment
    .replace(/^\./, '')
    .split(/[-_.]|(?<=[a-z0-9])(?=[A-Z])/)
    .map((word) => word.toLowerCase());
  return words.length <= MOST_WORDS && words.every(isListed);
}

/** What kind of value a text is. */
export function placeholder(text: string): Placeholder {
  if (NUMBER.test(text)) return '{n}';
  if (UUID.test(text)) return '{uuid}';
  if (HEX.test(text) && /\d/.test(text)) return '{hex}';
  if (EMAIL.test(text)) return '{email}';
  if (TOKEN.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text)) return '{token}';
  if (TOKEN.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text)) return '{token}';
  return '{s}';
}

function decode(raw: string): string {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
