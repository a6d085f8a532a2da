import { hash } from 'node:crypto';
import type { Fold, NetRow, RollupEntry } from '@outwitness/event';

const NONE: ReadonlySet<string> = new Set();

/** A part of the rollup that is made anew, piece by piece, on top of what is given first. */
export class FoldedRollup {
  readonly #fold: Fold;
  readonly #entries = new Map<string, RollupEntry>();
  readonly #hosts = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();

  constructor(fold: Fold) {
    this.#fold = fold;
  }

  /** Takes over entries as they are. */
  start(entries: Iterable<RollupEntry>): void {
    for (const entry of entries) this.#put(keyText(entry), entry);
  }

  /** Folds rows, ascending by `seq`. */
  add(rows: readonly NetRow[]): void {
    for (const entry of this.#fold(rows, (hour, name) => this.#hosts.get(`${hour} ${name}`) ?? NONE)) {
      const key = keyText(entry);
      const before = this.#entries.get(key);
      this.#put(key, before === undefined ? entry : sum(before, entry));
      this.#changed.add(key);
    }
  }

  /** Entries that {@link add} made or changed, with their new values. */
  changed(): RollupEntry[] {
    return [...this.#changed].map((key) => this.#entries.get(key)).filter((entry) => entry !== undefined);
  }

  entries(): RollupEntry[] {
    return [...this.#entries.values()];
  }

  /** The days (`hour` div 24) of changed entries, ascending. */
  changedDays(): number[] {
    return [...new Set(this.changed().map(({ hour }) => Math.floor(hour / 24)))].sort((a, b) => a - b);
  }

  /** Digest of one day's entries; docs/formats/chain.md, "Retention". */
  digest(day: number): string {
    const lines = [...this.#entries.values()]
      .filter(({ hour }) => Math.floor(hour / 24) === day)
      .map((entry) => columns(entry))
      .sort(byKey);
    return hash('sha256', lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'hex');
  }

  #put(key: string, entry: RollupEntry): void {
    this.#entries.set(key, entry);
    const group = `${entry.hour} ${entry.package}`;
    const hosts = this.#hosts.get(group) ?? new Set();
    this.#hosts.set(group, hosts.add(entry.host));
  }
}

/** No field can hold a control character. */
function keyText(entry: RollupEntry): string {
  return columns(entry).slice(0, KEY_COLUMNS).join('\n');
}

const KEY_COLUMNS = 10;

/** In the order of the table. */
function columns(entry: RollupEntry): (string | number)[] {
  const { hour, app, direction, channel, package: name, host, port, class: found, declared, vendor } = entry;
  const { events, errors, bytesOut, bytesIn, firstSeq, lastSeq } = entry;
  const key = [hour, app, direction, channel, name, host, port, found, declared, vendor];
  return [...key, events, errors, bytesOut, bytesIn, firstSeq, lastSeq];
}

function byKey(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let at = 0; at < KEY_COLUMNS; at++) {
    const [one, other] = [a[at] ?? 0, b[at] ?? 0];
    const order =
      typeof one === 'number' ? one - Number(other) : Buffer.compare(Buffer.from(one), Buffer.from(String(other)));
    if (order !== 0) return order;
  }
  return 0;
}

function sum(a: RollupEntry, b: RollupEntry): RollupEntry {
  return {
    ...a,
    events: a.events + b.events,
    errors: a.errors + b.errors,
    bytesOut: a.bytesOut + b.bytesOut,
    bytesIn: a.bytesIn + b.bytesIn,
    firstSeq: Math.min(a.firstSeq, b.firstSeq),
    lastSeq: Math.max(a.lastSeq, b.lastSeq),
  };
}
