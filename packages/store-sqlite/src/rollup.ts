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
  readonly #hosts;

  constructor(engine: Engine) {
    this.#add = engine.prepare(
      `INSERT INTO rollup (${KEY.join(', ')}, events, errors, bytes_out, bytes_in, first_seq, last_seq)
       VALUES (${'?, '.repeat(KEY.length)}?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET events = events + excluded.events, errors = errors + excluded.errors,
         bytes_out = bytes_out + excluded.bytes_out, bytes_in = bytes_in + excluded.bytes_in,
         first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)`,
    );
    this.#hosts = engine
      .prepare<[number, string]>('SELECT DISTINCT host FROM rollup WHERE hour = ? AND package = ?')
      .pluck();
  }

  add(entries: readonly RollupEntry[]): void {
    for (const entry of entries) {
      const key = KEY.map((name) => entry[name]);
      this.#add.run(...key, entry.events, entry.errors, entry.bytesOut, entry.bytesIn, entry.firstSeq, entry.lastSeq);
    }
  }

  hosts(hour: number, packageName: string): string[] {
    return this.#hosts.all(hour, packageName) as string[];
  }
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
