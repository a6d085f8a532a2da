/** Records as a reader hands them over, and an assembler that is fed with them. */
import type { SpoolRecord } from '@outwitness/event';

import { Assembler } from '../../src/assembler.ts';
import type { Damage, DrainedFile } from '../../src/drained-file.ts';

/** 2026-01-02T03:04:05Z in µs. */
export const START = 1_767_323_045_000_000;
export const SECOND = 1_000_000;
const WRITER = '100-0-mb3x-0a1b2c3d';
const FILE = `${WRITER}.0.spool`;

export const HELLO = {
  kind: 'hello',
  v: 1,
  app: 'shop',
  pid: 100,
  thread: 0,
  segment: 0,
  runtime: 'node/24.21.0',
  agent: '0.1.0',
  loaded: 'require',
  channels: ['http', 'tcp'],
};
export const BYE = { kind: 'bye', records: 1, faults: 0, reason: 'exit', code: 0 };

export const open = (call: number, more: object = {}): object => ({
  kind: 'open',
  call,
  direction: 'out',
  channel: 'http',
  host: 'example.org',
  port: 443,
  ...more,
});
export const conn = (number: number, more: object): object => ({
  kind: 'conn',
  conn: number,
  direction: 'out',
  channel: 'tcp',
  host: 'example.org',
  port: 443,
  ...more,
});
export const claim = (call: number, number: number): object => ({ kind: 'claim', call, conn: number });
export const done = (call: number, more: object = {}): object => ({ kind: 'done', call, outcome: 'ok', ...more });
export const closed = (number: number, more: object = {}): object => ({
  kind: 'done',
  conn: number,
  outcome: 'ok',
  ...more,
});

function numbered(records: readonly object[], from = 0): SpoolRecord[] {
  return records.map((record, i) => ({ time: START + from + i, ...record, n: from + i }) as unknown as SpoolRecord);
}

export type Row = { [name: string]: unknown };

/** Feeds an assembler and keeps the rows; restarts it from what a store would hold. */
export class Feed {
  readonly rows: Row[] = [];
  now = START;
  #assembler = new Assembler({ pending: [], writers: [], texts: new Map() });
  readonly #stored = { pending: new Map<string, string>(), writers: new Map<string, string>() };
  readonly #texts = new Map<string, string>();
  #n = 0;

  get assembler(): Assembler {
    return this.#assembler;
  }

  /** Drains these records in one batch. */
  drain(records: readonly object[], more: Partial<DrainedFile> & { damage?: Damage[] } = {}): this {
    const from = this.#n;
    this.#n += records.length;
    const file = { name: FILE, owner: 1001, offset: 0, nextOffset: 0, nextN: 0, damage: [], ended: false };
    this.#assembler.drain({ ...file, records: numbered(records, from), ...more }, this.now);
    return this.end();
  }

  /** Ends the batch: rows of phase open, and the changes of the state. */
  end(): this {
    this.#assembler.due(this.now);
    this.rows.push(...this.#assembler.take().map((row) => row.members as Row));
    for (const table of ['pending', 'writers'] as const) {
      const { put, gone } = this.#assembler[table].changes();
      for (const { key, record } of put) this.#stored[table].set(key, record);
      for (const key of gone) this.#stored[table].delete(key);
    }
    for (const [sha256, text] of this.#assembler.newTexts) this.#texts.set(sha256, text);
    return this;
  }

  later(us: number): this {
    this.now += us;
    return this.end();
  }

  gone(): this {
    this.#assembler.gone(WRITER, this.now);
    return this.end();
  }

  silent(): this {
    this.#assembler.silent(WRITER, this.now);
    return this.end();
  }

  restart(): this {
    const entries = (map: Map<string, string>) => [...map].map(([key, record]) => ({ key, record }));
    const { pending, writers } = this.#stored;
    const before = [this.#assembler.pending.digest(), this.#assembler.writers.digest()];
    this.#assembler = new Assembler({ pending: entries(pending), writers: entries(writers), texts: this.#texts });
    const after = [this.#assembler.pending.digest(), this.#assembler.writers.digest()];
    if (JSON.stringify(before) !== JSON.stringify(after)) throw new Error('the digest changed by a restart');
    return this;
  }

  get net(): Row[] {
    return this.rows.filter((row) => row['kind'] === 'net');
  }

  /** The named members of all net rows. */
  of(...names: string[]): unknown[][] {
    return this.net.map((row) => names.map((name) => row[name]));
  }

  events(kind: string): unknown[] {
    return this.rows.filter((row) => row['kind'] === kind).map((row) => row['event']);
  }
}
