/** What the Traffic Summary counts, as the address says it. */
import type { TrafficDimension, TrafficJson, TrafficSort } from '@outwitness/server';

import { type Filter, filterParams, filtersIn } from '../filter/filter.ts';
import { hrefOf, type Place } from '../location.ts';

/** To group by, in the order in which they are offered; the time is chosen apart. */
export const FIELDS: readonly { readonly id: Exclude<TrafficDimension, 'day' | 'hour'>; readonly name: string }[] = [
  { id: 'package', name: 'Package' },
  { id: 'host', name: 'Host' },
  { id: 'port', name: 'Port' },
  { id: 'channel', name: 'Channel' },
  { id: 'direction', name: 'Direction' },
  { id: 'class', name: 'Class' },
  { id: 'declared', name: 'Declared' },
  { id: 'vendor', name: 'Vendor' },
  { id: 'app', name: 'Application' },
];

const DEFAULT_BY: readonly string[] = ['package', 'host', 'class'];

/** Parameters that the API is handed as they stand. */
const HANDED_ON = ['by', 'where', 'not', 'sort', 'order'];
export const ASKED: readonly string[] = ['period', 'from', 'to', 'app', ...HANDED_ON];

export function dimensionsOf({ params }: Place): readonly string[] {
  const asked = params.getAll('by');
  return asked.length === 0 ? DEFAULT_BY : asked;
}

export function trafficFilters({ params }: Place): Filter[] {
  return filtersIn(params);
}

/** @param period as `reportParams` gives it */
export function trafficParams({ params }: Place, period: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams(period);
  for (const name of HANDED_ON) for (const value of params.getAll(name)) asked.append(name, value);
  return asked;
}

/** The same screen grouped by something else; what it was sorted by may be gone. */
export function hrefBy(place: Place, by: readonly string[]): string {
  const params = [...place.params].filter(([name]) => !['by', 'sort', 'order'].includes(name));
  const kept = by.join() === DEFAULT_BY.join() ? [] : by.map((name) => ['by', name] as const);
  return hrefOf(place.path, [...params, ...kept]);
}

export function hrefFiltered(place: Place, filters: readonly Filter[]): string {
  const params = [...place.params].filter(([name]) => name !== 'where' && name !== 'not');
  return hrefOf(place.path, [...params, ...filterParams(filters)]);
}

/** Sorted by this column; by the same one again, the other way round. */
export function hrefSorted(place: Place, { sort, order }: TrafficJson, column: TrafficSort): string {
  const params = [...place.params].filter(([name]) => name !== 'sort' && name !== 'order');
  const turned = sort === column ? (order === 'asc' ? 'desc' : 'asc') : '';
  return hrefOf(place.path, [...params, ['sort', column], ['order', turned]]);
}
