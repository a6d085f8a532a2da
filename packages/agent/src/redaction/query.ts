import { isIdShaped } from './names.ts';

/** Stands for a query part that is, or could be, a value. */
export const VALUE = '{value}';

const KEY = /^[A-Za-z_$][\w$.:[\]-]{0,63}$/;
const MOST_KEYS = 64;
/** One more than may be kept, so that the writer notes the cut. */
const ENOUGH = MOST_KEYS + 1;

/** Keys found to be names before; nothing that was masked is remembered. */
const knownNames = new Set<string>();
const MOST_KNOWN = 2000;

/**
 * The keys of a query, as they came, each once, never a value.
 * A part without `=` is a value (`?token`), and so is a key that does not look like a name or looks made for one case; both become `{value}`.
 *
 * @param query without the question mark
 */
export function queryKeys(query: string): string[] {
  const keys = new Set<string>();
  let start = 0;
  while (start < query.length && keys.size < ENOUGH) {
    const next = query.indexOf('&', start);
    const end = next < 0 ? query.length : next;
    if (end > start) keys.add(keyOf(query, start, end));
    start = end + 1;
  }
  return [...keys];
}

function keyOf(query: string, start: number, end: number): string {
  const equals = query.indexOf('=', start);
  if (equals < 0 || equals >= end || equals - start > MOST_KEYS * 3) return VALUE;
  const raw = query.slice(start, equals);
  if (knownNames.has(raw)) return raw;
  let key = raw;
  try {
    if (raw.includes('%')) key = decodeURIComponent(raw);
  } catch {
    return VALUE;
  }
  if (!KEY.test(key) || isIdShaped(key)) return VALUE;
  if (knownNames.size < MOST_KNOWN) knownNames.add(raw);
  return raw;
}
