import type { Flat, RollupEntry } from '@outwitness/event';

import type { Acknowledged, Catalogue } from './catalogue.ts';
import { lookUp } from './classify.ts';
import type {
  AcknowledgedJson,
  CatalogueSourceJson,
  ComponentsJson,
  ExplainedJson,
  PatternJson,
  UnclassifiedJson,
} from './components-json.ts';
import { named } from './destinations.ts';
import { HOUR_US } from './facts.ts';
import { byName, MAX_LISTED, rowsBySeq } from './gather.ts';
import { HostOwners } from './host-owners.ts';
import { ManifestEntry } from './manifest-entries.ts';
import { isAcknowledged, pairText } from './pair.ts';
import { mergeHours, type PeriodCell } from './period.ts';
import { type PeriodAsked, periodCells } from './period-cells.ts';
import { isoTime } from './sentences.ts';
import { Sight, Sights } from './sights.ts';
import type { PackageFact, ReportSource } from './source.ts';
import { knownClass, outboundOf } from './totals.ts';
import { VendorEntry } from './vendor-entries.ts';

/** What the screen says of the catalogue beside its entries. */
export interface CatalogueInForce {
  readonly catalogue: Catalogue;
  readonly source: CatalogueSourceJson;
}

/**
 * The catalogue in force and what was seen of its entries in a period, from the rollup; rows are fetched only to tell
 * when each entry was last seen. What a row was judged to be counts, not what it would be judged to be by now.
 */
export async function componentsOf(
  source: Pick<ReportSource, 'cells' | 'rows' | 'packages'>,
  asked: PeriodAsked,
  { catalogue, source: from }: CatalogueInForce,
): Promise<ComponentsJson> {
  const { fromHour, toHour, app, apps, cells } = await periodCells(source, asked);
  const merged = mergeHours(cells);
  const out = merged.filter(({ direction }) => direction !== 'in');

  const byVendor = groupBy(out, ({ vendor }) => vendor);
  const names = new Set([...catalogue.vendors.map(({ name }) => name), ...byVendor.keys()]);
  names.delete('');
  const vendors = [...names].map((name) => new VendorEntry(name, catalogue, byVendor.get(name) ?? []));
  const internal = internalSights(catalogue, out);
  const hosts = listenerSights(catalogue, merged);
  const acknowledged = catalogue.acknowledged.map((pair) => ({ pair, seen: acknowledgedSight(pair, out) }));
  const manifests = manifestEntries(byName(await source.packages()).values(), outboundOf(cells));
  const unclassified = unclassifiedSights(catalogue, out);
  const listed = unclassified.slice(0, MAX_LISTED);

  const sights = [
    ...[...vendors, ...manifests].flatMap((entry) => entry.sights()),
    ...internal.patterns.values(),
    internal.unlisted,
    ...hosts.values(),
    ...acknowledged.flatMap(({ seen }) => seen ?? []),
    ...listed.map(({ seen }) => seen),
  ];
  const rows = await rowsBySeq(
    source,
    sights.map(({ lastSeq }) => lastSeq).filter((seq) => seq >= 0),
  );
  return {
    schemaVersion: 1,
    generatedAt: isoTime(asked.now),
    period: { from: isoTime(fromHour * HOUR_US), to: isoTime(toHour * HOUR_US) },
    app,
    apps: [...apps],
    catalogue: from,
    outbound: explained(out),
    vendors: vendors.map((entry) => entry.json(rows)),
    internal: patternsJson(catalogue.internal, internal.patterns, rows),
    internalByName: internal.unlisted.json(rows),
    hosts: patternsJson(catalogue.hosts, hosts, rows),
    acknowledged: acknowledged.map(({ pair, seen }) => acknowledgedJson(pair, seen, rows)),
    manifests: manifests.map((entry) => entry.json(rows)),
    unclassified: listed.map(({ seen, ...destination }) => ({ ...destination, seen: seen.json(rows) })),
    unclassifiedOmitted: unclassified.length - listed.length,
  };
}

function explained(out: readonly RollupEntry[]): ExplainedJson {
  const sums = { events: 0, watched: 0, vendors: 0, declared: 0, internal: 0, unclassified: 0 };
  for (const cell of out) {
    const found = knownClass(cell.class);
    sums.events += cell.events;
    if (found === 'vendor') sums.watched += cell.events;
    else if (found === 'third-party') sums[cell.vendor === '' ? 'declared' : 'vendors'] += cell.events;
    else sums[found] += cell.events;
  }
  return sums;
}

function internalSights(catalogue: Catalogue, out: readonly PeriodCell[]): { patterns: Sights; unlisted: Sight } {
  const owners = new HostOwners(
    catalogue.internal.map((pattern) => ({ hosts: [pattern] })),
    'preferred',
  );
  const patterns = new Sights();
  const unlisted = new Sight();
  for (const cell of out) {
    if (knownClass(cell.class) !== 'internal') continue;
    const [owner] = owners.of(cell.host, cell.port);
    (owner === undefined ? unlisted : patterns.of(owner.pattern)).add(cell);
  }
  return { patterns, unlisted };
}

/** The rollup counts a call that comes in under the listed name that it was for. */
function listenerSights({ hosts }: Catalogue, cells: readonly PeriodCell[]): Sights {
  const listed = new Set(hosts);
  const sights = new Sights();
  for (const cell of cells) if (cell.direction === 'in' && listed.has(cell.host)) sights.of(cell.host).add(cell);
  return sights;
}

/** Programs and addons are acknowledged too, but the rollup does not name them. */
const STARTED = /^(?:process|native):/;

function acknowledgedSight(pair: Acknowledged, out: readonly PeriodCell[]): Sight | null {
  if (STARTED.test(pair.host)) return null;
  const seen = new Sight();
  for (const cell of out) if (cell.package === pair.package && isAcknowledged([pair], cell)) seen.add(cell);
  return seen;
}

function manifestEntries(packages: Iterable<PackageFact>, out: readonly RollupEntry[]): ManifestEntry[] {
  const cells = groupBy(out, (cell) => cell.package);
  return [...packages]
    .flatMap((fact) =>
      fact.manifest === undefined
        ? []
        : [{ fact, entry: new ManifestEntry(fact, fact.manifest, cells.get(fact.package) ?? []) }],
    )
    .sort(({ fact: a }, { fact: b }) => (a.package < b.package ? -1 : 1))
    .map(({ entry }) => entry);
}

type Unclassified = Omit<UnclassifiedJson, 'seen'> & { readonly seen: Sight };

function unclassifiedSights(catalogue: Catalogue, out: readonly PeriodCell[]): Unclassified[] {
  const found = groupBy(
    out.filter((cell) => knownClass(cell.class) === 'unclassified'),
    ({ host, port }) => `${host} ${port}`,
  );
  return [...found.values()]
    .map((cells): Unclassified => {
      const seen = new Sight();
      for (const cell of cells) seen.add(cell);
      const { host = '', port = -1 } = cells[0] ?? {};
      return { host: named(host), port: port < 0 ? null : port, seen, now: explainedNow(catalogue, cells) };
    })
    .sort((a, b) => b.seen.events - a.seen.events || b.seen.lastSeq - a.seen.lastSeq);
}

/** @param cells of one destination */
function explainedNow(catalogue: Catalogue, cells: readonly PeriodCell[]): UnclassifiedJson['now'] {
  const [cell] = cells;
  if (cell === undefined || cell.host === '') return null;
  const { channel, host, port } = cell;
  const listed = lookUp(catalogue, { channel, host, ...(port < 0 ? {} : { port }) });
  if (listed === 'internal') return { kind: 'internal', vendor: null };
  if (listed !== undefined) return { kind: 'vendor', vendor: listed.vendor.name };
  const accepted = cells.every((one) => isAcknowledged(catalogue.acknowledged, one));
  return accepted ? { kind: 'acknowledged', vendor: null } : null;
}

function patternsJson(patterns: readonly string[], seen: Sights, rows: ReadonlyMap<number, Flat>): PatternJson[] {
  return patterns.map((pattern) => ({ pattern, seen: seen.of(pattern).json(rows) }));
}

function acknowledgedJson(pair: Acknowledged, seen: Sight | null, rows: ReadonlyMap<number, Flat>): AcknowledgedJson {
  return { pair: pairText(pair), why: pair.why, seen: seen === null ? null : seen.json(rows) };
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known === undefined) groups.set(keyOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
