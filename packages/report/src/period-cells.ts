import type { RollupEntry } from '@outwitness/event';

import { DAY_US, HOUR_US } from './facts.ts';
import { SELF_APP } from './self.ts';
import type { ReportSource } from './source.ts';

/** Which part of the record is asked about. */
export interface PeriodAsked {
  /** µs since 1970 UTC. */
  readonly now: number;
  /** µs; widened to whole hours. Absent: 24 hours before `to`. */
  readonly from?: number;
  /** µs, exclusive. Absent: now. */
  readonly to?: number;
  /** Absent: all applications. */
  readonly app?: string;
}

/** The rollup of a period. */
export interface PeriodCells {
  /** Whole hours since 1970 UTC, `to` exclusive. */
  readonly fromHour: number;
  readonly toHour: number;
  readonly app: string | null;
  /** All applications with cells in the period, sorted. */
  readonly apps: readonly string[];
  /** By hour, of the application asked for, without the application `outwitness`. */
  readonly cells: readonly RollupEntry[];
  /** By hour, of all applications, `outwitness` included. */
  readonly all: readonly RollupEntry[];
}

/** Reads the rollup of a period: what every screen that counts begins with, so that all of them count the same. */
export async function periodCells(source: Pick<ReportSource, 'cells'>, asked: PeriodAsked): Promise<PeriodCells> {
  const { now, app = null } = asked;
  const to = asked.to ?? now + 1;
  const fromHour = Math.floor((asked.from ?? to - DAY_US) / HOUR_US);
  const toHour = Math.max(Math.ceil(to / HOUR_US), fromHour + 1);
  const all = await source.cells(fromHour, toHour);
  const audited = all.filter((cell) => cell.app !== SELF_APP);
  return {
    fromHour,
    toHour,
    app,
    apps: [...new Set(audited.map((cell) => cell.app))].sort(),
    cells: app === null ? audited : audited.filter((cell) => cell.app === app),
    all,
  };
}
