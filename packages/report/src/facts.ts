/** Everything that a report follows from. Gathered once, then all is pure. */
import type { Flat, RollupEntry } from '@outwitness/event';

import type { Catalogue } from './catalogue.ts';
import type { HourSum, PeriodCell } from './period.ts';
import type { EventGroup, LedgerFact, PackageFact, PairSeen, Program, WriterFact } from './source.ts';

export const HOUR_US = 3_600_000_000;
export const DAY_US: number = 24 * HOUR_US;

export interface Facts {
  /** µs since 1970 UTC. */
  readonly now: number;
  /** Whole hours since 1970 UTC, `to` exclusive. */
  readonly fromHour: number;
  readonly toHour: number;
  readonly app: string | null;
  /** All applications with cells in the period, sorted. */
  readonly apps: readonly string[];
  /** Cells of the period and application, summed over its hours, without the application `outwitness`. */
  readonly cells: readonly PeriodCell[];
  /** The same by hour and direction alone, ascending. */
  readonly hours: readonly HourSum[];
  /** The same by hour, for packages whose manifest has a limit per day. */
  readonly limited: readonly RollupEntry[];
  /** Cells of what Outwitness itself did, whichever application was asked for. */
  readonly self: readonly PeriodCell[];
  readonly pairs: readonly PairSeen[];
  /** Leaves that rules and lists show, by `seq`. */
  readonly rows: ReadonlyMap<number, Flat>;
  readonly hooks: readonly EventGroup[];
  readonly gaps: readonly EventGroup[];
  readonly controls: readonly EventGroup[];
  /** `erase` rows, and `vacuum` rows that somebody asked for. */
  readonly drops: readonly EventGroup[];
  /** Settings that were changed by somebody whom the collector does not know. */
  readonly intrusions: readonly EventGroup[];
  readonly programs: readonly Program[];
  readonly packages: ReadonlyMap<string, PackageFact>;
  readonly writers: readonly WriterFact[];
  readonly ledger: LedgerFact;
  readonly cachedCalls: number | null;
  readonly settings: SettingsFact;
  readonly catalogue: Catalogue;
}

export interface SettingsFact {
  readonly generation: number;
  readonly enabled: boolean;
  readonly strict: boolean;
  readonly disabledChannels: readonly string[];
  /** Days. */
  readonly learnDays: number;
}

/** The learning window: from row 0 on, for as many days as set. Times in µs. */
export function learningOf(facts: Facts): { since?: number; until?: number; active: boolean } {
  const since = facts.ledger.firstRowAt;
  if (since === undefined) return { active: facts.settings.learnDays > 0 };
  const until = since + facts.settings.learnDays * DAY_US;
  return { since, until, active: Math.min(facts.now, facts.toHour * HOUR_US) < until };
}

/** Start of the first and end of the last hour, µs. */
export function periodOf(facts: Facts): { from: number; to: number } {
  return { from: facts.fromHour * HOUR_US, to: facts.toHour * HOUR_US };
}
