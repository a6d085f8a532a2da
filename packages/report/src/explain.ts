import type { Flat } from '@outwitness/event';

import type { Catalogue } from './catalogue.ts';
import { numberOf, textOf } from './leaf.ts';
import { endpointsFor, parseManifest, type Manifest } from './manifest.ts';
import { isAcknowledged } from './pair.ts';
import { isoTime } from './sentences.ts';
import type { PackageFact, PairSeen } from './source.ts';

/** What `explain HOST --json` prints. */
export interface ExplainJson {
  schemaVersion: 1;
  host: string;
  /** `null` = the host as a whole. */
  port: number | null;
  events: number;
  /** Most calls first. */
  senders: SenderJson[];
}

/** One package of one application that contacted the host. */
export interface SenderJson {
  app: string;
  /** `null` = nobody could be named. */
  package: string | null;
  version: string | null;
  port: number | null;
  events: number;
  class: string;
  /** Why it is of that class, as the rows say. */
  because: string;
  declared: string;
  /** What the package's own manifest says of this host. */
  purposes: string[];
  data: string[];
  acknowledged: boolean;
  /** Sequence number, time and call site of the first and the newest row. */
  first: SightingJson;
  last: SightingJson;
}

export interface SightingJson {
  seq: number;
  at: string | null;
  site: string | null;
}

/** Everything that the record says of one destination; pure. */
export function explainOf(
  host: string,
  port: number | undefined,
  seen: {
    readonly pairs: readonly PairSeen[];
    /** Leaves of the pairs' first and last rows by `seq`. */
    readonly rows: ReadonlyMap<number, Flat>;
    readonly packages: readonly PackageFact[];
    readonly catalogue: Catalogue;
  },
): ExplainJson {
  const pairs = pairsOf(host, port, seen.pairs);
  return {
    schemaVersion: 1,
    host,
    port: port ?? null,
    events: pairs.reduce((sum, { events }) => sum + events, 0),
    senders: pairs
      .toSorted((a, b) => b.events - a.events || a.firstSeq - b.firstSeq)
      .map((pair) => senderOf(pair, seen.rows, manifestOf(seen.packages, pair.package), seen.catalogue)),
  };
}

/** Pairs of this host, and of this port if one is given. */
export function pairsOf(host: string, port: number | undefined, pairs: readonly PairSeen[]): PairSeen[] {
  return pairs.filter((pair) => pair.host === host && (port === undefined || pair.port === port) && pair.events > 0);
}

function senderOf(
  pair: PairSeen,
  rows: ReadonlyMap<number, Flat>,
  manifest: Manifest | undefined,
  catalogue: Catalogue,
): SenderJson {
  const newest = rows.get(pair.lastSeq);
  const port = pair.port < 0 ? undefined : pair.port;
  const endpoints = manifest === undefined ? [] : endpointsFor(manifest, pair.host, port);
  const acknowledged = isAcknowledged(catalogue.acknowledged, pair);
  return {
    app: pair.app,
    package: pair.package === '' ? null : pair.package,
    version: textOf(newest, 'packageVersion') ?? null,
    port: port ?? null,
    events: pair.events,
    class: pair.class,
    because: because(pair, newest, acknowledged),
    declared: pair.declared,
    purposes: endpoints.flatMap(({ purpose }) => purpose ?? []),
    data: [...new Set(endpoints.flatMap(({ data }) => data ?? []))],
    acknowledged,
    first: sighting(pair.firstSeq, rows.get(pair.firstSeq)),
    last: sighting(pair.lastSeq, newest),
  };
}

function because(pair: PairSeen, row: Flat | undefined, acknowledged: boolean): string {
  const vendor = textOf(row, 'vendor');
  const component = textOf(row, 'component');
  const named = `${vendor ?? 'a vendor'}${component === undefined ? '' : `, ${component}`}`;
  if (pair.class === 'vendor') return `the catalogue watches ${named}`;
  if (vendor !== undefined) return `the catalogue lists ${named}, not watched`;
  if (pair.class === 'internal') return 'its name or address is inside, or the catalogue lists it as internal';
  if (pair.class === 'third-party')
    return acknowledged ? 'the pair was acknowledged' : 'the manifest of the package names it';
  return 'neither catalogue nor manifest nor an acknowledgement names it';
}

function sighting(seq: number, row: Flat | undefined): SightingJson {
  const time = numberOf(row, 'time');
  return { seq, at: time === undefined ? null : isoTime(time), site: textOf(row, 'site') ?? null };
}

/** The last one said of a package counts. */
function manifestOf(packages: readonly PackageFact[], name: string): Manifest | undefined {
  const text = packages.findLast((fact) => fact.package === name)?.manifest;
  if (text === undefined) return undefined;
  try {
    return parseManifest(text);
  } catch {
    return undefined; // invalid: told by the report
  }
}
