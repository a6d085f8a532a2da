/** Rows whose leaves are gone, and whether the ledger's own rows and policies allow it (chain.md, "Retention", "Erasure"). */
import type { Leaf } from './canonical.ts';
import type { Report } from './findings.ts';

const DAY_US = 86_400_000_000;
/** By so much the clock that is judged at may be behind that of the writer, µs. */
const CLOCKS_DIFFER = 3_600_000_000;
const DAYS_WITHOUT_POLICY = 90;
/** Beyond so many runs of lost leaves the last one is stretched: no honest ledger comes near. */
const MOST_RUNS = 1_000_000;
const KEPT = new Set(['genesis', 'key', 'policy', 'vacuum', 'erase']);

interface Cut {
  seq: number;
  time: number;
  from: number;
  to: number;
}

export class Retention {
  /** Sizes of notes that may be cuts: only of these notes and the seals under them anything is remembered. */
  readonly watched: Set<number> = new Set();
  /** Digest of each day of the base, as the newest row that names it says. */
  readonly rollupDays: Map<number, string> = new Map();
  readonly #report: Report;
  /** [from, to) of rows whose leaves are gone, ascending. */
  readonly #runs: [number, number][] = [];
  readonly #policies: { seq: number; days: number }[] = [];
  readonly #keys: { seq: number; time: number }[] = [];
  readonly #cuts: Cut[] = [];
  /** By the row that was erased: the row that says so, and whether it says why. */
  readonly #erasures = new Map<number, { seq: number; reason: boolean }>();
  /** Rows that erase what an `erase` row before them has erased. */
  readonly #again: number[] = [];
  /** By size: is there a note, and has it the root of the rows (undefined: that does not follow)? */
  readonly #notes = new Map<number, boolean | undefined>();
  readonly #walls = new Map<number, number>();
  /** Rows that must stay, as far as they were met; undefined until a seal tells. */
  #kept: number | undefined = 0;
  #sealsCount: boolean | undefined;

  constructor(report: Report) {
    this.#report = report;
  }

  /** What stands before is not at hand. */
  startInTheMiddle(): void {
    this.#kept = undefined;
  }

  /** A leaf from wherever it comes, in its place or beside it. */
  leaf(seq: number, leaf: Leaf): void {
    const [kind, int] = [leaf.get('kind'), (name: string): number => Number(leaf.get(name))];
    if (kind === 'key') this.#keys.push({ seq, time: int('time') });
    if (kind === 'policy' && leaf.get('event') === 'retention') {
      this.#policies.push({ seq, days: int('keepDays') === 0 ? Infinity : int('keepDays') });
    }
    if (kind === 'erase' && this.#erasures.has(int('row'))) this.#again.push(seq);
    else if (kind === 'erase') this.#erasures.set(int('row'), { seq, reason: leaf.get('text') !== '' });
    if (kind === 'seal' && this.watched.has(seq + 1)) this.#walls.set(seq + 1, int('wall'));
    if (kind !== 'vacuum') return;
    this.#cuts.push({ seq, time: int('time'), from: int('from'), to: int('to') });
    const days = leaf.get('rollupDays');
    for (const entry of Array.isArray(days) ? days : []) {
      const [day, digest = ''] = entry.split(' ');
      this.rollupDays.set(Number(day), digest);
    }
  }

  /** A row in its place among the others. */
  count(seq: number, leaf: Leaf): void {
    if (leaf.get('kind') === 'seal') this.#judgeCount(seq, leaf.get('kept') as number | undefined);
    if (this.#kept !== undefined && KEPT.has(String(leaf.get('kind')))) this.#kept += 1;
  }

  #judgeCount(seq: number, said: number | undefined): void {
    const counts = said !== undefined;
    if ((this.#sealsCount ??= counts) !== counts)
      this.#report.add('seal', seq, 'some seals count the rows that must stay and others do not');
    if (said === undefined) return;
    this.#kept ??= said;
    if (said !== this.#kept) {
      const code = this.#runs.length > 0 ? 'leaf-gone' : 'seal';
      this.#report.add(code, seq, 'the seal counts other rows that must stay than there are', this.#kept, said);
    }
    this.#kept = said;
  }

  /** A row whose leaf is gone. */
  gone(seq: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && (last[1] === seq || this.#runs.length >= MOST_RUNS)) last[1] = seq + 1;
    else this.#runs.push([seq, seq + 1]);
  }

  note(size: number, fits: boolean | undefined): void {
    if (this.watched.has(size)) this.#notes.set(size, fits);
  }

  /**
   * @param judgeCuts false where not all that they are judged by is at hand
   * @param signed size of the newest note: rows behind it are anybody's, and allow nothing
   * @param now µs: nobody can say of a row that it is old by a time that is yet to come
   */
  finish(judgeCuts: boolean, signed: number, now: number): void {
    const cuts = this.#cuts.filter(({ seq }) => seq < signed).toSorted((a, b) => a.seq - b.seq);
    for (const [row, { seq }] of this.#erasures) if (seq >= signed) this.#erasures.delete(row);
    this.#policies.sort((a, b) => a.seq - b.seq);
    // With an older time than that of a closed epoch, what was lowered just now would seem to be in force for long.
    let closed = -Infinity;
    for (const key of this.#keys.sort((a, b) => a.seq - b.seq)) key.time = closed = Math.max(closed, key.time);
    let before = 0;
    for (const cut of judgeCuts ? cuts : []) {
      this.#judgeCut({ ...cut, time: Math.min(cut.time, now + CLOCKS_DIFFER) }, before);
      before = cut.to;
    }
    const end = cuts.reduce((most, { to, seq }) => Math.max(most, Math.min(to, seq)), 0);
    this.#judgeRuns(end);
    this.#judgeErasures(end, signed);
  }

  #judgeCut({ seq, time, from, to }: Cut, before: number): void {
    if (from !== before || to <= from || to > seq)
      this.#report.add('vacuum-range', seq, 'it does not drop what follows the last cut', before, `${from} ${to}`);
    const fits = this.#notes.get(to);
    if (!this.#notes.has(to)) this.#report.add('vacuum-unsigned', seq, 'no note ends where the cut is', to);
    else if (fits === undefined) this.#report.notChecked(`the root at the cut of row ${seq}: it does not follow`);
    else if (!fits) this.#report.add('vacuum-unsigned', seq, 'the note at the cut is over other rows', to);
    const wall = this.#walls.get(to);
    if (wall === undefined) {
      if (this.#notes.has(to)) this.#report.add('leaf-gone', to - 1, `the seal at the cut of row ${seq} is gone`);
      return;
    }
    const [age, { floor, wanted }] = [(time - wall) / DAY_US, this.#floor(seq, time)];
    if (age >= floor) return;
    const code = age >= wanted ? 'vacuum-floor' : 'vacuum-age';
    const text = code === 'vacuum-floor' ? 'only a policy that was not in force yet allows it' : 'no policy allows it';
    this.#report.add(code, seq, `rows were dropped too early (days): ${text}`, `>= ${floor}`, age.toFixed(2));
  }

  /** The days that counted for a row, and the least that any policy before it asks for. */
  #floor(seq: number, time: number): { floor: number; wanted: number } {
    let settled = -1;
    for (const key of this.#keys) if (key.seq < seq && time - key.time >= DAY_US) settled = Math.max(settled, key.seq);
    let [floor, wanted] = [DAYS_WITHOUT_POLICY, DAYS_WITHOUT_POLICY];
    for (const { seq: at, days } of this.#policies) {
      if (at >= seq) continue;
      [floor, wanted] = at < settled ? [days, days] : [Math.max(floor, days), Math.min(wanted, days)];
    }
    return { floor, wanted };
  }

  #judgeRuns(end: number): void {
    let [dropped, first] = [0, -1];
    const erased = Float64Array.from(this.#erasures.keys()).sort();
    for (const [from, to] of this.#runs) {
      if (from < end) {
        dropped += Math.min(to, end) - from;
        if (first < 0) first = from;
        if (from === 0) this.#report.add('leaf-gone', 0, 'the leaf of the genesis row must stay');
      }
      const start = Math.max(from, end);
      const unnamed = to - start - (countBelow(erased, to) - countBelow(erased, start));
      if (to <= start || unnamed === 0) continue;
      let at = start;
      while (this.#erasures.has(at)) at += 1;
      this.#report.add('leaf-gone', at, `${unnamed} leaves are gone and no row names them`, 'a leaf', 'only its hash');
    }
    if (dropped > 0) this.#report.add('dropped', first, `rows below ${end} were dropped by policy`, 0, dropped);
  }

  #judgeErasures(end: number, signed: number): void {
    const starts = Float64Array.from(this.#runs, ([from]) => from);
    for (const [row, { seq, reason }] of this.#erasures) {
      const gone = row < (this.#runs[countBelow(starts, row + 1) - 1]?.[1] ?? 0);
      const [start, stop] = this.#report.range;
      if (gone && row >= end)
        this.#report.add('dropped', row, `the row was erased by row ${seq}`, 'a leaf', 'its hash');
      if (!gone && row >= Math.max(start, end) && row < stop)
        this.#report.add('erase-row', seq, `the leaf of row ${row}, which it erases, is still there`);
      if (row >= seq || !reason)
        this.#report.add('erase-row', seq, 'it names no row before it, or no reason', `< ${seq}`, row);
      if (this.#notes.has(row + 1))
        this.#report.add('erase-row', seq, 'the row under a note is a seal, which must stay');
    }
    for (const seq of this.#again.filter((one) => one < signed))
      this.#report.add('erase-row', seq, 'the row that it names was erased before');
  }
}

/** How many numbers of an ascending list are below a limit. */
function countBelow(list: Float64Array, limit: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
