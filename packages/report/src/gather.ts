import type { Flat } from '@outwitness/event';

import type { Catalogue } from './catalogue.ts';
import { DESTINATION, groupCells } from './cells.ts';
import { DAY_US, type Facts, HOUR_US, type SettingsFact } from './facts.ts';
import { packagesWithDailyLimit } from './daily-limits.ts';
import { mergeHours, sumHours } from './period.ts';
import { isOwnPackage, SELF_APP } from './self.ts';
import type { PackageFact, ReportSource } from './source.ts';
import { evidenceOf } from './verdict.ts';

export interface ReportRequest {
  /** µs since 1970 UTC. */
  readonly now: number;
  /** µs; widened to whole hours. Absent: 24 hours before `to`. */
  readonly from?: number;
  /** µs, exclusive. Absent: now. */
  readonly to?: number;
  /** Absent: all applications. */
  readonly app?: string;
  readonly settings: SettingsFact;
  /** The catalogue in force. */
  readonly catalogue: Catalogue;
}

/** Control rows that rules read. */
const CONTROLS = ['late-load', 'clock-step'];
/** Each process that takes settings over has such a row too: those are many, and by the agent. */
const UNKNOWN_SETTINGS = { kind: 'control', events: ['settings'], actor: 'unknown' } as const;
/** Most rows fetched per event, and most destinations and packages looked up. */
const MAX_ROWS = 100;
export const MAX_LISTED = 1000;

/** Asks the source for everything that a report follows from; the only part of this package that waits. */
export async function gather(source: ReportSource, request: ReportRequest): Promise<Facts> {
  const { now, app = null, settings, catalogue } = request;
  const to = request.to ?? now + 1;
  const fromHour = Math.floor((request.from ?? to - DAY_US) / HOUR_US);
  const toHour = Math.max(Math.ceil(to / HOUR_US), fromHour + 1);
  const query = { from: fromHour * HOUR_US, to: toHour * HOUR_US, ...(app === null ? {} : { app }) };
  const all = await source.cells(fromHour, toHour);
  const audited = all.filter((cell) => cell.app !== SELF_APP);
  const asked = app === null ? audited : audited.filter((cell) => cell.app === app);
  const packages = byName(await source.packages());
  const limits = packagesWithDailyLimit(packages);
  const facts: Facts = {
    now,
    fromHour,
    toHour,
    app,
    settings,
    catalogue,
    apps: [...new Set(audited.map((cell) => cell.app))].sort(),
    cells: mergeHours(asked),
    hours: sumHours(asked),
    limited: asked.filter((cell) => limits.has(cell.package)),
    self: mergeHours(all.filter((cell) => cell.app === SELF_APP || isOwnPackage(cell.package))),
    pairs: await source.pairs(),
    hooks: await source.events({ ...query, kind: 'hook', limit: MAX_ROWS }),
    gaps: await source.events({ ...query, kind: 'gap', limit: MAX_ROWS }),
    controls: await source.events({ ...query, kind: 'control', events: CONTROLS, limit: MAX_ROWS }),
    drops: [
      ...(await source.events({ ...query, kind: 'erase', limit: MAX_ROWS })),
      ...(await source.events({ ...query, kind: 'vacuum', actor: 'cli', limit: MAX_ROWS })),
    ],
    intrusions: await source.events({ ...query, ...UNKNOWN_SETTINGS, limit: MAX_ROWS }),
    programs: await source.programs(query),
    packages,
    writers: (await source.writers()).filter((one) => one.app !== SELF_APP && (app === null || one.app === app)),
    ledger: await source.ledger(),
    cachedCalls: await source.cachedCalls(query),
    rows: new Map(),
  };
  const rows = await source.rows(wanted(facts));
  return { ...facts, rows: new Map(rows.flatMap((row) => numbered(row))) };
}

/** First and last row of what will be listed, and what the rules quote. */
function wanted(facts: Facts): number[] {
  const destinations = groupCells(facts.cells, DESTINATION)
    .sort((a, b) => b.events - a.events)
    .slice(0, MAX_LISTED);
  const listed = destinations.flatMap((cell) => [cell.firstSeq, cell.lastSeq]);
  return [...new Set([...evidenceOf(facts), ...listed])].sort((a, b) => a - b);
}

function numbered(row: Flat): [number, Flat][] {
  return typeof row['seq'] === 'number' ? [[row['seq'], row]] : [];
}

/** The last one said of a package counts: the source lists them in the order in which they were said. */
function byName(packages: readonly PackageFact[]): Map<string, PackageFact> {
  return new Map(packages.map((fact) => [fact.package, fact]));
}
