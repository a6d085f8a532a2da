import type { RollupEntry } from '@outwitness/event';

import { sum } from './cells.ts';
import { manifestsOf, type OverDailyLimit, overDailyLimits } from './daily-limits.ts';
import { knownDeclared, named } from './destinations.ts';
import type { Facts } from './facts.ts';
import { hostMatch } from './host-pattern.ts';
import { textOf } from './leaf.ts';
import type { Manifest } from './manifest.ts';
import { hostPort } from './pair.ts';
import type { PackageJson } from './report-json.ts';
import { countDestinations, outboundOf, totalsOf } from './totals.ts';

/** Every package of the period, most calls first: what it did beside what it declares. */
export function packagesOf(facts: Facts): PackageJson[] {
  const manifests = manifestsOf(facts.packages);
  const over = overDailyLimits(facts);
  const byPackage = new Map<string, RollupEntry[]>();
  for (const cell of facts.cells) {
    const known = byPackage.get(cell.package);
    if (known === undefined) byPackage.set(cell.package, [cell]);
    else known.push(cell);
  }
  return [...byPackage]
    .map(([name, cells]) => packageOf(facts, name, cells, manifests.get(name), over))
    .sort((a, b) => b.events - a.events || ((a.package ?? '') < (b.package ?? '') ? -1 : 1));
}

function packageOf(
  facts: Facts,
  name: string,
  cells: readonly RollupEntry[],
  manifest: Manifest | undefined,
  over: readonly OverDailyLimit[],
): PackageJson {
  const fact = facts.packages.get(name);
  const outbound = outboundOf(cells);
  const newest = facts.rows.get(Math.max(...cells.map((cell) => cell.lastSeq)));
  const declared = { yes: 0, no: 0, beyond: 0, none: 0 };
  for (const cell of outbound) declared[knownDeclared(cell.declared)] += cell.events;
  return {
    package: named(name),
    version: fact?.version ?? textOf(newest, 'packageVersion') ?? null,
    author: fact?.author ?? textOf(newest, 'packageAuthor') ?? null,
    apps: [...new Set(cells.map((cell) => cell.app))].sort(),
    manifest: manifest !== undefined,
    events: sum(cells, 'events'),
    errors: sum(cells, 'errors'),
    bytesOut: sum(cells, 'bytesOut'),
    bytesIn: sum(cells, 'bytesIn'),
    destinations: countDestinations(outbound),
    classes: totalsOf(cells),
    declared,
    declaredUnused: unused(manifest, outbound),
    overDailyLimit: over
      .filter((one) => one.package === name)
      .map(({ day, host, bytesOut, limit }) => ({ day, host, bytesOut, limit })),
  };
}

function unused(manifest: Manifest | undefined, outbound: readonly RollupEntry[]): string[] {
  const endpoints = manifest?.endpoints ?? [];
  return endpoints
    .filter(
      ({ host, port }) =>
        !outbound.some((cell) => hostMatch(host, cell.host) > 0 && (port === undefined || port === cell.port)),
    )
    .map(({ host, port }) => hostPort(host, port ?? -1));
}
