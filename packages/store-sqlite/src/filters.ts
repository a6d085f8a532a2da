import { canonical, FIELDS } from '@outwitness/event';
import type { RowFilter, RowQuery } from '@outwitness/ledger';
import { storeError } from './errors.ts';

/** A condition with its parameters. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
/** Text columns of the table `rows` with an index. */
const INDEXED = new Set(['kind', 'channel', 'host', 'package', 'class', 'outcome']);

/**
 * Turns filters into SQL. Field names go into the text only after they passed NAME; values are always parameters.
 *
 * @throws OutwitnessError `query`
 */
export function conditions(query: Pick<RowQuery, 'where' | 'not'>): Condition[] {
  const byField = new Map<string, string[]>();
  for (const { field, value } of query.where ?? []) byField.set(field, [...(byField.get(field) ?? []), value]);
  const all = [...byField].map(([field, values]) => anyOf(field, values));
  for (const filter of query.not ?? []) all.push(negated(filter));
  return all;
}

function negated(filter: RowFilter): Condition {
  const { sql, values } = anyOf(filter.field, [filter.value]);
  return { sql: `(${sql}) IS NOT TRUE`, values };
}

function anyOf(field: string, values: readonly string[]): Condition {
  if (!NAME.test(field))
    throw storeError(
      'query',
      `${JSON.stringify(field)} is no field name: expected letters and digits. See the field table.`,
    );
  const present = values.filter((value) => value !== '');
  const parts: Condition[] = [];
  if (present.length > 0) parts.push(INDEXED.has(field) ? equalsColumn(field, present) : equalsMember(field, present));
  if (present.length < values.length)
    parts.push({ sql: INDEXED.has(field) ? `${field} IS NULL` : `leaf -> '$.${field}' IS NULL`, values: [] });
  return { sql: `(${parts.map((part) => part.sql).join(' OR ')})`, values: parts.flatMap((part) => part.values) };
}

function equalsColumn(field: string, values: readonly string[]): Condition {
  return { sql: values.length === 1 ? `${field} = ?` : `${field} IN (${marks(values)})`, values };
}

function equalsMember(field: string, values: readonly string[]): Condition {
  const contains = {
    sql: `EXISTS (SELECT 1 FROM json_each(leaf, '$.${field}') WHERE value IN (${marks(values)}))`,
    values,
  };
  if (FIELDS[field]?.type === 'strings') return contains;
  // The canonical text of the value: "x" for a string, 12 or true as they are.
  const texts = values.flatMap((value) => [
    stringText(value),
    ...(/^(?:-?\d+|true|false)$/.test(value) ? [value] : []),
  ]);
  const equals = { sql: `leaf -> '$.${field}' IN (${marks(texts)})`, values: texts };
  if (FIELDS[field] !== undefined) return equals;
  return { sql: `(${equals.sql} OR ${contains.sql})`, values: [...equals.values, ...contains.values] };
}

function stringText(value: string): string {
  return canonical({ v: value.toWellFormed() }).slice('{"v":'.length, -1);
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
