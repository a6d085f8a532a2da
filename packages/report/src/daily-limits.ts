import { groupCells } from './cells.ts';
import type { Facts } from './facts.ts';
import { endpointsFor, type Manifest, parseManifest } from './manifest.ts';
import type { PackageFact } from './source.ts';

export interface OverDailyLimit {
  readonly package: string;
  readonly class: string;
  readonly host: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly bytesOut: number;
  readonly limit: number;
  readonly events: number;
  readonly range: { readonly firstSeq: number; readonly lastSeq: number };
}

/**
 * Days on which a package sent more to a host than `maxBytesOutPerDay` of its manifest, over all ports. A day that the
 * period covers in part is judged by that part: never too much, maybe too little.
 */
export function overDailyLimits(facts: Facts): OverDailyLimit[] {
  const found: OverDailyLimit[] = [];
  const days = facts.limited
    .filter((cell) => cell.direction === 'out' && cell.host !== '')
    .map((cell) => ({ ...cell, hour: Math.floor(cell.hour / 24) * 24 }));
  const manifests = manifestsOf(facts.packages);
  for (const group of groupCells(days, ['hour', 'package', 'host', 'class'])) {
    const manifest = manifests.get(group.package);
    if (manifest === undefined) continue;
    const limits = endpointsFor(manifest, group.host, undefined).flatMap(
      (endpoint) => endpoint.maxBytesOutPerDay ?? [],
    );
    const limit = Math.max(...limits);
    if (limits.length === 0 || group.bytesOut <= limit) continue;
    found.push({
      package: group.package,
      class: group.class,
      host: group.host,
      bytesOut: group.bytesOut,
      limit,
      day: new Date(group.hour * 3_600_000).toISOString().slice(0, 10),
      events: group.events,
      range: { firstSeq: group.firstSeq, lastSeq: group.lastSeq },
    });
  }
  return found;
}

/** Manifests by package. An unreadable one is as if there were none, as in judge.ts. */
export function manifestsOf(packages: ReadonlyMap<string, PackageFact>): Map<string, Manifest> {
  const manifests = new Map<string, Manifest>();
  for (const [name, fact] of packages) {
    if (fact.manifest === undefined) continue;
    try {
      manifests.set(name, parseManifest(fact.manifest));
    } catch {
      // Its author's mistake changes no number of ours.
    }
  }
  return manifests;
}

export function packagesWithDailyLimit(packages: ReadonlyMap<string, PackageFact>): Set<string> {
  const limited = [...manifestsOf(packages)].filter(([, { endpoints }]) =>
    endpoints.some((endpoint) => endpoint.maxBytesOutPerDay !== undefined),
  );
  return new Set(limited.map(([name]) => name));
}
