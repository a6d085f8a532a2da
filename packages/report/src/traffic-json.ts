/**
 * The answer of `GET /api/traffic`, drawn by the Traffic Summary (docs/reference/json.md): calls counted in groups of
 * the reader's choice. Conventions as in report-json.ts.
 */
import type { Declared, DestinationClass } from '@outwitness/event';

import type { PeriodJson } from './report-json.ts';

/** What the rollup tells apart beside the hour: to group by, to filter by, to sort by. */
export const TRAFFIC_FIELDS = [
  'app',
  'direction',
  'channel',
  'package',
  'host',
  'port',
  'class',
  'declared',
  'vendor',
] as const;
export type TrafficField = (typeof TRAFFIC_FIELDS)[number];

/** `day` (UTC) and `hour` exclude each other. */
export type TrafficDimension = 'day' | 'hour' | TrafficField;
export const TRAFFIC_DIMENSIONS: readonly TrafficDimension[] = ['day', 'hour', ...TRAFFIC_FIELDS];

export const TRAFFIC_MEASURES = ['events', 'errors', 'bytesOut', 'bytesIn'] as const;
export type TrafficMeasure = (typeof TRAFFIC_MEASURES)[number];

export type TrafficSort = TrafficDimension | TrafficMeasure | 'firstSeen' | 'lastSeen';
export const TRAFFIC_SORTS: readonly TrafficSort[] = [
  ...TRAFFIC_DIMENSIONS,
  ...TRAFFIC_MEASURES,
  'firstSeen',
  'lastSeen',
];
export type TrafficOrder = 'asc' | 'desc';

export interface TrafficJson {
  schemaVersion: 1;
  generatedAt: string;
  period: PeriodJson;
  /** The application asked for, `null` = all of them. */
  app: string | null;
  /** Applications with rows in the period, sorted. */
  apps: string[];
  /** As asked for; `direction` is added to `host` and `port`, which mean the listener where a call comes in. */
  by: TrafficDimension[];
  sort: TrafficSort;
  order: TrafficOrder;
  /** Of every call that passes the filters: what all groups come to, the omitted ones included. */
  totals: TrafficSumsJson;
  /** In the order asked for, at most 1,000. */
  groups: TrafficGroupJson[];
  groupsOmitted: number;
  /** Of `totals`, calls that the rollup counts under the host `(other)`. */
  otherHosts: number;
  timeline: TrafficTimelineJson;
}

export interface TrafficSumsJson {
  events: number;
  errors: number;
  bytesOut: number;
  bytesIn: number;
}

export interface TrafficGroupJson extends TrafficSumsJson {
  key: TrafficKeyJson;
  firstSeen: string;
  lastSeen: string;
  firstSeq: number;
  lastSeq: number;
}

/** One member for each of `by`. */
export interface TrafficKeyJson {
  /** Its beginning. */
  day?: string;
  hour?: string;
  app?: string;
  direction?: string;
  channel?: string;
  package?: string | null;
  /** Inbound: the listener. `(other)`: hosts beyond the first 10,000 of a package and hour. */
  host?: string | null;
  port?: number | null;
  class?: DestinationClass;
  declared?: Declared;
  vendor?: string | null;
}

/** The same calls over time, told apart by the first of `by` that is no time. */
export interface TrafficTimelineJson {
  /** `hour` for periods up to 7 days, else `day` (UTC). */
  step: 'hour' | 'day';
  /** The one sorted by, else `events`. */
  measure: TrafficMeasure;
  by: TrafficField | null;
  /** Values of that dimension, most first, at most five; `null` = absent. */
  names: (string | null)[];
  /** Ascending; steps without traffic are left out. */
  points: TrafficPointJson[];
}

export interface TrafficPointJson {
  at: string;
  /** One for each of `names`. */
  values: number[];
  /** Everything else. */
  rest: number;
}
