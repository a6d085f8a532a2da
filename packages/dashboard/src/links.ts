/** Addresses of screens, in one place. */
import type { ReportJson, RowLink } from '@outwitness/server';

import { type Filter, filterParams } from './filter/filter.ts';
import { hrefOf } from './location.ts';

/** What an untouched Audit Log leaves out: signatures and what Outwitness itself does. Chips show it, and can be taken off. */
const QUIET: readonly (readonly [string, string])[] = [
  ['not', 'kind=seal'],
  ['not', 'app=outwitness'],
];

export const REPORT = '/';
export const LOG: string = hrefOf('/log', QUIET);

export const TRAFFIC = '/traffic';
export const COMPONENTS = '/components';
export const VERIFY = '/verify';
export const SETTINGS = '/settings';

export function rowHref(seq: number): string {
  return `/rows/${seq}`;
}

/** The Audit Log with the rows behind a number. */
export function logHref({ where, fromSeq, toSeq }: RowLink): string {
  return hrefOf('/log', [
    ...Object.entries(where).map(([field, value]) => ['where', `${field}=${value}`] as const),
    ['from', fromSeq === null ? '' : String(fromSeq)],
    // The link names the last row, the address the first one behind it.
    ['to', toSeq === null ? '' : String(toSeq + 1)],
  ]);
}

/** Rows that a figure of the report does not count (docs/formats/chain.md, "Assembly"). */
const UNCOUNTED: readonly (readonly [string, string])[] = [
  ['not', 'app=outwitness'],
  ['not', 'outcome=local'],
  ['not', 'phase=end'],
];

/** What a figure was counted over. */
type Counted = Pick<ReportJson, 'app' | 'generatedAt' | 'period'>;

/** The Audit Log with exactly the calls that a figure of this report counts. */
export function callsHref(report: Counted, where: Readonly<Record<string, string>>): string {
  return callsHrefBy(
    report,
    Object.entries(where).map(([field, value]) => ({ field, value, exclude: false })),
  );
}

/** The same with filters of both kinds. */
export function callsHrefBy({ app, generatedAt, period }: Counted, filters: readonly Filter[]): string {
  const ofApp = app === null || filters.some(({ field, exclude }) => field === 'app' && !exclude) ? [] : [app];
  // A period that goes on has no end, so that the log can follow it.
  const ended = Date.parse(period.to) <= Date.parse(generatedAt);
  return hrefOf('/log', [
    ['where', 'kind=net'],
    ...ofApp.map((name) => ['where', `app=${name}`] as const),
    ...filterParams(filters),
    ...UNCOUNTED,
    ['from', period.from],
    ['to', ended ? period.to : ''],
  ]);
}
