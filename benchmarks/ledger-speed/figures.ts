/** What was measured, beside the budget it is held against. */
import type { Cell } from '../../claims/output/table.ts';

export interface Figure {
  readonly work: string;
  readonly rows: number;
  readonly value: string;
  /** '' where there is none. */
  readonly budget: string;
  /** undefined where there is no budget. */
  readonly held?: boolean;
}

export const HEADING = ['work', 'rows', 'measured', 'budget', ''] as const;

export function lineOf({ work, rows, value, budget, held }: Figure): Cell[] {
  return [work, rows, value, budget, held === undefined ? '' : held ? 'HELD' : 'NOT HELD'];
}

/** @param share from 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
