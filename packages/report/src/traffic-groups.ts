/** Grouping the cells of a period: pure, one pass over them. */
import type { RollupEntry } from '@outwitness/event';

import { knownDeclared } from './destinations.ts';
import { knownClass } from './totals.ts';
import {
  TRAFFIC_MEASURES,
  type TrafficDimension,
  type TrafficField,
  type TrafficMeasure,
  type TrafficOrder,
  type TrafficPointJson,
  type TrafficSort,
  type TrafficSumsJson,
  type TrafficTimelineJson,
} from './traffic-json.ts';

/** A field and its value; an empty value means that the field is absent. */
export interface TrafficFilter {
  readonly field: TrafficField;
  readonly value: string;
}

export interface TrafficQuery {
  /** Not both `day` and `hour`. */
  readonly by: readonly TrafficDimension[];
  /** Different fields must all match; values of one field are alternatives. */
  readonly where: readonly TrafficFilter[];
  /** What matches any of these is left out. */
  readonly not: readonly TrafficFilter[];
  /** Absent: the newest first where time is a dimension, else the most calls. */
  readonly sort?: TrafficSort;
  /** Absent: `asc` for names, `desc` for numbers and times. */
  readonly order?: TrafficOrder;
}

export interface TrafficGroup extends TrafficSumsJson {
  /** Some cell of the group: it has the group's values of every dimension. */
  readonly cell: RollupEntry;
  firstHour: number;
  lastHour: number;
  firstSeq: number;
  lastSeq: number;
}

const MOST_NAMES = 5;

/** The dimensions that are grouped by: host and port name the other side or our own, which only the direction says. */
export function dimensionsOf({ by, where, not }: TrafficQuery): TrafficDimension[] {
  const ofPlace = [...by, ...[...where, ...not].map(({ field }) => field)].some(
    (name) => name === 'host' || name === 'port',
  );
  return [...new Set<TrafficDimension>(ofPlace ? [...by, 'direction'] : by)];
}

/** What groups of this query can be sorted by. */
export function trafficColumns(query: TrafficQuery): TrafficSort[] {
  return [...dimensionsOf(query), ...TRAFFIC_MEASURES, 'firstSeen', 'lastSeen'];
}

/** What a cell says of a field, as the Audit Log says it of a row: empty = absent. */
function fieldOf(cell: RollupEntry, field: TrafficField): string {
  if (field === 'port') return cell.port < 0 ? '' : String(cell.port);
  // As the report counts them, so that both come to the same.
  if (field === 'class') return knownClass(cell.class);
  if (field === 'declared') return knownDeclared(cell.declared);
  return cell[field];
}

export function selectCells(cells: readonly RollupEntry[], { where, not }: TrafficQuery): RollupEntry[] {
  const wanted = valuesByField(where);
  const unwanted = valuesByField(not);
  return cells.filter(
    (cell) =>
      wanted.every(([field, values]) => values.has(fieldOf(cell, field))) &&
      !unwanted.some(([field, values]) => values.has(fieldOf(cell, field))),
  );
}

function valuesByField(filters: readonly TrafficFilter[]): [TrafficField, ReadonlySet<string>][] {
  const fields = [...new Set(filters.map(({ field }) => field))];
  return fields.map((field) => [field, new Set(filters.flatMap((one) => (one.field === field ? one.value : [])))]);
}

export function groupTraffic(cells: Iterable<RollupEntry>, by: readonly TrafficDimension[]): TrafficGroup[] {
  const groups = new Map<string, TrafficGroup>();
  for (const cell of cells) {
    let key = '';
    for (const name of by) key += `${partOf(cell, name)}\n`;
    let group = groups.get(key);
    if (group === undefined) {
      const { hour, firstSeq, lastSeq } = cell;
      group = { cell, ...NOTHING, firstHour: hour, lastHour: hour, firstSeq, lastSeq };
      groups.set(key, group);
    }
    for (const measure of TRAFFIC_MEASURES) group[measure] += cell[measure];
    group.firstHour = Math.min(group.firstHour, cell.hour);
    group.lastHour = Math.max(group.lastHour, cell.hour);
    group.firstSeq = Math.min(group.firstSeq, cell.firstSeq);
    group.lastSeq = Math.max(group.lastSeq, cell.lastSeq);
  }
  return [...groups.values()];
}

const NOTHING: TrafficSumsJson = { events: 0, errors: 0, bytesOut: 0, bytesIn: 0 };

export function sumsOf(groups: readonly TrafficSumsJson[]): TrafficSumsJson {
  const sums = { ...NOTHING };
  for (const group of groups) for (const measure of TRAFFIC_MEASURES) sums[measure] += group[measure];
  return sums;
}

/** The hour in which a day or an hour begins, or the text of a field. */
function partOf(cell: RollupEntry, name: TrafficDimension): string | number {
  if (name === 'hour') return cell.hour;
  return name === 'day' ? dayOf(cell.hour) : fieldOf(cell, name);
}

export function dayOf(hour: number): number {
  return Math.floor(hour / 24) * 24;
}

export function sortOf(
  { sort, order }: TrafficQuery,
  by: readonly TrafficDimension[],
): {
  sort: TrafficSort;
  order: TrafficOrder;
} {
  const time = by.find((name) => name === 'day' || name === 'hour');
  const chosen = sort ?? time ?? 'events';
  const names = (by as readonly string[]).includes(chosen) && chosen !== time && chosen !== 'port';
  return { sort: chosen, order: order ?? (names || chosen === 'port' ? 'asc' : 'desc') };
}

/** Equal ones follow each other by most calls, then in the order in which they were first seen. */
export function sortGroups(groups: TrafficGroup[], sort: TrafficSort, order: TrafficOrder): TrafficGroup[] {
  const sign = order === 'asc' ? 1 : -1;
  const value = valueBy(sort);
  return groups.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left !== right) return left < right ? -sign : sign;
    return b.events - a.events || a.firstSeq - b.firstSeq || b.lastSeq - a.lastSeq;
  });
}

function valueBy(sort: TrafficSort): (group: TrafficGroup) => string | number {
  if (sort === 'firstSeen') return ({ firstSeq }) => firstSeq;
  if (sort === 'lastSeen') return ({ lastSeq }) => lastSeq;
  if (isMeasure(sort)) return (group) => group[sort];
  if (sort === 'port') return ({ cell }) => cell.port;
  return ({ cell }) => partOf(cell, sort);
}

export function isMeasure(sort: TrafficSort): sort is TrafficMeasure {
  return (TRAFFIC_MEASURES as readonly string[]).includes(sort);
}

/** The same cells over time. */
export function trafficTimeline(
  cells: readonly RollupEntry[],
  by: TrafficField | null,
  measure: TrafficMeasure,
  step: 'hour' | 'day',
): TrafficTimelineJson {
  const nameOf = (cell: RollupEntry): string => (by === null ? '' : fieldOf(cell, by));
  const totals = new Map<string, number>();
  for (const cell of cells) totals.set(nameOf(cell), (totals.get(nameOf(cell)) ?? 0) + cell[measure]);
  const names = [...totals]
    .filter(([, total]) => by !== null && total > 0)
    .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
  const places = new Map(names.map((name, place) => [name, place]));
  const points = new Map<number, TrafficPointJson>();
  for (const cell of cells) {
    if (cell[measure] === 0) continue;
    const hour = step === 'hour' ? cell.hour : dayOf(cell.hour);
    let point = points.get(hour);
    if (point === undefined) {
      point = { at: new Date(hour * 3_600_000).toISOString(), values: names.map(() => 0), rest: 0 };
      points.set(hour, point);
    }
    const place = places.get(nameOf(cell));
    if (place === undefined) point.rest += cell[measure];
    else point.values[place] = (point.values[place] ?? 0) + cell[measure];
  }
  return {
    step,
    measure,
    by,
    names: names.map((name) => (name === '' ? null : name)),
    points: [...points].sort(([a], [b]) => a - b).map(([, point]) => point),
  };
}
