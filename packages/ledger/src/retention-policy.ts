import { parseCanonical } from '@outwitness/event';
import type { EvidenceReader, StoredRow } from './store.ts';

/** µs of a day. */
export const DAY = 86_400_000_000;
/** Days that leaves are kept while no policy row says otherwise. */
const DEFAULT_DAYS = 90;

/** What the floor follows from; docs/formats/chain.md, "Retention". */
interface PolicyRows {
  /** Rows of kind `policy`; those of other events are passed over. */
  readonly policies: readonly StoredRow[];
  /** Rows of kind `key`. */
  readonly keys: readonly StoredRow[];
}

/** Retention as it counts at a moment. */
export interface Floor {
  /** Days that leaves are kept at least; Infinity = for good. */
  readonly days: number;
  /** What the newest policy row asks for, 0 = for good; `undefined` if there is none. */
  readonly keepDays: number | undefined;
}

/**
 * The floor for a `vacuum` row that would be written now.
 *
 * A lowered policy counts once the epoch in which it stands was closed 24 hours ago: until then whoever holds today's keys
 * cannot drop what others may have pinned.
 *
 * @param now µs
 */
function floorAt({ policies, keys }: PolicyRows, now: number): Floor {
  const closed = lastClosed(keys.map(placed), now - DAY);
  const asked = policies.map(placed).filter(({ row }) => row['event'] === 'retention');
  const newestSettled = asked.findLastIndex(({ seq }) => seq < closed);
  const counted = asked.slice(Math.max(0, newestSettled)).map(({ row }) => daysOf(row['keepDays']));
  if (newestSettled < 0) counted.push(DEFAULT_DAYS);
  const newest = asked.at(-1);
  return { days: Math.max(...counted), keepDays: newest === undefined ? undefined : Number(newest.row['keepDays']) };
}

/** The same, as the ledger has it. */
export async function readFloor(reader: EvidenceReader, now: number): Promise<Floor> {
  return floorAt({ policies: await reader.rowsOfKind('policy'), keys: await reader.rowsOfKind('key') }, now);
}

/**
 * The newest `key` row that is no younger than a moment, and none before it either: a clock that was put back lets no
 * epoch seem to be closed for longer than the one before it.
 */
function lastClosed(keys: readonly ReturnType<typeof placed>[], moment: number): number {
  const younger = keys.findIndex(({ row }) => Number(row['time']) > moment);
  return (younger < 0 ? keys : keys.slice(0, younger)).at(-1)?.seq ?? -1;
}

function placed({ seq, leaf }: StoredRow): { seq: number; row: ReturnType<typeof parseCanonical> } {
  return { seq, row: parseCanonical(leaf) };
}

function daysOf(keepDays: unknown): number {
  return keepDays === 0 ? Infinity : Number(keepDays);
}
