import type { RollupEntry } from '@outwitness/event';
import type { Journal } from '@outwitness/ledger';

const BY = ['hour', 'app', 'direction', 'channel', 'package', 'host', 'port', 'class', 'declared', 'vendor'] as const;
const HOUR_MS = 3_600_000;

/**
 * The cells of the rollup, those of past hours read once: a row is folded into the hour of its own time, or of draining
 * if they differ by more than 10 minutes, so that only an erasure changes them later.
 */
export class RollupCells {
  readonly #journal: Pick<Journal, 'rollup' | 'rowsOfKind'>;
  readonly #now: () => number;
  /** Of the hours [from, to). */
  #past: { from: number; to: number; cells: RollupEntry[] } = { from: 0, to: 0, cells: [] };
  #erasure = -1;

  constructor(journal: Pick<Journal, 'rollup' | 'rowsOfKind'>, now: () => number) {
    this.#journal = journal;
    this.#now = now;
  }

  /** No row is folded into the hours before any more. */
  get closed(): number {
    return Math.floor(this.#now() / HOUR_MS) - 1;
  }

  /** The newest `erase` row, −1 if there is none: what was taken from past hours holds as long as it is the same. */
  async erasure(): Promise<number> {
    const [newest] = await this.#journal.rowsOfKind('erase', 1);
    return newest?.seq ?? -1;
  }

  /** Of the hours [from, to), in no particular order. */
  async cells(from: number, to: number): Promise<RollupEntry[]> {
    const closed = Math.min(to, this.closed);
    if (closed <= from) return this.#read(from, to);
    await this.#readPast(from, closed);
    const past = this.#past.cells.filter(({ hour }) => hour >= from && hour < closed);
    return past.concat(await this.#read(closed, to));
  }

  async #readPast(from: number, to: number): Promise<void> {
    const erasure = await this.erasure();
    const kept = this.#past;
    if (erasure !== this.#erasure || from < kept.from || from > kept.to) {
      this.#past = { from, to, cells: await this.#read(from, to) };
    } else if (to > kept.to) {
      const cells = kept.cells.filter(({ hour }) => hour >= from);
      this.#past = { from, to, cells: cells.concat(await this.#read(kept.to, to)) };
    }
    this.#erasure = erasure;
  }

  async #read(from: number, to: number): Promise<RollupEntry[]> {
    return from >= to ? [] : ((await this.#journal.rollup({ from, to, by: BY })) as RollupEntry[]);
  }
}
