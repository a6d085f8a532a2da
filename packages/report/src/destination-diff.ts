import type { Flat } from '@outwitness/event';

import { numberOf, textOf } from './leaf.ts';
import { pairText } from './pair.ts';

/** What `diff --json` prints. */
export interface DiffJson {
  schemaVersion: 1;
  /** Calls counted on both sides. */
  before: number;
  after: number;
  /** Sorted by pair. */
  added: PairCount[];
  gone: PairCount[];
  both: PairChange[];
}

export interface PairCount {
  pair: string;
  calls: number;
  bytesOut: number;
  /** First row of this pair on its side. */
  firstSeq: number;
}

export interface PairChange {
  pair: string;
  before: { calls: number; bytesOut: number };
  after: { calls: number; bytesOut: number };
}

/** Counts outbound calls by pair, row by row. */
export class PairCounts {
  readonly #counts = new Map<string, PairCount>();
  #calls = 0;

  /** @param row an outbound `net` row; `end` rows carry the bytes of a call that was counted before */
  add(row: Flat): void {
    const host = textOf(row, 'host');
    if (host === undefined || textOf(row, 'outcome') === 'local') return;
    const pair = pairText({ package: textOf(row, 'package') ?? '', host, port: numberOf(row, 'port') ?? -1 });
    const calls = textOf(row, 'phase') === 'end' ? 0 : 1;
    const before = this.#counts.get(pair);
    this.#calls += calls;
    this.#counts.set(pair, {
      pair,
      calls: (before?.calls ?? 0) + calls,
      bytesOut: (before?.bytesOut ?? 0) + (numberOf(row, 'bytesOut') ?? 0),
      firstSeq: before?.firstSeq ?? numberOf(row, 'seq') ?? -1,
    });
  }

  get calls(): number {
    return this.#calls;
  }

  get(pair: string): PairCount | undefined {
    return this.#counts.get(pair);
  }

  sorted(): PairCount[] {
    return [...this.#counts.values()].sort((a, b) => (a.pair < b.pair ? -1 : 1));
  }
}

/** Which pairs came, went or stayed; pure. */
export function diffPairs(before: PairCounts, after: PairCounts): DiffJson {
  const both = after.sorted().flatMap((now): PairChange[] => {
    const then = before.get(now.pair);
    if (then === undefined) return [];
    const { calls, bytesOut } = now;
    return [{ pair: now.pair, before: { calls: then.calls, bytesOut: then.bytesOut }, after: { calls, bytesOut } }];
  });
  return {
    schemaVersion: 1,
    before: before.calls,
    after: after.calls,
    added: after.sorted().filter(({ pair }) => before.get(pair) === undefined),
    gone: before.sorted().filter(({ pair }) => after.get(pair) === undefined),
    both,
  };
}
