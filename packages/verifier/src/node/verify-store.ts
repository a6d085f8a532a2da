/** A store (store-sqlite.md) in the order of verification.md. Node only. */
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';

import { equalBytes } from '../bytes.ts';
import { decodeUtf8, parseCanonical } from '../canonical.ts';
import { Columns, INDEXED } from './columns.ts';
import type { Crypto } from '../crypto-port.ts';
import type { Report } from '../findings.ts';
import { Ledger, LEAF_BYTES, NO_HASH } from '../ledger.ts';
import type { Note } from '../note.ts';
import { LogNotes, StoreNotes } from './note-sources.ts';
import type { Pins } from '../pins.ts';
import { Rollup } from './rollup.ts';
import { RowSlices } from './row-slices.ts';
import { canReadRows, compareSchema } from './schema.ts';
import { Spools } from './spools.ts';
import { bytesOf, compareNode, compareState, compareTexts, each, storedNode } from './tables.ts';
import type { VerifyOptions } from '../verify-bundle.ts';

const APPLICATION_ID = 1_331_123_249;
const USER_VERSION = 2;
const LAST = Number.MAX_SAFE_INTEGER;
const MOST_COUNTED = 1_000_000;

/** Every table may be there all the same: the numbers of the header are no part of a dump. */
const NO_STORE =
  'no store by its application_id; where a dump was restored, set that and user_version first (store-sqlite.md)';

export interface StoreOptions extends VerifyOptions {
  /** Judge only so many of the newest rows. */
  newest?: number;
  /** `checkpoints.log`, and how much of it there was before the store was opened. */
  log?: { path: string; bytes: number };
}

export class StoreVerifier {
  /** A living ledger dropped leaves while it was read: what was found counts for nothing. */
  outdated = false;
  readonly #db: DatabaseSync;
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #pins: Pins;
  readonly #options: StoreOptions;
  readonly #ledger: Ledger;
  readonly #rollup = new Rollup();
  readonly #columns = new Columns();
  readonly #spools = new Spools();
  /** Objects of the schema that stand as they must. */
  #sound = new Set<string>();
  #storeNotes: StoreNotes | undefined;
  #logNotes: LogNotes | undefined;
  #newestOfLog: Note | undefined;
  #nodes = 0;
  #total = 0;
  #version = '';
  /** Rows below were dropped, or are being dropped: the base speaks for them. */
  #cut = 0;
  #baseDays = new Map<number, string>();

  constructor(db: DatabaseSync, crypto: Crypto, report: Report, pins: Pins, options: StoreOptions) {
    this.#db = db;
    this.#crypto = crypto;
    this.#report = report;
    this.#pins = pins;
    this.#options = options;
    this.#ledger = new Ledger(crypto, report, (level, index, hash) => {
      this.#nodes += 1;
      if (this.#has('nodes')) compareNode(db, report, level, index, hash);
    });
  }

  /** Throws only what SQLite throws. */
  async verify(): Promise<void> {
    if (!this.#readHeader()) return;
    this.#sound = compareSchema(this.#db, this.#report, this.#version);
    if (!this.#has('rows') && !canReadRows(this.#db))
      return this.#report.add('empty', -1, 'no table rows that could be read');
    const { log, newest } = this.#options;
    const dropping = this.#dropping();
    this.#readCuts();
    const from = newest === undefined ? 0 : this.#startAtNewest(newest);
    if (from > 0) this.#spools.forget();
    if (this.#has('checkpoints')) this.#storeNotes = new StoreNotes(this.#db, this.#report, from === 0 ? -LAST : from);
    if (log !== undefined && newest === undefined) this.#logNotes = new LogNotes(log.path, log.bytes, this.#report);
    await this.#logNotes?.next();

    if (newest === undefined) await this.#judgeRows(this.#newestSize());
    // What a living ledger has added meanwhile, and the tables that move with it, in one short look.
    this.#db.exec('BEGIN');
    try {
      await this.#judgeRows(LAST);
      this.outdated = this.#dropping() !== dropping;
      if (this.outdated) return;
      if (this.#ledger.next === 0) return this.#report.add('empty', -1, 'there are no rows');
      await this.#judgeNotesBeyond();
      this.#compareTables();
    } finally {
      this.#db.exec('ROLLBACK');
    }
    if (newest === undefined) await this.#compareColumns();
    else this.#listOlder(from);
    await this.#conclude(from);
  }

  #readHeader(): boolean {
    const [id, version, encoding] = ['application_id', 'user_version', 'encoding'].map((name) =>
      String(this.#value(`PRAGMA ${name}`)),
    );
    if (id === '0' && this.#number('SELECT count(*) FROM sqlite_schema') === 0)
      this.#report.add('empty', -1, 'the database is empty');
    else if (id !== `${APPLICATION_ID}`) this.#report.add('unreadable', -1, NO_STORE, APPLICATION_ID, id);
    else if (Number(version) > USER_VERSION)
      this.#report.add('version', -1, 'newer than this verifier', USER_VERSION, version);
    else {
      this.#version = `${version}`;
      if (version !== `${USER_VERSION}` && version !== '1')
        this.#report.add('schema', -1, 'user_version is another', USER_VERSION, version);
      if (encoding !== 'UTF-8') this.#report.add('schema', -1, 'the encoding is another', 'UTF-8', encoding);
      return true;
    }
    return false;
  }

  #has(table: string): boolean {
    return this.#sound.has(`table ${table}`);
  }

  #value(select: string): unknown {
    return Object.values(this.#db.prepare(select).get() ?? {})[0];
  }

  #number(select: string): number {
    return Number(this.#value(select) ?? 0);
  }

  /** No more than so many are counted: there may be no end of them. */
  #count(what: string, most = MOST_COUNTED): number {
    return this.#number(`SELECT count(*) FROM (SELECT 1 FROM ${what} LIMIT ${most})`);
  }

  #newestSize(): number {
    return this.#has('checkpoints') ? this.#number(`SELECT max(size) FROM checkpoints WHERE size <= ${LAST}`) : 0;
  }

  /** Judges rows from where it stopped up to a number, in slices: `seq`, `leaf` and `row_hash` and no other column. */
  async #judgeRows(to: number): Promise<void> {
    const rows = new RowSlices(this.#db);
    this.#total = Math.max(this.#total, to === LAST ? 0 : to);
    if (this.#storeNotes?.ahead === undefined) this.#storeNotes?.next();
    for (;;) {
      const [from, slice] = [this.#ledger.next, rows.read(this.#ledger.next, to)];
      if (slice.length === 0) return;
      for (const { seq, gone, leaf, hash } of slice) {
        this.#judgeRow(seq, gone, leaf, hash);
        this.#pins.judgeAt(seq + 1, this.#ledger.origin, () => this.#ledger.tree.root());
        if (this.#ledger.seal !== undefined || this.#isNoteDue(seq + 1)) await this.#judgeNotes(seq + 1);
      }
      if (this.#ledger.next <= from) throw new Error(`the pages of the table rows lead back from row ${from}`);
      await this.#breathe();
    }
  }

  #judgeRow(seq: number, gone: boolean, bytes: Uint8Array | undefined, hash: Uint8Array | undefined): void {
    if (hash === undefined) this.#report.add('leaf-hash', seq, 'the row hash is no 32 bytes');
    if (bytes === undefined) {
      this.#columns.add(undefined, seq);
      this.#spools.forget();
      if (!gone) this.#report.add('leaf-canonical', seq, `the leaf is no text of at most ${LEAF_BYTES} bytes`);
      return this.#ledger.droppedRow(seq, hash ?? NO_HASH);
    }
    const leaf = this.#ledger.row(seq, bytes, hash);
    this.#columns.add(leaf, seq);
    if (this.#ledger.seal !== undefined) this.#spools.seal(seq, this.#ledger.seal);
    if (leaf === undefined || this.#options.newest !== undefined) return;
    if (seq >= this.#cut) this.#rollup.fold(leaf, seq);
    else if (leaf.get('kind') === 'net') this.#report.notChecked('leaves below a cut that are still to be dropped');
  }

  #isNoteDue(size: number): boolean {
    return Math.min(this.#storeNotes?.ahead?.size ?? LAST, this.#logNotes?.ahead?.size ?? LAST) <= size;
  }

  /** Judges the notes of store and log up to a size whose last row has just been judged. */
  async #judgeNotes(size: number): Promise<void> {
    const [store, log] = [this.#storeNotes, this.#logNotes];
    if (this.#ledger.seal !== undefined && store?.ahead !== undefined && store.ahead.size > size) {
      this.#report.add('note', size - 1, 'a seal has no note, though later ones have');
    }
    for (let note = store?.take(size); note !== undefined; note = store?.take(size)) {
      this.#ledger.note(note, note.size === size ? this.#ledger.tree.root() : NO_HASH);
      this.#ledger.sealUnder(note);
    }
    for (let note = await log?.take(size); note !== undefined; note = await log?.take(size)) {
      this.#newestOfLog = note;
      if (note.size === size && equalBytes(note.root, this.#ledger.tree.root())) continue;
      this.#report.add('root', note.size - 1, 'a note of checkpoints.log has another root than the rows');
    }
  }

  /** Notes over rows that are not there: of the store, then of the log. */
  async #judgeNotesBeyond(): Promise<void> {
    const [store, log, rows] = [this.#storeNotes, this.#logNotes, this.#ledger.next];
    let beyond: Note | undefined;
    for (let note = store?.take(LAST); note !== undefined; note = store?.take(LAST)) beyond = note;
    if (beyond !== undefined) {
      this.#report.add('truncated', rows, 'a note covers more rows than there are', beyond.size, rows);
      this.#ledger.note(beyond, undefined);
    }
    for (let note = await log?.take(LAST); note !== undefined; note = await log?.take(LAST)) this.#newestOfLog = note;
    const [ahead, newest] = [this.#newestOfLog, this.#ledger.newestNote?.size ?? 0];
    if (ahead === undefined || ahead.size <= newest) return;
    const [code, text, ...said] = (await this.#ledger.signatureProblem(ahead)) ?? [];
    const isAhead = 'checkpoints.log holds a valid note newer than the store';
    // `key` with a known log key: that one did sign, and the epoch began after the store ends.
    if (code === undefined || (code === 'key' && this.#ledger.logKey !== undefined))
      this.#report.add('log-ahead', ahead.size - 1, isAhead, ahead.size, newest);
    else this.#report.add(code, ahead.size - 1, `checkpoints.log: ${text}`, ...said);
  }

  #compareTables(): void {
    const { newestSeal, newestNote, next } = this.#ledger;
    for (const table of ['pending', 'writers'] as const) {
      if (!this.#has(table) || newestSeal === undefined || newestNote?.size !== next) continue;
      compareState(this.#db, this.#crypto, this.#report, table, newestSeal);
    }
    if (this.#has('spools') && newestNote?.size === next) this.#spools.compare(this.#db, this.#report);
    if (this.#options.newest !== undefined) return;
    const strays = this.#count(`rows WHERE seq < 0 OR seq >= ${LAST}`);
    if (strays > 0) this.#report.add('seq', -1, 'rows have numbers below 0 or beyond 2^53', 0, strays);
    if (this.#has('checkpoints')) {
      const odd = this.#count(`checkpoints WHERE size > ${LAST}`);
      if (odd > 0) this.#report.add('note', -1, 'notes have sizes beyond 2^53', 0, odd);
    }
    const nodes = this.#has('nodes') ? this.#count('nodes', this.#nodes + 1) : 0;
    if (nodes > this.#nodes) this.#report.add('nodes', -1, 'there are nodes of no subtree', this.#nodes, nodes);
    if (this.#has('rollup_base')) this.#compareBase();
    if (this.#has('rollup')) this.#rollup.compare(this.#db, this.#report);
    if (this.#has('texts')) compareTexts(this.#db, this.#crypto, this.#report, this.#ledger.named);
    this.#report.notChecked('owner and drained of the table spools: no seal names them');
  }

  /** How many rows have dropped something by now: while it is read, a living ledger may drop what was still to be read. */
  #dropping(): number {
    return this.#has('rows') ? this.#count("rows WHERE kind IN ('vacuum', 'erase')") : 0;
  }

  /** The cuts, and the rows that are erased, before the rows that they lie in are read. */
  #readCuts(): void {
    if (!this.#has('rows')) return;
    const select = `SELECT ${bytesOf('leaf', LEAF_BYTES)} AS leaf FROM rows WHERE kind IN ('vacuum', 'erase')`;
    for (const { leaf } of each(this.#db, this.#db.prepare(select))) {
      const row = parseCanonical(decodeUtf8(leaf as Uint8Array) ?? '');
      const to = typeof row === 'string' ? 0 : Number(row.get('to') ?? 0);
      const erased = typeof row === 'string' ? -1 : Number(row.get('row') ?? -1);
      this.#ledger.retention.watched.add(to).add(erased + 1);
      this.#cut = Math.max(this.#cut, to);
    }
    if (this.#has('rollup_base')) this.#baseDays = this.#rollup.startFromBase(this.#db, this.#crypto);
  }

  #compareBase(): void {
    const named = this.#ledger.retention.rollupDays;
    for (const day of new Set([...named.keys(), ...this.#baseDays.keys()])) {
      const [said, got] = [named.get(day) ?? 'none', this.#baseDays.get(day) ?? 'none'];
      if (said !== got)
        this.#report.add('rollup', -1, `the base of day ${day} is not what a vacuum row says`, said, got);
    }
  }

  async #compareColumns(): Promise<void> {
    const areSound = this.#has('rows') && INDEXED.every((name) => this.#sound.has(`index rows_${name}`));
    if (areSound) await this.#columns.compare(this.#db, this.#report, () => this.#breathe());
    else this.#report.notChecked('the columns and their indexes, since their definition is another');
  }

  async #conclude(from: number): Promise<void> {
    const rows = this.#ledger.next;
    const size = this.#ledger.newestNote?.size ?? 0;
    Object.assign(this.#report, { origin: this.#ledger.origin, size, range: [from, Math.min(rows, size || rows)] });
    if (size === 0) this.#report.add('no-note', -1, 'there are rows, but no note signs them');
    else if (rows > size) this.#report.add('tail', size, 'rows are newer than the newest note', size, rows);
    if (this.#options.log === undefined) this.#report.notChecked('checkpoints.log: it is not beside the store');
    await this.#ledger.finish(this.#options.now ?? Date.now() * 1000, this.#options.newest === undefined);
    await this.#pins.finish(this.#ledger, size);
  }

  /** Goes to the newest rows, on top of what `nodes` and the row hashes say about those before. */
  #startAtNewest(count: number): number {
    const rows = this.#number(`SELECT max(seq) + 1 FROM rows WHERE seq < ${LAST}`);
    const from = Math.max(0, Math.min(this.#newestSize() || rows, rows) - count);
    if (from === 0) return 0;
    this.#ledger.readLeaf(0, this.#bytes(`SELECT ${bytesOf('leaf', LEAF_BYTES)} FROM rows WHERE seq = 0`));
    const select = `SELECT seq, ${bytesOf('leaf', LEAF_BYTES)} AS leaf FROM rows WHERE kind IN ('key', 'vacuum', 'erase') AND seq < ? ORDER BY seq`;
    for (const { seq, leaf } of this.#has('rows') ? each(this.#db, this.#db.prepare(select), from) : []) {
      this.#ledger.readLeaf(Number(seq), leaf instanceof Uint8Array ? leaf : NO_HASH);
    }
    const before = this.#bytes(`SELECT ${bytesOf('row_hash', 32)} FROM rows WHERE seq = ${from - 1}`);
    const tree = this.#ledger.startAt(from, before);
    for (let level = 48; level > 0 && this.#has('nodes'); level -= 8) {
      for (; tree.size + 2 ** level <= from;) {
        const node = storedNode(this.#db, level, tree.size / 2 ** level);
        if (node === undefined) this.#report.add('nodes', tree.size, `a node of level ${level} is missing`);
        tree.append(node ?? NO_HASH, level);
      }
    }
    const hashes = `SELECT ${bytesOf('row_hash', 32)} AS hash FROM rows NOT INDEXED WHERE seq >= ? AND seq < ? ORDER BY seq`;
    for (const { hash } of each(this.#db, this.#db.prepare(hashes), tree.size, from))
      tree.append(hash instanceof Uint8Array ? hash : NO_HASH);
    return from;
  }

  #bytes(select: string): Uint8Array {
    const value = this.#value(select);
    return value instanceof Uint8Array ? value : NO_HASH;
  }

  #listOlder(from: number): void {
    const missing = Number(this.#ledger.newestSeal?.get('missing') ?? 0);
    if (missing > 0 && !this.#report.has('gap'))
      this.#report.add('gap', -1, 'rows are known to be missing', 0, missing);
    this.#report.notChecked(`rows before ${from}: only that nodes and row hashes give the root of the newest note`);
    this.#report.notChecked(
      'older notes, checkpoints.log, columns, rollup, texts, and whether a policy allowed what was dropped',
    );
  }

  /** Lets signals and progress come in. */
  async #breathe(): Promise<void> {
    this.#options.onProgress?.(this.#ledger.next, Math.max(this.#total, this.#ledger.next));
    await setImmediate();
  }
}
