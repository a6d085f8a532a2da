import { cardsOf, bytesOf, distributionOf, timelineOf, totalsOf } from './totals.ts';
import { chipsOf } from './chips.ts';
import { coverageOf } from './coverage.ts';
import { destinationsOf } from './destinations.ts';
import { type Facts, learningOf, periodOf } from './facts.ts';
import { MAX_LISTED } from './gather.ts';
import { selfOf } from './own-calls.ts';
import { packagesOf } from './packages-seen.ts';
import { type LearningJson, type PredecessorJson, REPORT_SCHEMA_VERSION, type ReportJson } from './report-json.ts';
import { isoTime } from './sentences.ts';
import { vendorsOf } from './vendors.ts';
import { judgeFacts } from './verdict.ts';

/**
 * Builds the object of `report --json`; pure.
 *
 * @example buildReport(await gather(source, { now, settings, catalogue }))
 */
export function buildReport(facts: Facts): ReportJson {
  const { from, to } = periodOf(facts);
  const destinations = destinationsOf(facts, MAX_LISTED);
  const packages = packagesOf(facts);
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    generatedAt: isoTime(facts.now),
    period: { from: isoTime(from), to: isoTime(to) },
    app: facts.app,
    apps: [...facts.apps],
    ...judgeFacts(facts),
    chips: chipsOf(facts),
    totals: totalsOf(facts.cells),
    cards: cardsOf(facts),
    distribution: distributionOf(facts),
    bytes: bytesOf(facts),
    timeline: timelineOf(facts),
    vendors: vendorsOf(facts),
    destinations: destinations.listed,
    destinationsOmitted: destinations.omitted,
    packages: packages.slice(0, MAX_LISTED),
    packagesOmitted: Math.max(0, packages.length - MAX_LISTED),
    learning: learningJson(facts),
    self: selfOf(facts),
    predecessor: predecessorJson(facts),
    coverage: coverageOf(facts),
  };
}

export function predecessorJson({ ledger }: Facts): PredecessorJson | null {
  const { predecessor, firstRowAt = 0 } = ledger;
  return predecessor === undefined ? null : { ...predecessor, since: isoTime(firstRowAt) };
}

export function learningJson(facts: Facts): LearningJson {
  const { active, since, until } = learningOf(facts);
  return {
    days: facts.settings.learnDays,
    active,
    since: since === undefined ? null : isoTime(since),
    until: until === undefined ? null : isoTime(until),
  };
}
