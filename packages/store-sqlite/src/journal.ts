import { setImmediate as breathe } from 'node:timers/promises';
import type { Bound, Journal, RollupQuery, RollupSum, RowPage, RowQuery, StoredRow } from '@outwitness/ledger';
import type { Engine } from './engine.ts';
import { storeError } from './errors.ts';
import { type RowRecord, SqliteEvidence, storedRow } from './evidence.ts';
import { type Condition, conditions } from './filters.ts';
import { readRollup } from './rollup.ts';
import { TimeZones } from './time-zones.ts';

/** Rows that the first slice looks at; then as many as a slice of 5 to 20 ms allows. */
const FIRST_SLICE = 16_384;
/** ms after which a page is handed out as it is. */
const PAGE_MS = 100;

/** Pages, scans and sums for people, beside the evidence. */
export class SqliteJournal extends SqliteEvidence implements Journal {
  readonly #zones: TimeZones;
  readonly #seqAt;

  constructor(reader: Engine) {
    super(reader);
    this.#zones = new TimeZones(reader);
    this.#seqAt = reader.prepare<[number]>('SELECT seq FROM rows WHERE time >= ? ORDER BY time, seq LIMIT 1').pluck();
  }

  async page(query: RowQuery): Promise<RowPage> {
    if (!(query.limit >= 1)) throw storeError('query', `limit ${query.limit}: expected at least 1`);
    const newest = query.order === 'newest';
    // A row without its leaf has no fields: it must not pass for one whose fields are unknown.
    const filters = [{ sql: 'leaf IS NOT NULL', values: [] }, ...conditions(query)];
    const [fromTime, toTime] = [time(query.from, 0), time(query.to, Infinity)];
    const byTime = fromTime > 0 || toTime < Infinity;
    if (byTime)
      filters.push({ sql: 'time >= ? AND time < ?', values: [fromTime, Math.min(toTime, Number.MAX_SAFE_INTEGER)] });

    const size = await this.size();
    let lo = Math.max(0, seq(query.from, 0), newest ? 0 : (query.after ?? -1) + 1);
    let hi = Math.min(size, seq(query.to, size), newest ? (query.after ?? size) : size);
    if (byTime) await this.#zones.learn(size);

    const rows: StoredRow[] = [];
    const began = performance.now();
    let width = FIRST_SLICE;
    while (lo < hi) {
      if (rows.length > 0 || width !== FIRST_SLICE) await breathe();
      if (performance.now() - began > PAGE_MS) break;
      const run = byTime ? this.#zones.run(lo, hi, newest, fromTime, toTime) : ([lo, hi] as const);
      if (run === undefined) return { rows };
      const [from, to] = newest
        ? [Math.max(run[0], run[1] - width), run[1]]
        : [run[0], Math.min(run[1], run[0] + width)];
      const start = performance.now();
      const found = this.#slice(from, to, newest, filters, query.limit - rows.length);
      rows.push(...found);
      const last = found.at(-1);
      if (rows.length === query.limit && last !== undefined) {
        const left = newest ? last.seq > lo : last.seq < hi - 1;
        return left ? { rows, next: last.seq } : { rows };
      }
      if (newest) hi = from;
      else lo = to;
      width = nextWidth(width, performance.now() - start);
    }
    if (lo >= hi) return { rows };
    return { rows, next: newest ? hi : lo - 1 };
  }

  async *scan(query: RowQuery): AsyncGenerator<StoredRow> {
    for (let at: RowQuery | undefined = query; at !== undefined;) {
      const { rows, next }: RowPage = await this.page(at);
      yield* rows;
      at = next === undefined ? undefined : { ...query, after: next };
    }
  }

  async seqAt(at: number): Promise<number | undefined> {
    return this.#seqAt.get(at) as number | undefined;
  }

  async rollup(query: RollupQuery): Promise<RollupSum[]> {
    return readRollup(this.reader, query);
  }

  #slice(from: number, to: number, newest: boolean, filters: readonly Condition[], limit: number): StoredRow[] {
    const where = ['seq >= ? AND seq < ?', ...filters.map((filter) => filter.sql)].join(' AND ');
    const sql = `SELECT seq, leaf, row_hash FROM rows WHERE ${where} ORDER BY seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`;
    const values = filters.flatMap((filter) => filter.values);
    return this.reader
      .prepare<unknown[], RowRecord>(sql)
      .all(from, to, ...values, limit)
      .map(storedRow);
  }
}

function nextWidth(width: number, ms: number): number {
  if (ms < 5) return width * 2;
  return ms > 20 ? Math.max(1024, Math.floor(width / 2)) : width;
}

function time(bound: Bound | undefined, otherwise: number): number {
  return bound !== undefined && 'time' in bound ? bound.time : otherwise;
}

function seq(bound: Bound | undefined, otherwise: number): number {
  return bound !== undefined && 'seq' in bound ? bound.seq : otherwise;
}
