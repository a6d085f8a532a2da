/** A ledger of any size in a folder of its own: seeded records, taken over by the ledger and the store as they ship. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Judge } from '@outwitness/event';
import { type DrainedFile, keyDirectory, Ledger, type LedgerOptions, type StoredRow } from '@outwitness/ledger';
import { catalogueText, fold, makeJudge, parseCatalogue } from '@outwitness/report';
import type { Unnumbered } from '@outwitness/spool';
import { openStore, type SqliteStore } from '@outwitness/store-sqlite';
import { APPS, CATALOGUE, SeededCalls, type Step } from './seeded-calls.ts';

/** µs between two calls: 60,000 an hour, so that ten million take a week. */
const PACE = 60_000;
const HOUR = 3_600_000_000;
const EPOCH = { rows: 1_000_000, us: 24 * HOUR };

/** One process that is audited, as its spool file shows it. */
interface Writer {
  readonly calls: SeededCalls;
  readonly name: string;
  readonly pid: number;
  offset: number;
  n: number;
}

export interface LedgerPlan {
  readonly folder: string;
  readonly seed: number;
  /** µs since 1970: the time of the first call. */
  readonly began: number;
  /** Calls that one commit takes over. */
  readonly batch: number;
}

/** Grows on demand; what lies in the folder between two growths is a closed ledger. */
export class RecordedLedger {
  readonly folder: string;
  readonly #plan: LedgerPlan;
  readonly #writers: readonly Writer[];
  #now: number;
  #made = 0;

  constructor(plan: LedgerPlan) {
    this.folder = plan.folder;
    this.#plan = plan;
    this.#now = plan.began;
    this.#writers = APPS.map((_, at) => ({
      calls: new SeededCalls(plan.seed, at),
      name: `${4000 + at}-0-${Math.floor(plan.began / 1000).toString(36)}-${(0xabcd0000 + at).toString(16)}.0.spool`,
      pid: 4000 + at,
      offset: 0,
      n: 0,
    }));
  }

  /** µs since 1970: the clock of the ledger. */
  get now(): number {
    return this.#now;
  }

  /**
   * Appends until there are at least so many rows, then writes the closing seal.
   *
   * @param committed is called after each commit
   */
  async grow(rows: number, committed: (rows: readonly StoredRow[], size: number) => void = () => {}): Promise<void> {
    const { store, ledger } = await this.open();
    try {
      if (ledger.size < 10) await this.begin(ledger);
      while (ledger.size < rows) {
        const appended = await ledger.append({ files: this.batch() });
        committed(appended.rows, ledger.size);
      }
      await ledger.close();
    } finally {
      store.close();
    }
  }

  async open(): Promise<{ store: SqliteStore; ledger: Ledger }> {
    mkdirSync(this.folder, { recursive: true });
    const store = openStore(join(this.folder, 'ledger.db'));
    const options: LedgerOptions = {
      store,
      keys: keyDirectory(join(this.folder, 'keys')),
      checkpoints: join(this.folder, 'checkpoints.log'),
      software: 'outwitness of a benchmark',
      epoch: EPOCH,
      judge: JUDGE,
      fold,
      clock: { wall: () => this.#now, monotonic: () => this.#now - this.#plan.began },
      random: randomBytes,
      boot: 'the same all the time',
      uid: 1001,
    };
    return { store, ledger: await Ledger.open(options) };
  }

  /** The catalogue in force, and what the processes say when they start. */
  async begin(ledger: Ledger): Promise<void> {
    await ledger.append({
      own: [{ kind: 'policy', catalogue: CATALOGUE_TEXT, text: 'the catalogue of the benchmark' }],
    });
    const files = this.#writers.map((writer) => {
      const { app } = writer.calls;
      const hello: Unnumbered = {
        kind: 'hello',
        time: this.#now,
        v: 1,
        app,
        pid: writer.pid,
        thread: 0,
        uid: 1002,
        segment: 0,
        runtime: 'node 24.0.0',
        agent: '0.1.0',
        loaded: 'require',
        channels: ['http', 'undici', 'tcp'],
      };
      return drained(writer, [hello, ...writer.calls.introduction(this.#now)]);
    });
    await ledger.append({ files });
  }

  /** What a drain of all spool files gives: {@link LedgerPlan.batch} calls. */
  batch(): DrainedFile[] {
    const steps = this.#writers.map((): Step[number][] => []);
    for (let at = 0; at < this.#plan.batch; at++, this.#made++) {
      const process = (this.#made * 7 + (this.#made >> 3)) % this.#writers.length;
      steps[process]?.push(...(this.#writers[process]?.calls.next(this.#now) ?? []));
      this.#now += PACE - 7 + (this.#made % 15);
    }
    return this.#writers.map((writer, at) => drained(writer, steps[at] ?? []));
  }
}

/** Offsets are those of frames of average length: nothing reads the file they would stand in. */
function drained(writer: Writer, step: Step): DrainedFile {
  const records = step.map((record, at) => ({ ...record, n: writer.n + at }));
  const file = {
    name: writer.name,
    owner: 1002,
    offset: writer.offset,
    records,
    nextOffset: writer.offset + 400 * records.length,
    nextN: writer.n + records.length,
    damage: [],
    ended: false,
  };
  writer.offset = file.nextOffset;
  writer.n = file.nextN;
  return file;
}

const CATALOGUE_OF_BENCHMARK = parseCatalogue(JSON.stringify(CATALOGUE));
const CATALOGUE_TEXT = catalogueText(CATALOGUE_OF_BENCHMARK);
const JUDGE: Judge = makeJudge({
  catalogue: CATALOGUE_OF_BENCHMARK,
  digest: createHash('sha256').update(CATALOGUE_TEXT).digest('hex'),
  self: [],
});
