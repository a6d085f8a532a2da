import type { RollupEntry, RollupKey } from '@outwitness/event';

import { addEntries } from './fold.ts';

/**
 * Sums cells that agree in the members named. Other members are those of the newest cell.
 *
 * @returns in the order of first appearance
 */
export function groupCells(cells: Iterable<RollupEntry>, by: readonly (keyof RollupKey)[]): RollupEntry[] {
  const groups = new Map<string, RollupEntry>();
  for (const cell of cells) {
    let key = '';
    for (const name of by) key += `${cell[name]}\n`;
    const before = groups.get(key);
    if (before === undefined) groups.set(key, cell);
    else groups.set(key, before.lastSeq >= cell.lastSeq ? addEntries(before, cell) : addEntries(cell, before));
  }
  return [...groups.values()];
}

/** Members of {@link RollupKey} that make a destination one. */
export const DESTINATION: readonly (keyof RollupKey)[] = [
  'app',
  'direction',
  'package',
  'host',
  'port',
  'class',
  'vendor',
];

export function sum(cells: Iterable<RollupEntry>, measure: 'events' | 'errors' | 'bytesOut' | 'bytesIn'): number {
  let total = 0;
  for (const cell of cells) total += cell[measure];
  return total;
}

/**
 * Calls that a group of offending cells stands for. A call judged outside only when it ended (its size) lies in a cell
 * without events of its own; it counts once.
 */
export function callsOf(cell: RollupEntry): number {
  return Math.max(cell.events, 1);
}

export function byNewest(a: { lastSeq: number }, b: { lastSeq: number }): number {
  return b.lastSeq - a.lastSeq;
}
