import type { Flat } from '@outwitness/event';

import type { Bound, RowFilter, RowsQuery } from '../../src/index.ts';
import type { MemoryRow } from './ledger.ts';

export function selects(query: RowsQuery, row: MemoryRow): boolean {
  const { after, from, to, order } = query;
  if (after !== undefined && (order === 'newest' ? row.seq >= after : row.seq <= after)) return false;
  if (from !== undefined && isBefore(row, from)) return false;
  if (to !== undefined && !isBefore(row, to)) return false;
  const fields = new Set(query.where.map(({ field }) => field));
  for (const field of fields) {
    if (!query.where.some((filter) => filter.field === field && matches(filter, row.fields))) return false;
  }
  return !query.not.some((filter) => matches(filter, row.fields));
}

function isBefore(row: MemoryRow, bound: Bound): boolean {
  return 'seq' in bound ? row.seq < bound.seq : Number(row.fields['time']) < bound.time;
}

function matches({ field, value }: RowFilter, fields: Flat): boolean {
  const found = fields[field];
  if (found === undefined) return value === '';
  return Array.isArray(found) ? found.includes(value) : String(found) === value;
}
