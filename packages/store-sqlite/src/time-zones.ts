import { setImmediate as breathe } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** Rows of one block. */
const BLOCK = 4096;
/** Entries of the index on time that one statement looks at. */
const SLICE = 50_000;
/** With more unknown blocks than this the whole index is read at once, which is far cheaper than the leaves. */
const MANY = 64;

/**
 * Least and greatest `time` of each block of rows, so that a query by time skips what cannot match: rows stand in the
 * order in which they were drained, and no index gives both orders. In memory, filled on the first query by time.
 */
export class TimeZones {
  readonly #slice;
  readonly #block;
  /** [least, greatest] by block; only whole blocks, which never change. */
  readonly #zones: [number, number][] = [];

  constructor(engine: Engine) {
    this.#slice = engine
      .prepare<[number, number, number, number]>(
        'SELECT time, seq FROM rows INDEXED BY rows_time WHERE (time, seq) > (?, ?) AND seq < ? ORDER BY time, seq LIMIT ?',
      )
      .raw();
    this.#block = engine
      .prepare<[number, number]>('SELECT min(time), max(time) FROM rows WHERE seq >= ? AND seq < ?')
      .raw();
  }

  /** Learns the whole blocks of the first `size` rows. */
  async learn(size: number): Promise<void> {
    const blocks = Math.floor(size / BLOCK);
    if (blocks - this.#zones.length > MANY) await this.#learnAll(blocks);
    while (this.#zones.length < blocks) {
      const from = this.#zones.length * BLOCK;
      const [least, greatest] = this.#block.get(from, from + BLOCK) as [number | null, number | null];
      // Without any leaf left no time can match.
      this.#zones.push([least ?? Infinity, greatest ?? -Infinity]);
    }
  }

  /**
   * The next run of rows in [lo, hi) that can hold a time in [from, to), seen from the end that `newest` tells.
   *
   * @returns [lo, hi) of the run, `undefined` if there is none
   */
  run(lo: number, hi: number, newest: boolean, from: number, to: number): [number, number] | undefined {
    const step = newest ? -1 : 1;
    let start: number | undefined;
    let block = Math.floor((newest ? hi - 1 : lo) / BLOCK);
    const last = Math.floor((newest ? lo : hi - 1) / BLOCK);
    for (; newest ? block >= last : block <= last; block += step) {
      const zone = this.#zones[block];
      const possible = zone === undefined || (zone[1] >= from && zone[0] < to);
      if (possible) start ??= block;
      else if (start !== undefined) break;
    }
    if (start === undefined) return undefined;
    const [first, end] = newest ? [block + 1, start + 1] : [start, block];
    return [Math.max(lo, first * BLOCK), Math.min(hi, end * BLOCK)];
  }

  async #learnAll(blocks: number): Promise<void> {
    const zones: [number, number][] = Array.from({ length: blocks }, () => [Infinity, -Infinity]);
    for (let at: [number, number] = [-1, -1]; ;) {
      const entries = this.#slice.all(...at, blocks * BLOCK, SLICE) as [number, number][];
      for (const [time, seq] of entries) {
        const zone = zones[Math.floor(seq / BLOCK)];
        if (zone === undefined) continue;
        zone[0] = Math.min(zone[0], time);
        zone[1] = Math.max(zone[1], time);
      }
      at = entries.at(-1) ?? at;
      if (entries.length < SLICE) break;
      await breathe();
    }
    this.#zones.splice(0, this.#zones.length, ...zones);
  }
}
