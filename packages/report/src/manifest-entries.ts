import type { Flat, RollupEntry } from '@outwitness/event';

import { groupCells } from './cells.ts';
import type { EndpointJson, ManifestJson } from './components-json.ts';
import { knownDeclared, named } from './destinations.ts';
import { type HostOwner, HostOwners } from './host-owners.ts';
import { type Endpoint, type Manifest, parseManifest } from './manifest.ts';
import { Sight } from './sights.ts';
import type { PackageFact } from './source.ts';

/** Most undeclared destinations that are named. */
const MOST_UNDECLARED = 20;

interface EndpointEntry {
  readonly endpoint: Endpoint;
  readonly hosts: readonly string[];
  readonly ports: readonly number[] | undefined;
  readonly seen: Sight;
  /** Bytes out by day and host. */
  readonly days: Map<string, number>;
  shared: boolean;
}

/** What was seen of the endpoints that one package declares. */
export class ManifestEntry {
  readonly #fact: PackageFact;
  readonly #problem: string | null;
  readonly #endpoints: readonly EndpointEntry[];
  readonly #cells: readonly RollupEntry[];

  /** @param cells outbound, of this package, by hour */
  constructor(fact: PackageFact, text: string, cells: readonly RollupEntry[]) {
    const { manifest, problem } = readManifest(text);
    this.#fact = fact;
    this.#problem = problem;
    this.#cells = cells;
    this.#endpoints = manifest.endpoints.map((endpoint) => ({
      endpoint,
      hosts: [endpoint.host],
      ports: endpoint.port === undefined ? undefined : [endpoint.port],
      seen: new Sight(),
      days: new Map(),
      shared: false,
    }));
    const owners = new HostOwners(this.#endpoints, 'demanded');
    for (const cell of cells) this.#add(cell, owners.of(cell.host, cell.port));
  }

  #add(cell: RollupEntry, owners: readonly HostOwner<EndpointEntry>[]): void {
    const day = `${Math.floor(cell.hour / 24)} ${cell.host}`;
    for (const { entry } of owners) {
      entry.seen.add(cell);
      entry.days.set(day, (entry.days.get(day) ?? 0) + cell.bytesOut);
      if (owners.length > 1) entry.shared = true;
    }
  }

  sights(): Sight[] {
    return this.#endpoints.map(({ seen }) => seen);
  }

  json(rows: ReadonlyMap<number, Flat>): ManifestJson {
    const declared = { yes: 0, no: 0, beyond: 0, none: 0 };
    for (const cell of this.#cells) declared[knownDeclared(cell.declared)] += cell.events;
    const undeclared = groupCells(
      this.#cells.filter((cell) => cell.declared === 'no'),
      ['host', 'port'],
    ).sort((a, b) => b.events - a.events || b.lastSeq - a.lastSeq);
    return {
      package: this.#fact.package,
      version: this.#fact.version,
      author: this.#fact.author ?? null,
      problem: this.#problem,
      endpoints: this.#endpoints.map((entry) => endpointJson(entry, rows)),
      declared,
      undeclared: undeclared.slice(0, MOST_UNDECLARED).map(({ host, port, events, lastSeq }) => ({
        host: named(host),
        port: port < 0 ? null : port,
        events,
        lastSeq,
      })),
      undeclaredOmitted: Math.max(0, undeclared.length - MOST_UNDECLARED),
    };
  }
}

function readManifest(text: string): { manifest: Manifest; problem: string | null } {
  try {
    return { manifest: parseManifest(text), problem: null };
  } catch (error) {
    return { manifest: { endpoints: [] }, problem: (error as Error).message };
  }
}

function endpointJson({ endpoint, seen, days, shared }: EndpointEntry, rows: ReadonlyMap<number, Flat>): EndpointJson {
  return {
    host: endpoint.host,
    port: endpoint.port ?? null,
    purpose: endpoint.purpose,
    data: [...endpoint.data],
    schemes: [...(endpoint.schemes ?? [])],
    methods: [...(endpoint.methods ?? [])],
    paths: [...(endpoint.paths ?? [])],
    maxBytesOut: endpoint.maxBytesOut ?? null,
    maxBytesOutPerDay: endpoint.maxBytesOutPerDay ?? null,
    seen: seen.json(rows),
    mostBytesOutPerDay: Math.max(0, ...days.values()),
    shared,
  };
}
