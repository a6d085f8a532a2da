/**
 * What the record costs beside a plain insert of the same text into the same table with the same indexes, in the same
 * batches and as durable: CPU of this process, taken in turns batch by batch.
 */
import { join } from 'node:path';
import { parseCanonical } from '@outwitness/event';
import type { StoredRow } from '@outwitness/ledger';
import { fold } from '@outwitness/report';
import { BatchBuilder, type Head } from '../../packages/ledger/dist/batch-builder.js';
import { CompactRange } from '../../packages/ledger/dist/merkle.js';
import { openEngine } from '../../packages/store-sqlite/dist/engine.js';
import { SCHEMA } from '../../packages/store-sqlite/dist/schema.js';
import { openStore } from '@outwitness/store-sqlite';
import { type Figure, median } from './figures.ts';
import type { RecordedLedger } from './recorded-ledger.ts';

const GOAL = 0.75;
/** Rows before anything counts: the trees of the indexes are several levels deep by then, and the code is compiled. */
const WARM_UP = 10_000;
const NO_BYTES = Buffer.alloc(32);
const NO_CHANGE = { put: [], gone: [] };

interface Step {
  readonly rows: number;
  readonly plain: number;
  readonly chained: number;
  readonly whole: number;
}

/** @param ledger new; its batches are what one transaction takes */
export async function appendRatio(ledger: RecordedLedger, rows: number): Promise<Figure[]> {
  const plain = new PlainTable(join(ledger.folder, 'plain.db'));
  const { store, ledger: whole } = await ledger.open();
  const chained = new Chained(join(ledger.folder, 'chained.db'));
  const steps: Step[] = [];
  try {
    await ledger.begin(whole);
    for (let appended = 0; appended < WARM_UP + rows;) {
      const files = ledger.batch();
      const [taken, all] = await cpuOf(() => whole.append({ files }));
      const texts = taken.rows.map(({ leaf }) => leaf);
      const chain = await chained.prepare(taken.rows);
      const [, one] = await cpuOf(async () => plain.insert(texts));
      const [, two] = await cpuOf(chain);
      if (appended >= WARM_UP) steps.push({ rows: texts.length, plain: one, chained: two, whole: all });
      appended += texts.length;
    }
  } finally {
    plain.close();
    chained.close();
    await whole.close();
    store.close();
  }
  const perRow = (name: 'plain' | 'chained' | 'whole'): number => median(steps.map((step) => step[name] / step.rows));
  const [insert, chain, append] = [perRow('plain'), perRow('chained'), perRow('whole')];
  const ratio = insert / chain;
  return [
    {
      work: 'insert of the same text, un-chained',
      rows,
      value: `${insert.toFixed(1)} µs of CPU per row`,
      budget: '',
    },
    {
      work: 'append: chain, tree and rollup',
      rows,
      value: `${chain.toFixed(1)} µs, rate ${ratio.toFixed(2)} of un-chained`,
      budget: `>= ${GOAL} of un-chained`,
      held: ratio >= GOAL,
    },
    {
      work: 'append from records: assembled, judged, chained, signed, logged, read back',
      rows,
      value: `${append.toFixed(1)} µs, rate ${(insert / append).toFixed(2)} of un-chained`,
      budget: '',
    },
  ];
}

async function cpuOf<T>(work: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return [done, user + system];
}

/** The table of rows with its indexes, and nothing that the record needs beside. */
class PlainTable {
  readonly #engine;
  readonly #insert;
  #seq = 0;

  constructor(file: string) {
    this.#engine = openEngine(file, { readonly: false, mustExist: false, busyMs: 0 });
    this.#engine.pragma('journal_mode = WAL');
    this.#engine.pragma('synchronous = FULL');
    this.#engine.exec(SCHEMA);
    this.#engine.exec('DROP TRIGGER rows_next_only');
    const insert = this.#engine.prepare('INSERT INTO rows (seq, leaf, row_hash) VALUES (?, ?, ?)');
    this.#insert = this.#engine.transaction((texts: readonly string[]) => {
      for (const text of texts) insert.run(this.#seq++, text, NO_BYTES);
    });
  }

  insert(texts: readonly string[]): void {
    this.#insert.immediate(texts);
  }

  close(): void {
    this.#engine.close();
  }
}

/** The same rows with everything that makes them a record, but what comes before (assembly, judgement) and after (signature). */
class Chained {
  readonly #store;
  readonly #head: Head = {
    ledger: '0'.repeat(32),
    tree: new CompactRange(),
    counts: { net: 0, gaps: 0, missing: 0 },
    prev: '0'.repeat(64),
  };

  constructor(file: string) {
    this.#store = openStore(file);
  }

  /** Takes the rows apart, and returns what is to be measured. */
  async prepare(rows: readonly StoredRow[]): Promise<() => Promise<void>> {
    const drafts = rows.map(({ leaf }) => {
      const { v, ledger, seq, prev, salt, ...members } = parseCanonical(leaf);
      void [v, ledger, seq, prev];
      return { members, salt: Buffer.from(String(salt), 'hex') };
    });
    return async () => {
      let next = 0;
      const judged = ({ class: found, declared, catalogue }: (typeof drafts)[number]['members']): never =>
        ({ class: found, declared, catalogue }) as never;
      const builder = new BatchBuilder(
        this.#head,
        (net) => judged(net as never),
        () => drafts[next++]?.salt ?? NO_BYTES,
      );
      for (const { members } of drafts) builder.add({ members });
      const known: ReadonlySet<string> = new Set();
      await this.#store.commit({
        rows: builder.rows,
        nodes: builder.nodes,
        pending: NO_CHANGE,
        writers: NO_CHANGE,
        spools: [],
        texts: new Map(),
        rollup: builder.fold(fold, () => known),
        note: { size: this.#head.tree.size, note: '' },
      });
    };
  }

  close(): void {
    this.#store.close();
  }
}
