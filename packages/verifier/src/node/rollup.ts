/** The rollup that the rows give, to be compared with the table (store-sqlite.md). */
import type { DatabaseSync } from 'node:sqlite';

import type { Leaf } from '../canonical.ts';
import type { Report } from '../findings.ts';

const HOUR_US = 3_600_000_000;
const HOSTS_PER_HOUR_AND_PACKAGE = 10_000;
const OTHER = '(other)';
const KEY = ['hour', 'app', 'direction', 'channel', 'package', 'host', 'port', 'class', 'declared', 'vendor'] as const;
const MEASURES = ['events', 'errors', 'bytes_out', 'bytes_in', 'first_seq', 'last_seq'] as const;
const FIRST = 4;
const LAST = 5;

export class Rollup {
  /** By key as a JSON array; the measures in the order of the table. */
  readonly #cells = new Map<string, number[]>();
  readonly #hosts = new Map<string, Set<string>>();

  /** Folds one row; rows come in order of `seq`. */
  fold(leaf: Leaf, seq: number): void {
    if (leaf.get('kind') !== 'net' || leaf.get('outcome') === 'local') return;
    const text = (name: string): string => String(leaf.get(name) ?? '');
    const int = (name: string, absent: number): number => Number(leaf.get(name) ?? absent);
    const inbound = leaf.get('direction') === 'in';
    const hour = Math.floor((int('time', 0) + int('skew', 0)) / HOUR_US);
    const host = this.#cap(hour, text('package'), inbound ? String(leaf.get('listener') ?? OTHER) : text('host'));
    const port = int(inbound ? 'localPort' : 'port', -1);
    const key = JSON.stringify([
      hour, text('app'), text('direction'), text('channel'), text('package'), host, port, text('class'),
      text('declared'), text('vendor'),
    ]); // prettier-ignore
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = [0, 0, 0, 0, seq, seq]));
    const phase = leaf.get('phase');
    const add = (at: number, amount: number): void => void (cell[at] = (cell[at] ?? 0) + amount);
    if (phase === 'whole' || phase === 'open') add(0, 1);
    if (phase === 'whole' || phase === 'end') {
      if (leaf.get('outcome') !== 'ok') add(1, 1);
      add(2, int('bytesOut', 0));
      add(3, int('bytesIn', 0));
    }
    cell[LAST] = seq;
  }

  /** Compares the table with what was folded, cell by cell. */
  compare(db: DatabaseSync, report: Report): void {
    const columns = [...KEY, ...MEASURES].map(
      (name) => `CASE WHEN octet_length(${name}) <= 1024 THEN ${name} END AS "${name}"`,
    );
    const table = db.prepare(`SELECT ${columns.join(', ')} FROM rollup`);
    table.setReadBigInts(true);
    for (const row of table.iterate()) {
      const key = JSON.stringify(KEY.map((name) => (typeof row[name] === 'bigint' ? Number(row[name]) : row[name])));
      const got = MEASURES.map((name) => String(row[name]));
      const cell = this.#cells.get(key);
      if (cell?.join(' ') !== got.join(' ')) {
        const text = `rollup ${key} (${MEASURES.join(' ')}) is not what the rows give`;
        report.add('rollup', cell?.[FIRST] ?? -1, text, cell?.join(' ') ?? 'no such cell', got.join(' '));
      }
      this.#cells.delete(key);
    }
    for (const [key, cell] of this.#cells)
      report.add('rollup', cell[FIRST] ?? -1, `rollup ${key} is missing`, cell.join(' '));
  }

  /** An hour of a package holds so many different hosts, those named `''` and `(other)` included. */
  #cap(hour: number, packageName: string, host: string): string {
    const key = `${hour} ${packageName}`;
    let hosts = this.#hosts.get(key);
    if (hosts === undefined) this.#hosts.set(key, (hosts = new Set()));
    const kept = hosts.has(host) || hosts.size < HOSTS_PER_HOUR_AND_PACKAGE ? host : OTHER;
    hosts.add(kept);
    return kept;
  }
}
