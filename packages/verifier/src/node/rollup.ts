/** The rollup that the rows give, to be compared with the table (store-sqlite.md). */
import type { DatabaseSync } from 'node:sqlite';

import { flat, toHex, utf8 } from '../bytes.ts';
import type { Leaf } from '../canonical.ts';
import type { Crypto } from '../crypto-port.ts';
import type { Report } from '../findings.ts';
import { each } from './tables.ts';

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
    const port = int(inbound ? 'localPort' : 'port', -1);
    const keyOf = (host: string): string =>
      JSON.stringify([
        hour, text('app'), text('direction'), text('channel'), text('package'), host, port, text('class'),
        text('declared'), text('vendor'),
      ]); // prettier-ignore
    const host = inbound ? String(leaf.get('listener') ?? OTHER) : text('host');
    let key = keyOf(host);
    // A host that has a cell in this hour is within the cap already.
    let cell = this.#cells.get(key);
    const kept = cell === undefined ? this.#cap(hour, text('package'), host) : host;
    if (kept !== host) cell = this.#cells.get((key = keyOf(kept)));
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

  /**
   * Begins with the base that dropped rows have left, day by day.
   *
   * @returns the digest of each day
   */
  startFromBase(db: DatabaseSync, crypto: Crypto): Map<number, string> {
    const digests = new Map<number, string>();
    const base = db.prepare(
      `SELECT ${columnsOf().join(', ')} FROM rollup_base ORDER BY ${KEY.map((name) => `rollup_base.${name}`).join(', ')}`,
    );
    base.setReadBigInts(true);
    let [day, digest] = [-1, crypto.sha256Stream()];
    const finish = (): void => void (day >= 0 && digests.set(day, toHex(digest.digest())));
    for (const row of each(db, base)) {
      const values = [...KEY, ...MEASURES].map((name) =>
        typeof row[name] === 'bigint' ? Number(row[name]) : row[name],
      );
      const [hour, , , , packageName, host] = values;
      if (Math.floor(Number(hour) / 24) !== day) {
        finish();
        [day, digest] = [Math.floor(Number(hour) / 24), crypto.sha256Stream()];
      }
      digest.update(utf8(`${JSON.stringify(values)}\n`));
      this.#cells.set(JSON.stringify(values.slice(0, KEY.length)), values.slice(KEY.length) as number[]);
      this.#cap(Number(hour), String(packageName), String(host));
    }
    finish();
    return digests;
  }

  /** Compares the table with what was folded, cell by cell. */
  compare(db: DatabaseSync, report: Report): void {
    const table = db.prepare(`SELECT ${columnsOf().join(', ')} FROM rollup`);
    table.setReadBigInts(true);
    for (const row of each(db, table)) {
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
    hosts.add(flat(kept));
    return kept;
  }
}

/** All columns, those of no honest length as NULL. */
function columnsOf(): string[] {
  return [...KEY, ...MEASURES].map((name) => `CASE WHEN octet_length(${name}) <= 1024 THEN ${name} END AS "${name}"`);
}
