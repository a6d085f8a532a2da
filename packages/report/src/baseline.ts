import { OutwitnessError } from '@outwitness/event';

import type { ReportErrorCode } from './errors.ts';
import { type Pair, pairText, parsePair } from './pair.ts';
import type { PairSeen } from './source.ts';

/** `egress.lock`: one pair per line, sorted by bytes, no counts and no times, so that git merges it. */
export function lockText(pairs: Iterable<Pair>): string {
  return [...new Set([...pairs].map(pairText))]
    .sort()
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Reads `egress.lock`. Empty lines and lines that begin with `#` are skipped.
 *
 * @throws OutwitnessError `lock-invalid` with the number of the line; a merge conflict left in the file is one
 */
export function parseLock(text: string): Pair[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    try {
      return [parsePair(line)];
    } catch (cause) {
      const message = `egress.lock, line ${i + 1}: expected a pair such as "stripe -> api.stripe.com:443", got ${JSON.stringify(line)}. Run "outwitness lock --update" or correct it.`;
      throw new OutwitnessError<ReportErrorCode>('lock-invalid', message, cause);
    }
  });
}

/** Pairs that belong into a lock file: what leaves the machine under a name or address. */
export function lockable(pairs: Iterable<PairSeen>): Pair[] {
  return [...pairs].filter((pair) => pair.host !== '' && pair.class !== 'internal' && pair.events > 0);
}

export interface LockDiff {
  /** Seen and not in the lock, sorted. */
  readonly added: readonly string[];
  /** In the lock and not seen, sorted. */
  readonly gone: readonly string[];
}

export function diffLock(lock: Iterable<Pair>, seen: Iterable<Pair>): LockDiff {
  const before = new Set([...lock].map(pairText));
  const now = new Set([...seen].map(pairText));
  const missingFrom = (others: ReadonlySet<string>, own: ReadonlySet<string>): string[] =>
    [...own].filter((line) => !others.has(line)).sort();
  return { added: missingFrom(before, now), gone: missingFrom(now, before) };
}
