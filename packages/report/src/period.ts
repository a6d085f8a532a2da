import type { RollupEntry } from '@outwitness/event';

/** What all cells of one key came to in the period; `hour` is that of the newest. */
export interface PeriodCell extends RollupEntry {
  readonly firstHour: number;
}

/** What went in or out in one hour. */
export interface HourSum {
  readonly hour: number;
  readonly inbound: boolean;
  readonly events: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

interface Growing {
  cell: RollupEntry;
  hour: number;
  firstHour: number;
  events: number;
  errors: number;
  bytesOut: number;
  bytesIn: number;
  firstSeq: number;
  lastSeq: number;
}

/**
 * Sums the cells of a period over its hours. A busy day has 24 cells for each destination, and everything but the
 * timeline asks for the destination alone: one pass here saves twenty over all of them.
 */
export function mergeHours(cells: Iterable<RollupEntry>): PeriodCell[] {
  const merged = new Map<string, Growing>();
  for (const cell of cells) {
    const { app, direction, channel, package: name, host, port, class: found, declared, vendor } = cell;
    const key = `${host}\n${port}\n${name}\n${channel}\n${declared}\n${direction}\n${found}\n${vendor}\n${app}`;
    const sum = merged.get(key);
    if (sum === undefined) {
      const { hour, events, errors, bytesOut, bytesIn, firstSeq, lastSeq } = cell;
      merged.set(key, { cell, hour, firstHour: hour, events, errors, bytesOut, bytesIn, firstSeq, lastSeq });
    } else {
      sum.hour = Math.max(sum.hour, cell.hour);
      sum.firstHour = Math.min(sum.firstHour, cell.hour);
      sum.events += cell.events;
      sum.errors += cell.errors;
      sum.bytesOut += cell.bytesOut;
      sum.bytesIn += cell.bytesIn;
      sum.firstSeq = Math.min(sum.firstSeq, cell.firstSeq);
      sum.lastSeq = Math.max(sum.lastSeq, cell.lastSeq);
    }
  }
  return [...merged.values()].map(({ cell, ...sums }) => ({ ...cell, ...sums }));
}

/** Ascending by hour. */
export function sumHours(cells: Iterable<RollupEntry>): HourSum[] {
  const sums = new Map<number, { hour: number; inbound: boolean; events: number; bytesOut: number; bytesIn: number }>();
  for (const { hour, direction, events, bytesOut, bytesIn } of cells) {
    const inbound = direction === 'in';
    const key = 2 * hour + (inbound ? 1 : 0);
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = { hour, inbound, events: 0, bytesOut: 0, bytesIn: 0 }));
    sum.events += events;
    sum.bytesOut += bytesOut;
    sum.bytesIn += bytesIn;
  }
  return [...sums.values()].sort((a, b) => a.hour - b.hour);
}
