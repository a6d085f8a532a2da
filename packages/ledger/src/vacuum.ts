import { type Flat, type Fold, type NetRow, parseCanonical, type RollupEntry } from '@outwitness/event';
import { rowHash } from './chain.ts';
import type { Members } from './cleaning.ts';
import { ledgerError } from './errors.ts';
import { FoldedRollup } from './folded-rollup.ts';
import type { Identity } from './genesis.ts';
import { isSignedBy, parseNote } from './note.ts';
import { DAY, readFloor } from './retention-policy.ts';
import { KEPT_KINDS, readSeal } from './seal.ts';
import type { Store, StoredNote } from './store.ts';
import { compactRange } from './tree-proofs.ts';

/** Most rows that one `vacuum` row covers, unless one batch has more. */
const STEP_ROWS = 100_000;
/** Rows read at a time. */
const SLICE = 1_000;
/** Most days that one `vacuum` row has room for. */
const MOST_DAYS = 64;

/** One `vacuum` row, and what commits with it. */
export interface VacuumStep {
  readonly from: number;
  readonly to: number;
  readonly dropped: number;
  readonly members: Members;
  /** Changed entries of the base. */
  readonly base: readonly RollupEntry[];
}

/** Why nothing more can be dropped at the moment. */
export interface Waits {
  readonly waits: string;
}

/** What there is to drop; the rows themselves are not touched. */
export class VacuumPlan {
  readonly #store: Store;
  readonly #identity: Identity;
  readonly #fold: Fold;

  constructor(store: Store, identity: Identity, fold: Fold) {
    this.#store = store;
    this.#identity = identity;
    this.#fold = fold;
  }

  /** End of the prefix that was dropped, or is to be. */
  async cut(): Promise<{ from: number; to: number }> {
    const [newest] = await this.#store.rowsOfKind('vacuum', 1);
    const row: Flat = newest === undefined ? {} : parseCanonical(newest.leaf);
    return { from: Number(row['from'] ?? 0), to: Number(row['to'] ?? 0) };
  }

  /**
   * The next step, checked row by row against the note under which it ends.
   *
   * @param now µs
   * @throws OutwitnessError `ledger-damaged` if the prefix is not what the note signs: nothing of it is dropped then
   */
  async next(actor: string, now: number): Promise<VacuumStep | Waits> {
    const [moved] = await this.#store.controls('clock-step', 1);
    const movedAt = moved === undefined ? -Infinity : Number(parseCanonical(moved.leaf)['time']);
    if (Math.abs(now - movedAt) < DAY)
      return { waits: 'the clock of this machine was moved less than 24 hours ago: ages cannot be relied on yet' };
    const { days } = await readFloor(this.#store, now);
    if (days === Infinity) return { waits: 'the policy keeps leaves for good' };
    const { to: from } = await this.cut();
    for (let most = STEP_ROWS; ; most = Math.floor(most / 2)) {
      const note = await this.#lastOld(from, most, now - days * DAY);
      if (note === undefined) return { waits: `no rows are older than ${days} days` };
      const { rollup, dropped } = await this.#check(from, note);
      const changed = rollup.changedDays();
      if (changed.length > MOST_DAYS && most > 1) continue;
      const rollupDays = changed.map((day) => `${day} ${rollup.digest(day)}`);
      const text = `leaves of rows ${from} to ${note.size - 1} are dropped after ${days} days`;
      const members = { kind: 'vacuum', time: now, actor, text, from, to: note.size, dropped, rollupDays };
      return { from, to: note.size, dropped, members, base: rollup.changed() };
    }
  }

  /** The last note over at most `most` rows from `from` on whose seal is no younger than `before`. */
  async #lastOld(from: number, most: number, before: number): Promise<StoredNote | undefined> {
    const [first] = await this.#store.notes(from, 1);
    let found: StoredNote | undefined;
    let [low, high] = [first?.size ?? Infinity, from + most];
    if (first !== undefined && (await this.#isOld(first, before))) found = first;
    while (found !== undefined && low < high) {
      const middle = Math.ceil((low + high) / 2);
      const note = await this.#store.lastNote(middle);
      if (note !== undefined && (await this.#isOld(note, before))) [found, low] = [note, middle];
      else high = middle - 1;
    }
    return found;
  }

  async #isOld({ size }: StoredNote, before: number): Promise<boolean> {
    const [row] = await this.#store.rows(size - 1, size);
    const seal = row === undefined ? undefined : readSeal(row.leaf);
    return seal !== undefined && seal.wall <= before;
  }

  /** Holds the rows [from, note.size) against the note, and folds them onto the base. */
  async #check(from: number, note: StoredNote): Promise<{ rollup: FoldedRollup; dropped: number }> {
    const erased = new Set((await this.#store.rowsOfKind('erase')).map(({ leaf }) => parseCanonical(leaf)['row']));
    const tree = await compactRange(this.#store, from);
    const rollup = new FoldedRollup(this.#fold);
    const days = new Set<number>();
    let dropped = 0;
    for (let at = from; at < note.size; at += SLICE) {
      const end = Math.min(note.size, at + SLICE);
      const hashes = await this.#store.hashes(at, end);
      const leaves = new Map((await this.#store.rows(at, end)).map(({ seq, leaf }) => [seq, leaf]));
      const net: NetRow[] = [];
      for (const [i, stored] of hashes.entries()) {
        const leaf = leaves.get(at + i);
        if (leaf === undefined ? !erased.has(at + i) : !rowHash(leaf).equals(stored)) throw this.#damaged(at + i);
        tree.append(stored, []);
        if (leaf === undefined) continue;
        const row = parseCanonical(leaf);
        if (row['kind'] === 'net') net.push(row as unknown as NetRow);
        if (!KEPT_KINDS.includes(String(row['kind'])) && at + i !== note.size - 1) dropped++;
      }
      for (const row of net) {
        const day = Math.floor((row.time + (row.skew ?? 0)) / DAY);
        if (!days.has(day)) rollup.start(await this.#store.rollupBase(day * 24, day * 24 + 24));
        days.add(day);
      }
      rollup.add(net);
    }
    const parsed = parseNote(note.note);
    const { origin, logKey } = this.#identity;
    if (!parsed.root.equals(tree.root()) || !isSignedBy(parsed, { name: origin, publicKey: logKey }))
      throw this.#damaged(note.size - 1);
    return { rollup, dropped };
  }

  #damaged(seq: number): Error {
    return ledgerError(
      'ledger-damaged',
      `row ${seq} is not what the note over it signs: nothing is dropped. Run the verifier, keep the evidence and begin a successor ledger.`,
    );
  }
}
