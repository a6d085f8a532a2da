import type { Flat } from '@outwitness/event';

import type { Catalogue } from './catalogue.ts';
import { DESTINATION, groupCells } from './cells.ts';
import { type Facts, HOUR_US, type SettingsFact } from './facts.ts';
import { packagesWithDailyLimit } from './daily-limits.ts';
import { type PeriodAsked, periodCells } from './period-cells.ts';
import { mergeHours, sumHours } from './period.ts';
import { isOwnPackage, SELF_APP } from './self.ts';
import type { PackageFact, ReportSource } from './source.ts';
import { evidenceOf } from './verdict.ts';

export interface ReportRequest extends PeriodAsked {
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
  const { now, settings, catalogue } = request;
  const { fromHour, toHour, app, apps, cells, all } = await periodCells(source, request);
  const query = { from: fromHour * HOUR_US, to: toHour * HOUR_US, ...(app === null ? {} : { app }) };
  const packages = byName(await source.packages());
  const limits = packagesWithDailyLimit(packages);
  const facts: Facts = {
    now,
    fromHour,
    toHour,
    app,
    settings,
    catalogue,
    apps,
    cells: mergeHours(cells),
    hours: sumHours(cells),
    limited: cells.filter((cell) => limits.has(cell.package)),
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
  return { ...facts, rows: await rowsBySeq(source, wanted(facts)) };
}

/** Each row asked for once, ascending; those that are gone are left out. */
export async function rowsBySeq(
  source: Pick<ReportSource, 'rows'>,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Flat>> {
  const rows = await source.rows([...new Set(seqs)].sort((a, b) => a - b));
  return new Map(rows.flatMap((row) => numbered(row)));
}

/** First and last row of what will be listed, and what the rules quote. */
function wanted(facts: Facts): number[] {
  const destinations = groupCells(facts.cells, DESTINATION)
    .sort((a, b) => b.events - a.events)
    .slice(0, MAX_LISTED);
  const listed = destinations.flatMap((cell) => [cell.firstSeq, cell.lastSeq]);
  return [...evidenceOf(facts), ...listed];
}

function numbered(row: Flat): [number, Flat][] {
  return typeof row['seq'] === 'number' ? [[row['seq'], row]] : [];
}

/** The last one said of a package counts: the source lists them in the order in which they were said. */
export function byName(packages: readonly PackageFact[]): Map<string, PackageFact> {
  return new Map(packages.map((fact) => [fact.package, fact]));
}
