/** Addresses of screens, in one place. */
import type { RowLink } from '@outwitness/server';

import { hrefOf } from './location.ts';

/** What an untouched Audit Log leaves out: signatures and what Outwitness itself does. Chips show it, and can be taken off. */
const QUIET: readonly (readonly [string, string])[] = [
  ['not', 'kind=seal'],
  ['not', 'app=outwitness'],
];

export const REPORT = '/';
export const LOG: string = hrefOf('/log', QUIET);

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
