import type { RowFilter } from '@outwitness/ledger';
import { usageError } from './usage-error.ts';

/** @throws OutwitnessError `usage` */
export function whereClauses(texts: readonly string[]): RowFilter[] {
  return texts.map((text) => {
    const equals = text.indexOf('=');
    const field = text.slice(0, equals);
    if (equals > 0 && /^[A-Za-z][A-Za-z0-9]*$/.test(field)) return { field, value: text.slice(equals + 1) };
    throw usageError(`--where: expected FIELD=VALUE such as host=api.example.com, got ${JSON.stringify(text)}`);
  });
}
