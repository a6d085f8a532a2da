import { DECLARED, type Declared, type Direction, type Flat, type RollupEntry } from '@outwitness/event';

import type { CatalogueComponent } from './catalogue.ts';
import { DESTINATION, groupCells } from './cells.ts';
import { lookUp } from './classify.ts';
import { type Facts, HOUR_US } from './facts.ts';
import { numberOf, textOf } from './leaf.ts';
import { manifestsOf } from './daily-limits.ts';
import { endpointsFor, type Manifest } from './manifest.ts';
import { isAcknowledged } from './pair.ts';
import type { PeriodCell } from './period.ts';
import type { DestinationJson } from './report-json.ts';
import { isoTime } from './sentences.ts';
import { knownClass } from './totals.ts';

const WORST_CLASS = ['vendor', 'unclassified', 'third-party', 'internal'];
const WORST_DECLARED: readonly Declared[] = ['no', 'beyond', 'none', 'yes'];

/**
 * The destinations of the period, worst class first, then most calls.
 *
 * @param most how many of them; putting them in order is cheap beside saying everything about each
 * @returns those, and how many there are more
 */
export function destinationsOf(facts: Facts, most: number): { listed: DestinationJson[]; omitted: number } {
  const manifests = manifestsOf(facts.packages);
  const members = new Map<string, PeriodCell[]>();
  for (const cell of facts.cells) {
    const key = DESTINATION.map((name) => cell[name]).join('\n');
    const known = members.get(key);
    if (known === undefined) members.set(key, [cell]);
    else known.push(cell);
  }
  const rank = ({ class: found }: RollupEntry): number => WORST_CLASS.indexOf(knownClass(found));
  const all = [...members.values()]
    .flatMap((cells) => groupCells(cells, DESTINATION).map((whole) => ({ whole, cells })))
    .sort(({ whole: a }, { whole: b }) => rank(a) - rank(b) || b.events - a.events || a.firstSeq - b.firstSeq);
  const listed = all.slice(0, most).map(({ whole, cells }) => destination(facts, whole, cells, manifests));
  return { listed, omitted: all.length - listed.length };
}

function destination(
  facts: Facts,
  whole: RollupEntry,
  cells: readonly PeriodCell[],
  manifests: ReadonlyMap<string, Manifest>,
): DestinationJson {
  const newest = facts.rows.get(whole.lastSeq);
  const fact = facts.packages.get(whole.package);
  const outbound = whole.direction !== 'in';
  const manifest = manifests.get(whole.package);
  const endpoint =
    outbound && manifest !== undefined && whole.host !== ''
      ? endpointsFor(manifest, whole.host, whole.port < 0 ? undefined : whole.port)[0]
      : undefined;
  const component = componentOf(facts, whole);
  return {
    app: whole.app,
    direction: whole.direction as Direction,
    package: named(whole.package),
    packageVersion: textOf(newest, 'packageVersion') ?? fact?.version ?? null,
    packageAuthor: textOf(newest, 'packageAuthor') ?? fact?.author ?? null,
    host: named(whole.host),
    port: whole.port < 0 ? null : whole.port,
    channels: [...new Set(cells.map((cell) => cell.channel))].sort(),
    class: knownClass(whole.class),
    vendor: named(whole.vendor),
    component: textOf(newest, 'component') ?? null,
    declared: worstDeclared(cells),
    purpose: endpoint?.purpose ?? component?.purpose ?? null,
    data: [...(endpoint?.data ?? [])],
    acknowledged: outbound && isAcknowledged(facts.catalogue.acknowledged, whole),
    events: whole.events,
    errors: whole.errors,
    bytesOut: whole.bytesOut,
    bytesIn: whole.bytesIn,
    firstSeen: seenAt(facts.rows.get(whole.firstSeq), Math.min(...cells.map((cell) => cell.firstHour))),
    lastSeen: seenAt(newest, Math.max(...cells.map((cell) => cell.hour))),
    firstSeq: whole.firstSeq,
    lastSeq: whole.lastSeq,
    site: textOf(newest, 'site') ?? null,
  };
}

function worstDeclared(cells: readonly { declared: string }[]): Declared {
  const found = new Set(cells.map((cell) => cell.declared));
  return WORST_DECLARED.find((word) => found.has(word)) ?? 'none';
}

export function named(text: string): string | null {
  return text === '' ? null : text;
}

export function knownDeclared(text: string): Declared {
  return (DECLARED as readonly string[]).includes(text) ? (text as Declared) : 'none';
}

function componentOf(facts: Facts, { host, port, channel, vendor }: RollupEntry): CatalogueComponent | undefined {
  if (vendor === '' || host === '') return undefined;
  const found = lookUp(facts.catalogue, { channel, host, ...(port < 0 ? {} : { port }) });
  return typeof found === 'object' && found.vendor.name === vendor ? found.component : undefined;
}

/** The row's own time; where the row was not fetched or is gone, the hour of its cell. */
export function seenAt(row: Flat | undefined, hour: number): string {
  return isoTime(numberOf(row, 'time') ?? hour * HOUR_US);
}
