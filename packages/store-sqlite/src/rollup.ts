import type { RollupEntry } from '@outwitness/event';
import type { RollupQuery, RollupSum } from '@outwitness/ledger';
import type { Engine } from './engine.ts';
import { storeError } from './errors.ts';

const KEY = ['hour', 'app', 'direction', 'channel', 'package', 'host', 'port', 'class', 'declared', 'vendor'] as const;
const MEASURES =
  'sum(events) AS events, sum(errors) AS errors, sum(bytes_out) AS bytesOut, sum(bytes_in) AS bytesIn, min(first_seq) AS firstSeq, max(last_seq) AS lastSeq';

/** Adds what a batch folded to; docs/formats/store-sqlite.md, "Rollup". */
export class RollupWriter {
  readonly #add;
  readonly #setBase;
  readonly #clear;
  readonly #base;
  readonly #hosts;

  constructor(engine: Engine) {
    const into = (table: string): string =>
      `INTO ${table} (${KEY.join(', ')}, events, errors, bytes_out, bytes_in, first_seq, last_seq)
       VALUES (${'?, '.repeat(KEY.length)}?, ?, ?, ?, ?, ?)`;
    this.#setBase = engine.prepare(`INSERT OR REPLACE ${into('rollup_base')}`);
    this.#clear = engine.prepare<[number, string]>('DELETE FROM rollup WHERE hour = ? AND package = ?');
    this.#base = engine.prepare<[number, number], RollupEntry>(
      `SELECT ${KEY.join(', ')}, events, errors, bytes_out AS bytesOut, bytes_in AS bytesIn, first_seq AS firstSeq,
         last_seq AS lastSeq FROM rollup_base WHERE hour >= ? AND hour < ?`,
    );
    this.#add = engine.prepare(
      `INSERT ${into('rollup')}
       ON CONFLICT DO UPDATE SET events = events + excluded.events, errors = errors + excluded.errors,
         bytes_out = bytes_out + excluded.bytes_out, bytes_in = bytes_in + excluded.bytes_in,
         first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)`,
    );
    this.#hosts = engine
      .prepare<[number, string]>('SELECT DISTINCT host FROM rollup WHERE hour = ? AND package = ?')
      .pluck();
  }

  add(entries: readonly RollupEntry[]): void {
    for (const entry of entries) this.#add.run(...values(entry));
  }

  /** New values of entries of the base. */
  setBase(entries: readonly RollupEntry[]): void {
    for (const entry of entries) this.#setBase.run(...values(entry));
  }

  base(fromHour: number, toHour: number): RollupEntry[] {
    return this.#base.all(fromHour, toHour);
  }

  /** An hour of a package as it is without an erased row. */
  replace(hour: number, packageName: string, entries: readonly RollupEntry[]): void {
    this.#clear.run(hour, packageName);
    this.add(entries);
  }

  hosts(hour: number, packageName: string): string[] {
    return this.#hosts.all(hour, packageName) as string[];
  }
}

function values(entry: RollupEntry): (string | number)[] {
  const key = KEY.map((name) => entry[name]);
  return [...key, entry.events, entry.errors, entry.bytesOut, entry.bytesIn, entry.firstSeq, entry.lastSeq];
}

/** Sums of the rollup in one statement. @throws OutwitnessError `query` for a column that it has not */
export function readRollup(engine: Engine, query: RollupQuery): RollupSum[] {
  const unknown = query.by.find((name) => !KEY.includes(name));
  if (unknown !== undefined)
    throw storeError('query', `the rollup has no column ${unknown}: expected one of ${KEY.join(', ')}`);
  const group = query.by.length === 0 ? '' : `GROUP BY ${query.by.join(', ')} ORDER BY ${query.by.join(', ')}`;
  const sql = `SELECT ${[...query.by, MEASURES].join(', ')} FROM rollup WHERE hour >= ? AND hour < ? ${group}`;
  const sums = engine
    .prepare<[number, number], RollupSum>(sql)
    .all(query.from ?? 0, query.to ?? Number.MAX_SAFE_INTEGER);
  // Without a GROUP BY an empty table gives one row of nulls.
  return sums.filter((sum) => sum.events !== null);
}
