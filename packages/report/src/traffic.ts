import type { Flat } from '@outwitness/event';

import { knownDeclared, named, seenAt } from './destinations.ts';
import { HOUR_US } from './facts.ts';
import { MAX_LISTED, rowsBySeq } from './gather.ts';
import { type PeriodAsked, periodCells } from './period-cells.ts';
import { isoTime } from './sentences.ts';
import type { ReportSource } from './source.ts';
import { knownClass, timelineStep } from './totals.ts';
import {
  dayOf,
  dimensionsOf,
  groupTraffic,
  isMeasure,
  selectCells,
  sortGroups,
  sortOf,
  sumsOf,
  type TrafficGroup,
  type TrafficQuery,
  trafficTimeline,
} from './traffic-groups.ts';
import type { TrafficDimension, TrafficField, TrafficGroupJson, TrafficJson, TrafficKeyJson } from './traffic-json.ts';

/**
 * Counts the calls of a period in groups of the reader's choice, from the rollup alone; rows are fetched only to tell
 * when those that are listed were first and last seen.
 */
export async function trafficOf(
  source: Pick<ReportSource, 'cells' | 'rows'>,
  asked: PeriodAsked,
  query: TrafficQuery,
): Promise<TrafficJson> {
  const { fromHour, toHour, app, apps, cells } = await periodCells(source, asked);
  const by = dimensionsOf(query);
  const { sort, order } = sortOf(query, by);
  const selected = selectCells(cells, query);
  const groups = sortGroups(groupTraffic(selected, by), sort, order);
  const listed = groups.slice(0, MAX_LISTED);
  const rows = await rowsBySeq(
    source,
    listed.flatMap(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]),
  );
  const told = by.find((name): name is TrafficField => name !== 'day' && name !== 'hour') ?? null;
  return {
    schemaVersion: 1,
    generatedAt: isoTime(asked.now),
    period: { from: isoTime(fromHour * HOUR_US), to: isoTime(toHour * HOUR_US) },
    app,
    apps: [...apps],
    by,
    sort,
    order,
    totals: sumsOf(groups),
    groups: listed.map((group) => groupJson(group, by, rows)),
    groupsOmitted: groups.length - listed.length,
    otherHosts: sumsOf(selected.filter(({ host }) => host === '(other)')).events,
    timeline: trafficTimeline(selected, told, isMeasure(sort) ? sort : 'events', timelineStep(fromHour, toHour)),
  };
}

function groupJson(
  group: TrafficGroup,
  by: readonly TrafficDimension[],
  rows: ReadonlyMap<number, Flat>,
): TrafficGroupJson {
  const { events, errors, bytesOut, bytesIn, firstSeq, lastSeq, firstHour, lastHour } = group;
  return {
    key: keyJson(group, by),
    events,
    errors,
    bytesOut,
    bytesIn,
    firstSeen: seenAt(rows.get(firstSeq), firstHour),
    lastSeen: seenAt(rows.get(lastSeq), lastHour),
    firstSeq,
    lastSeq,
  };
}

function keyJson({ cell }: TrafficGroup, by: readonly TrafficDimension[]): TrafficKeyJson {
  const all: Required<TrafficKeyJson> = {
    day: isoTime(dayOf(cell.hour) * HOUR_US),
    hour: isoTime(cell.hour * HOUR_US),
    app: cell.app,
    direction: cell.direction,
    channel: cell.channel,
    package: named(cell.package),
    host: named(cell.host),
    port: cell.port < 0 ? null : cell.port,
    class: knownClass(cell.class),
    declared: knownDeclared(cell.declared),
    vendor: named(cell.vendor),
  };
  return Object.fromEntries(by.map((name) => [name, all[name]]));
}
