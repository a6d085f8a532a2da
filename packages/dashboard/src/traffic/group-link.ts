import type { TrafficGroupJson, TrafficJson } from '@outwitness/server';

import type { Filter } from '../filter/filter.ts';
import { callsHrefBy } from '../links.ts';

const STEP_MS = { hour: 3_600_000, day: 24 * 3_600_000 };
/** Hosts that the rollup does not tell apart; a row has its own. */
const OTHER = '(other)';

/** The Audit Log with the calls of one group: its values, the filters in force, its hour or day. */
export function groupHref(traffic: TrafficJson, { key }: TrafficGroupJson, filters: readonly Filter[]): string {
  const { day, hour, ...fields } = key;
  const inbound = key.direction === 'in';
  const own = Object.entries(fields).map(([field, value]) => ({
    field,
    value: value === null ? '' : String(value),
    exclude: false,
  }));
  // What the group itself says of a field is as narrow as any filter on it.
  const others = filters.filter(({ field, exclude }) => exclude || !Object.hasOwn(fields, field));
  const all = [...own, ...others].filter(({ field, value }) => field !== 'host' || value !== OTHER);
  return callsHrefBy(
    narrowed(traffic, hour, STEP_MS.hour) ?? narrowed(traffic, day, STEP_MS.day) ?? traffic,
    all.map((filter) => ({ ...filter, field: inbound ? ownEnd(filter.field) : filter.field })),
  );
}

/** Of a call that comes in, the rollup keeps the end that is ours. */
function ownEnd(field: string): string {
  if (field === 'host') return 'listener';
  return field === 'port' ? 'localPort' : field;
}

function narrowed({ app, generatedAt, period }: TrafficJson, at: string | undefined, step: number) {
  if (at === undefined) return undefined;
  const from = Math.max(Date.parse(at), Date.parse(period.from));
  const to = Math.min(Date.parse(at) + step, Date.parse(period.to));
  return { app, generatedAt, period: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } };
}
