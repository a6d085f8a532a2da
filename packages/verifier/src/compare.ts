/** Two statements about one record: are they of one history? (verification.md, "Comparing two"). Free of node: imports. */
import { equalBytes, utf8 } from './bytes.ts';
import type { Crypto } from './crypto-port.ts';
import { type Finding, Report, type Result } from './findings.ts';
import type { Ledger } from './ledger.ts';
import { CompactRange } from './merkle.ts';
import { type Note, signs } from './note.ts';
import { Pins } from './pins.ts';
import { type LogIdentity, type Tiles, verifySplitView, writeSplitView } from './split-view.ts';

export type Relation = 'same' | 'prefix' | 'unproven' | 'split-view' | 'unverifiable';

/** Like every result, and how the two relate; `evidence` is the text of a split view, else `''`. */
export interface Comparison extends Result {
  relation: Relation;
  evidence: string;
}

/** Collects from a bundle, while it is verified, its roots at given sizes and the tiles that prove them. */
export class Watch {
  ledger: Ledger | undefined;
  readonly #sizes: ReadonlySet<number>;
  readonly #roots = new Map<number, Uint8Array>();
  readonly #left = new Map<number, Uint8Array[]>();
  readonly #right = new Map<number, CompactRange>();

  constructor(sizes: Iterable<number>) {
    this.#sizes = new Set(sizes);
  }

  get identity(): LogIdentity | undefined {
    const { logKey, genesis = '' } = this.ledger ?? {};
    return logKey === undefined ? undefined : { logKey, genesis };
  }

  at(size: number, crypto: Crypto): void {
    const tree = this.ledger?.tree;
    if (tree === undefined || !this.#sizes.has(size)) return;
    this.#roots.set(size, tree.root());
    this.#left.set(size, tree.tiles());
    const after = new CompactRange(crypto, undefined, size);
    tree.followers.push(after);
    this.#right.set(size, after);
  }

  root(size: number): Uint8Array | undefined {
    return this.#roots.get(size);
  }

  tiles(size: number): Tiles {
    return { left: this.#left.get(size) ?? [], right: this.#right.get(size)?.tiles() ?? [] };
  }
}

/** One of the two: a checkpoint alone, or what a bundle gave. */
export interface Side {
  /** Ascending by size, at least one. */
  notes: readonly Note[];
  watch?: Watch;
  /** What the verification of the bundle found. */
  findings?: readonly Finding[];
}

/** @throws UsageError for a pin that is none */
export async function compare(a: Side, b: Side, crypto: Crypto, pins: readonly string[] = []): Promise<Comparison> {
  const report = new Report();
  const known = new Pins(crypto, report, pins);
  const [older, newer] = newestOf(a).size <= newestOf(b).size ? [a, b] : [b, a];
  const [before, after] = [newestOf(older), newestOf(newer)];
  const { origin } = after;
  Object.assign(report, { origin, size: after.size, range: [before.size, after.size] });
  const end = (relation: Relation, evidence = ''): Comparison => ({ ...report.result(), relation, evidence });
  if (before.origin !== origin) {
    report.add('unreadable', -1, 'the two are of different records', before.origin, origin);
    return end('unverifiable');
  }
  const identity = a.watch?.identity ?? b.watch?.identity ?? known.identity(origin);
  if (identity === undefined) {
    report.add('unreadable', -1, 'no key is known to check the checkpoints with: pin the log key of this origin');
    return end('unverifiable');
  }
  for (const [evidence, size] of candidates(older, newer, identity)) {
    const { findings } = await verifySplitView(utf8(evidence), crypto, { pins });
    const found = findings.find(({ code }) => code === 'split-view');
    if (found === undefined) continue;
    report.add('split-view', size - 1, found.text, found.expected, found.got);
    return end('split-view', evidence);
  }
  for (const side of [a, b]) {
    const which = side === a ? 'first' : 'second';
    for (const { code, severity, seq, text, expected, got } of side.findings ?? [])
      if (severity !== 'INCOMPLETE' && severity !== 'STALE' && severity !== 'UNANCHORED')
        report.add(code, seq, `of the ${which}: ${text}`, expected, got);
    const note = newestOf(side);
    if (!(await signs(crypto, origin, identity.logKey, note, note.log)))
      report.add('signature', note.size - 1, `the log key did not sign the newest note of the ${which}`);
  }
  if (report.result().findings.length > 0) return end('unverifiable');
  if (pins.length === 0) report.notChecked('that this is the true key of the record: no pin was given');
  const root = before.size === after.size ? after.root : newer.watch?.root(before.size);
  if (root !== undefined) return end(before.size === after.size ? 'same' : 'prefix');
  report.add('subset', -1, 'the newer one does not hold the rows that would show it goes on from the older one');
  return end('unproven');
}

function newestOf({ notes }: Side): Note {
  return notes[notes.length - 1] as Note;
}

/** Where the two contradict each other, as evidence that is still to be checked, and the size where they part. */
function* candidates(older: Side, newer: Side, identity: LogIdentity): Generator<[evidence: string, size: number]> {
  const bySize = new Map(older.notes.map((note) => [note.size, note]));
  for (const note of newer.notes) {
    const other = bySize.get(note.size);
    if (other !== undefined && !equalBytes(other.root, note.root))
      yield [writeSplitView(other, note, identity), note.size];
  }
  for (const [one, { watch, notes }] of [[older, newer] as const, [newer, older] as const]) {
    const newest = notes[notes.length - 1] as Note;
    for (const note of one.notes) {
      const root = note.size < newest.size ? watch?.root(note.size) : undefined;
      if (root !== undefined && !equalBytes(root, note.root))
        yield [writeSplitView(note, newest, identity, watch?.tiles(note.size)), note.size];
    }
  }
}
