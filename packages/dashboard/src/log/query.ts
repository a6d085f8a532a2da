/** The filters of the Audit Log, as the address says them. */
import { type Filter, filterParams, filtersIn } from '../filter/filter.ts';
import { hrefOf, type Place } from '../location.ts';

export interface LogQuery {
  readonly filters: readonly Filter[];
  /** Sequence number or ISO 8601 time; inclusive. */
  readonly from: string | null;
  /** Exclusive. */
  readonly to: string | null;
  /** The row to start at, instead of the newest. */
  readonly at: number | null;
  /** Show new rows as they come. */
  readonly tail: boolean;
}

export function queryOf({ params }: Place): LogQuery {
  const at = params.get('at');
  return {
    filters: filtersIn(params),
    from: params.get('from'),
    to: params.get('to'),
    at: at !== null && /^\d{1,15}$/.test(at) ? Number(at) : null,
    tail: params.get('tail') !== 'off',
  };
}

export function hrefOfQuery({ filters, from, to, at, tail }: LogQuery): string {
  return hrefOf('/log', [
    ...filterParams(filters),
    ['from', from ?? ''],
    ['to', to ?? ''],
    ['at', at === null ? '' : String(at)],
    ['tail', tail ? '' : 'off'],
  ]);
}

/** What the API is asked, apart from the page wanted. */
export function selectionOf({ filters, from, to }: LogQuery): URLSearchParams {
  const params = new URLSearchParams(filterParams(filters).map(([name, value]) => [name, value]));
  if (from !== null) params.set('from', from);
  if (to !== null) params.set('to', to);
  return params;
}
