/** Reading members of a leaf: what has another type than expected counts as absent. */
import type { Flat } from '@outwitness/event';

export function textOf(row: Flat | undefined, field: string): string | undefined {
  const value = row?.[field];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(row: Flat | undefined, field: string): number | undefined {
  const value = row?.[field];
  return typeof value === 'number' ? value : undefined;
}

export function textsOf(row: Flat | undefined, field: string): readonly string[] {
  const value = row?.[field];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
