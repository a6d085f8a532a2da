/**
 * The rows that the Audit Log holds: a window on the ledger, newest first, that grows at both ends and lets go of the far
 * one, so that a page left open or scrolled for an hour stays small.
 */
import type { RowsJson } from '@outwitness/server';

import type { Leaf } from '../record/sentence.ts';

/** Rows asked for at once. */
export const PAGE = 200;
/** Most rows held. */
export const MOST = 2_000;

export interface LogRow {
  readonly seq: number;
  /** Empty if the text was dropped. */
  readonly leaf: Leaf;
  readonly dropped: boolean;
}

export interface RowWindow {
  /** Newest first. */
  readonly rows: readonly LogRow[];
  /** Where to go on downwards; `null` = the oldest matching row is here. */
  readonly older: number | null;
  /** Rows up to and including this one have been looked at; newer ones may exist beyond it. */
  readonly newest: number;
  /** When it was last asked, nothing newer matched. */
  readonly atTop: boolean;
}

function logRowsOf(page: RowsJson): LogRow[] {
  return page.rows.map(({ seq, leaf }) => ({
    seq,
    leaf: leaf === null ? {} : (JSON.parse(leaf) as Leaf),
    dropped: leaf === null,
  }));
}

/** @param start the newest row asked for: `at`, or the newest of all */
export function firstWindow(page: RowsJson, start: number): RowWindow {
  return { rows: logRowsOf(page), older: page.next, newest: start, atTop: start >= page.head.size - 1 };
}

export function withOlder(window: RowWindow, page: RowsJson): RowWindow {
  const rows = [...window.rows, ...logRowsOf(page)];
  if (rows.length <= MOST) return { ...window, rows, older: page.next };
  const kept = rows.slice(rows.length - MOST);
  // What was let go can be asked for again: everything above the newest row kept.
  return { rows: kept, older: page.next, newest: kept[0]?.seq ?? window.newest, atTop: false };
}

/** @param page in the order oldest first, of rows after `window.newest` */
export function withNewer(window: RowWindow, page: RowsJson): RowWindow {
  const rows = [...logRowsOf(page).toReversed(), ...window.rows];
  const newest = page.next ?? page.head.size - 1;
  const atTop = page.next === null;
  if (rows.length <= MOST) return { rows, older: window.older, newest, atTop };
  const kept = rows.slice(0, MOST);
  return { rows: kept, older: kept.at(-1)?.seq ?? window.older, newest, atTop };
}
