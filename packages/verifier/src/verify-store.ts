/** A store (store-sqlite.md) in the order of verification.md. Node only. */
import { createReadStream } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';

import { equalBytes, fromBase64, toHex } from './bytes.ts';
import { decodeUtf8, type Leaf } from './canonical.ts';
import { Columns, INDEXED } from './columns.ts';
import { judgeNewestSeal } from './conclude.ts';
import type { Crypto } from './crypto-port.ts';
import type { Report } from './findings.ts';
import { Identity } from './identity.ts';
import { readLines } from './lines.ts';
import { CompactRange } from './merkle.ts';
import { type Note, NOTE_BYTES, parseNote } from './note.ts';
import { Notes } from './notes.ts';
import type { Pins } from './pins.ts';
import { Rollup } from './rollup.ts';
import { LEAF_BYTES, readLeaf, Rows } from './rows.ts';
import { fold, NORMATIVE } from './schema.ts';
import type { VerifyOptions } from './verify-bundle.ts';

const APPLICATION_ID = 0x4f575431;
const USER_VERSION = 1;
const SLICE = 500;
const OBJECTS = 1000;
const TEXT_BYTES = 4 * 1024 * 1024;
const RECORD_BYTES = 1024 * 1024;
const NO_HASH = new Uint8Array(32);

export interface StoreInput {
  db: DatabaseSync;
  live: boolean;
  /** `checkpoints.log`, and how much of it was there before the store was opened. */
  log: { path: string; bytes: number } | undefined;
}

interface StoredRow {
  seq: number;
  leaf: Uint8Array | null;
  row_hash: Uint8Array | null;
}

interface SizedNote {
  size: number;
  bytes: Uint8Array | undefined;
}

/** Judges a store into the report. Throws only what SQLite throws. */
export async function judgeStore(
  input: StoreInput,
  crypto: Crypto,
  report: Report,
  pins: Pins,
  options: VerifyOptions & { newest?: number },
): Promise<void> {
  await new StoreVerifier(input, crypto, report, pins, options).verify();
}

class StoreVerifier {
  readonly #db: DatabaseSync;
  readonly #input: StoreInput;
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #pins: Pins;
  readonly #options: VerifyOptions & { newest?: number };
  readonly #identity: Identity;
  readonly #notes: Notes;
  readonly #tree: CompactRange;
  readonly #rollup = new Rollup();
  readonly #columns = new Columns();
  readonly #policies = new Set<string>();
  /** Objects of the schema that stand as they must. */
  readonly #sound = new Set<string>();
  #rows: Rows;
  /** The next note of the store; those behind it are read in slices, beyond the size `#notesRead`. */
  #storeNote: SizedNote | undefined;
  #noteSlice: Record<string, unknown>[] = [];
  #notesRead = -Infinity;
  #logNotes: AsyncIterator<SizedNote> | undefined;
  #logNote: SizedNote | undefined;
  #newestOfLog: Note | undefined;
  #newestSeal: Leaf | undefined;
  #completeNodes = 0;
  #total = 0;

  constructor(
    input: StoreInput,
    crypto: Crypto,
    report: Report,
    pins: Pins,
    options: VerifyOptions & { newest?: number },
  ) {
    this.#input = input;
    this.#db = input.db;
    this.#crypto = crypto;
    this.#report = report;
    this.#pins = pins;
    this.#options = options;
    this.#identity = new Identity(crypto, report);
    this.#notes = new Notes(crypto, report, this.#identity);
    this.#tree = new CompactRange(crypto, (level, index, hash) => this.#compareNode(level, index, hash));
    this.#rows = new Rows(crypto, report, this.#identity, 0);
  }

  async verify(): Promise<void> {
    if (!this.#readHeader()) return;
    this.#compareSchema();
    if (!this.#canReadRows()) return this.#report.add('empty', -1, 'there is no table rows that could be read');
    if (this.#options.newest !== undefined) return this.#verifyNewest(this.#options.newest);
    if (this.#input.log !== undefined) this.#logNotes = this.#readLog(this.#input.log);
    this.#logNote = (await this.#logNotes?.next())?.value as SizedNote | undefined;

    await this.#judgeRows(this.#newestSize());
    // What a living ledger has added meanwhile, and the tables that move with it, in one short look.
    this.#db.exec('BEGIN');
    try {
      await this.#judgeRows(Number.MAX_SAFE_INTEGER);
      if (this.#rows.next === 0) return this.#report.add('empty', -1, 'there are no rows');
      await this.#judgeNotesBeyond();
      const strays = `SELECT count(*) AS n FROM rows WHERE seq < 0 OR seq >= ${Number.MAX_SAFE_INTEGER}`;
      const stray = Number(this.#db.prepare(strays).get()?.['n']);
      if (stray > 0) this.#report.add('seq', -1, 'rows have numbers below 0 or beyond 2^53', '0', `${stray}`);
      this.#compareTables();
    } finally {
      this.#db.exec('ROLLBACK');
    }
    await this.#compareColumns();
    await this.#conclude();
  }

  #readHeader(): boolean {
    const pragma = (name: string): unknown => Object.values(this.#db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    const [id, version, encoding] = ['application_id', 'user_version', 'encoding'].map((name) => pragma(name));
    const objects = this.#db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
    if (id === 0 && version === 0 && objects === 0) {
      this.#report.add('empty', -1, 'the database is empty');
    } else if (id !== APPLICATION_ID) {
      this.#report.add('unreadable', -1, 'the database is no store', `application_id ${APPLICATION_ID}`, String(id));
    } else if (Number(version) > USER_VERSION) {
      this.#report.add('version', -1, 'the store is newer than this verifier', `${USER_VERSION}`, String(version));
    } else {
      if (version !== USER_VERSION)
        this.#report.add('schema', -1, 'user_version is another', `${USER_VERSION}`, String(version));
      if (encoding !== 'UTF-8') this.#report.add('schema', -1, 'the encoding is another', 'UTF-8', String(encoding));
      return true;
    }
    return false;
  }

  #compareSchema(): void {
    const text = (name: string): string =>
      `CASE WHEN octet_length(${name}) <= 65536 THEN ${name} ELSE '' END AS ${name}`;
    const objects = this.#db
      .prepare(`SELECT ${text('type')}, ${text('name')}, ${text('sql')} FROM sqlite_schema LIMIT ${OBJECTS}`)
      .all()
      .map((row) => ({
        key: `${row['type']} ${row['name']}`,
        name: String(row['name']),
        sql: fold(String(row['sql'])),
      }));
    for (const { key, name, sql } of objects) {
      const expected = NORMATIVE.get(key);
      if (/^sqlite_(?:stat\d|sequence$)/.test(name)) continue;
      if (expected === undefined) this.#report.add('schema', -1, `${key} does not belong here`, '', sql);
      else if (sql !== expected) this.#report.add('schema', -1, `${key} is defined otherwise`, expected, sql);
      else this.#sound.add(key);
    }
    for (const [key, sql] of NORMATIVE) {
      if (!objects.some((object) => object.key === key)) this.#report.add('schema', -1, `${key} is missing`, sql);
    }
  }

  /**
   * Rows are read even where their table is defined otherwise, if reading them runs no text of the attacker: a true
   * table, numbered by seq, whose three columns are stored and not generated.
   */
  #canReadRows(): boolean {
    if (this.#sound.has('table rows')) return true;
    const table = this.#db.prepare("PRAGMA table_list('rows')").get();
    if (table?.['type'] !== 'table' || table['wr'] !== 0) return false;
    const columns = this.#db.prepare("PRAGMA table_xinfo('rows')").all();
    return ['seq', 'leaf', 'row_hash'].every((name) => {
      const column = columns.find((one) => one['name'] === name);
      return column?.['hidden'] === 0 && (name !== 'seq' || (column['type'] === 'INTEGER' && column['pk'] === 1));
    });
  }

  #newestSize(): number {
    if (!this.#sound.has('table checkpoints')) return 0;
    const size = `CASE WHEN max(size) <= ${Number.MAX_SAFE_INTEGER} THEN max(size) END`;
    return Number(this.#db.prepare(`SELECT ${size} AS size FROM checkpoints`).get()?.['size'] ?? 0);
  }

  /** Judges rows from where it stopped up to a number, in slices. */
  async #judgeRows(to: number): Promise<void> {
    const select = this.#db.prepare(
      `SELECT seq,
        CASE WHEN typeof(leaf) = 'text' AND octet_length(leaf) <= ${LEAF_BYTES} THEN CAST(leaf AS BLOB) END AS leaf,
        CASE WHEN typeof(row_hash) = 'blob' AND octet_length(row_hash) = 32 THEN row_hash END AS row_hash
      FROM rows NOT INDEXED WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ${SLICE}`,
    );
    this.#storeNote ??= this.#nextStoreNote();
    this.#total = Math.max(this.#total, to === Number.MAX_SAFE_INTEGER ? 0 : to);
    for (let slice: StoredRow[] = []; ;) {
      slice = select.all(this.#rows.next, to) as unknown as StoredRow[];
      for (const row of slice) {
        this.#judgeRow(row.seq, row);
        if (row.seq + 1 >= Math.min(this.#storeNote?.size ?? Infinity, this.#logNote?.size ?? Infinity)) {
          await this.#judgeNotes(row.seq + 1);
        }
        this.#pins.judgeAt(row.seq + 1, this.#identity.origin, () => this.#tree.root());
      }
      if (slice.length === 0) return;
      await this.#breathe();
    }
  }

  #judgeRow(seq: number, { leaf, row_hash: stored }: StoredRow): void {
    if (stored === null) this.#report.add('leaf-hash', seq, 'the row hash is no 32 bytes');
    if (leaf === null) {
      this.#report.add('leaf-canonical', seq, `the leaf is no text of at most ${LEAF_BYTES} bytes`);
      this.#rows.takeHash(seq, stored ?? NO_HASH);
      return this.#tree.append(stored ?? NO_HASH);
    }
    const judged = this.#rows.take(seq, leaf, stored ?? undefined);
    this.#columns.add(judged.leaf, seq);
    if (judged.leaf !== undefined) {
      this.#rollup.fold(judged.leaf, seq);
      if (judged.leaf.get('kind') === 'policy') this.#policies.add(String(judged.leaf.get('catalogue')));
    }
    this.#tree.append(judged.hash);
  }

  /** Judges the notes of store and log up to a size, whose last row has just been judged. */
  async #judgeNotes(size: number): Promise<void> {
    let covered = false;
    for (; this.#storeNote !== undefined && this.#storeNote.size <= size; this.#storeNote = this.#nextStoreNote()) {
      const note = this.#parse(this.#storeNote, 'checkpoints');
      if (note === undefined) continue;
      covered = true;
      this.#notes.take(note, note.size === size ? this.#tree.root() : NO_HASH);
      this.#notes.judgeSeal(note, this.#rows.seal);
      this.#newestSeal = this.#rows.seal;
    }
    if (!covered && this.#rows.seal !== undefined && this.#storeNote !== undefined) {
      this.#report.add('note', size - 1, 'a seal has no note, though later ones have');
    }
    for (
      ;
      this.#logNote !== undefined && this.#logNote.size <= size;
      this.#logNote = (await this.#logNotes?.next())?.value
    ) {
      const note = this.#parse(this.#logNote, 'checkpoints.log');
      if (note === undefined) continue;
      this.#newestOfLog = note;
      if (note.size === size && equalBytes(note.root, this.#tree.root())) continue;
      this.#report.add('root', note.size - 1, 'a note of checkpoints.log has another root than the rows');
    }
  }

  /** Notes over rows that are not there: of the store, then of the log. */
  async #judgeNotesBeyond(): Promise<void> {
    const rows = this.#rows.next;
    let beyond: Note | undefined;
    for (; this.#storeNote !== undefined; this.#storeNote = this.#nextStoreNote()) {
      beyond = this.#parse(this.#storeNote, 'checkpoints') ?? beyond;
    }
    if (beyond !== undefined) {
      this.#report.add('truncated', rows, 'a note covers more rows than there are', `${beyond.size}`, `${rows}`);
      this.#notes.take(beyond, undefined);
    }
    for (; this.#logNote !== undefined; this.#logNote = (await this.#logNotes?.next())?.value) {
      this.#newestOfLog = this.#parse(this.#logNote, 'checkpoints.log') ?? this.#newestOfLog;
    }
    const [log, newest] = [this.#newestOfLog, this.#notes.newest];
    if (log === undefined || log.size <= (newest?.size ?? 0)) return;
    const problem = await this.#notes.signatureProblem(log);
    const text = 'checkpoints.log holds a valid note newer than the store';
    if (problem === undefined) this.#report.add('log-ahead', log.size - 1, text, `${log.size}`, `${newest?.size ?? 0}`);
    else
      this.#report.add(problem.code, log.size - 1, `checkpoints.log: ${problem.text}`, problem.expected, problem.got);
  }

  #parse({ size, bytes }: SizedNote, where: string): Note | undefined {
    const note = bytes === undefined ? 'no text, or too long' : parseNote(bytes);
    if (typeof note === 'string') this.#report.add('note', size - 1, `${where}: ${note}`);
    else if (note.size !== size)
      this.#report.add('note', size - 1, `${where}: stored under another size`, `${size}`, `${note.size}`);
    else return note;
    return undefined;
  }

  #nextStoreNote(): SizedNote | undefined {
    if (!this.#sound.has('table checkpoints')) return undefined;
    if (this.#noteSlice.length === 0) {
      const select = `SELECT CASE WHEN size BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER} THEN size END AS size,
        CASE WHEN octet_length(note) <= ${NOTE_BYTES} THEN CAST(note AS BLOB) END AS bytes
        FROM checkpoints WHERE size > ? ORDER BY size LIMIT ${SLICE}`;
      this.#noteSlice = this.#db.prepare(select).all(this.#notesRead);
    }
    const { size, bytes } = this.#noteSlice.shift() ?? {};
    if (size === undefined) return undefined;
    if (typeof size === 'number') {
      this.#notesRead = size;
      return { size, bytes: (bytes ?? undefined) as Uint8Array | undefined };
    }
    this.#report.add('note', -1, 'a note is stored under a size that is none');
    this.#sound.delete('table checkpoints');
    return undefined;
  }

  async *#readLog({ path, bytes }: { path: string; bytes: number }): AsyncGenerator<SizedNote, undefined> {
    if (bytes === 0) return undefined;
    let last = 0;
    for await (const line of readLines(createReadStream(path, { end: bytes - 1 }), 'ignore')) {
      const [, sizeText = '', encoded = ''] = /^([1-9]\d{0,15}) (\S+)$/.exec(decodeUtf8(line) ?? '') ?? [];
      const size = Number(sizeText);
      const note = fromBase64(encoded);
      if (note === undefined || size <= last) {
        this.#report.add('note', size - 1, 'checkpoints.log: a line is malformed or out of order');
        continue;
      }
      last = size;
      yield { size, bytes: note };
    }
    return undefined;
  }

  #compareNode(level: number, index: number, hash: Uint8Array): void {
    this.#completeNodes += 1;
    if (!this.#sound.has('table nodes')) return;
    const stored = this.#db
      .prepare('SELECT CASE WHEN octet_length(hash) = 32 THEN hash END AS hash FROM nodes WHERE level = ? AND idx = ?')
      .get(level, index)?.['hash'] as Uint8Array | null | undefined;
    if (equalBytes(stored ?? undefined, hash)) return;
    const text = `node ${index} of level ${level} is not that of the rows`;
    this.#report.add('nodes', index * 2 ** level, text, toHex(hash), stored ? toHex(stored) : 'none');
  }

  #compareTables(): void {
    const sound = (name: string): boolean => this.#sound.has(`table ${name}`);
    if (sound('nodes')) {
      const nodes = Number(this.#db.prepare('SELECT count(*) AS n FROM nodes').get()?.['n']);
      if (nodes > this.#completeNodes)
        this.#report.add('nodes', -1, 'nodes of no subtree', `${this.#completeNodes}`, `${nodes}`);
    }
    if (sound('rollup')) this.#rollup.compare(this.#db, this.#report);
    if (sound('pending')) this.#compareState('pending', 'pendingDigest');
    if (sound('writers')) this.#compareState('writers', 'writersDigest');
    if (sound('texts')) this.#compareTexts();
    this.#report.notChecked('the table spools: how far each spool file was read');
  }

  /** Digest and count of a table of the assembler against the newest seal, if that is the last row. */
  #compareState(table: 'pending' | 'writers', member: string): void {
    if (this.#newestSeal === undefined || this.#notes.newest?.size !== this.#rows.next) return;
    const digest = this.#crypto.sha256Stream();
    const blob = (name: string): string =>
      `CASE WHEN octet_length(${name}) <= ${RECORD_BYTES} THEN CAST(${name} AS BLOB) END`;
    const entries = this.#db.prepare(
      `SELECT ${blob('key')} AS key, ${blob('record')} AS record FROM ${table} ORDER BY key`,
    );
    let count = 0;
    for (const { key, record } of entries.iterate()) {
      count += 1;
      for (const part of [key, record]) {
        digest.update((part ?? NO_HASH) as Uint8Array);
        digest.update(Uint8Array.of(0x0a));
      }
    }
    const seq = this.#rows.next - 1;
    const [said, got] = [String(this.#newestSeal.get(member)), toHex(digest.digest())];
    if (said !== got) this.#report.add(table, seq, `the table ${table} is not that of the newest seal`, said, got);
    const counted = Number(this.#newestSeal.get('pending'));
    if (table === 'pending' && counted !== count) {
      this.#report.add(table, seq, 'open calls are not as many as the newest seal says', `${counted}`, `${count}`);
    }
  }

  #compareTexts(): void {
    const texts = this.#db.prepare(
      `SELECT CASE WHEN octet_length(sha256) = 64 THEN sha256 END AS digest,
        CASE WHEN octet_length(text) <= ${TEXT_BYTES} THEN CAST(text AS BLOB) END AS text FROM texts`,
    );
    for (const { digest, text } of texts.iterate()) {
      const got = text === null ? 'too long' : toHex(this.#crypto.sha256(text as Uint8Array));
      if (got !== digest) this.#report.add('text', -1, 'a stored text is not that of its digest', String(digest), got);
      this.#policies.delete(String(digest));
    }
    for (const digest of this.#policies)
      this.#report.add('text', -1, 'the text of a catalogue is missing', digest, 'none');
  }

  async #compareColumns(): Promise<void> {
    if (['table rows', ...INDEXED.map((name) => `index rows_${name}`)].every((name) => this.#sound.has(name))) {
      await this.#columns.compare(this.#db, this.#report, () => this.#breathe());
    } else {
      this.#report.notChecked('the columns and their indexes, since their definition is another');
    }
  }

  async #conclude(from = 0): Promise<void> {
    const [rows, newest] = [this.#rows.next, this.#notes.newest];
    this.#report.origin = this.#identity.origin;
    this.#report.size = newest?.size ?? 0;
    this.#report.range = [from, Math.min(rows, newest?.size ?? rows)];
    if (newest === undefined) {
      this.#report.add('no-note', -1, 'there are rows, but no note signs them');
    } else if (rows > newest.size) {
      this.#report.add('tail', newest.size, 'rows are newer than the newest note', `${newest.size}`, `${rows}`);
    }
    if (this.#input.log === undefined) this.#report.notChecked('checkpoints.log: it is not beside the store');
    await this.#notes.finish();
    await this.#pins.finish(this.#identity, newest?.size ?? 0);
    if (this.#newestSeal !== undefined)
      judgeNewestSeal(this.#report, this.#newestSeal, this.#options.now ?? Date.now() * 1000);
  }

  /** Lets signals and progress come in. */
  async #breathe(): Promise<void> {
    this.#options.onProgress?.(this.#rows.next, Math.max(this.#total, this.#rows.next));
    await setImmediate();
  }

  /** The newest rows, on top of what row hashes and `nodes` say about the ones before. */
  async #verifyNewest(count: number): Promise<void> {
    this.#db.exec('BEGIN');
    try {
      const rows = Number(this.#db.prepare(`SELECT coalesce(max(min(seq, 1e15)), -1) + 1 AS n FROM rows`).get()?.['n']);
      const from = Math.max(0, Math.min(this.#newestSize() || rows, rows) - count);
      if (rows === 0) return this.#report.add('empty', -1, 'there are no rows');
      if (from > 0) this.#readBefore(from);
      this.#notesRead = from;
      await this.#judgeRows(Number.MAX_SAFE_INTEGER);
      await this.#judgeNotesBeyond();
      for (const table of ['pending', 'writers'] as const) {
        if (this.#sound.has(`table ${table}`)) this.#compareState(table, `${table}Digest`);
      }
      await this.#conclude(from);
      const missing = String(this.#newestSeal?.get('missing') ?? 0);
      if (missing !== '0' && !this.#report.has('gap'))
        this.#report.add('gap', -1, 'rows are known to be missing', '0', missing);
      this.#report.notChecked(`rows before ${from}: only that nodes and row hashes give the root of the newest note`);
      this.#report.notChecked('older notes, checkpoints.log, columns, rollup and texts');
    } finally {
      this.#db.exec('ROLLBACK');
    }
  }

  #readBefore(from: number): void {
    const genesis = this.#db
      .prepare(`SELECT CAST(substr(leaf, 1, ${LEAF_BYTES}) AS BLOB) AS leaf FROM rows WHERE seq = 0`)
      .get();
    const leaf = readLeaf(this.#report, 0, (genesis?.['leaf'] ?? NO_HASH) as Uint8Array);
    if (leaf?.get('kind') === 'genesis') this.#identity.readGenesis(leaf);
    else this.#report.add('genesis', 0, 'row 0 is no genesis row');
    const rowHashes = this.#db.prepare(
      'SELECT CASE WHEN octet_length(row_hash) = 32 THEN row_hash END AS hash FROM rows NOT INDEXED WHERE seq >= ? AND seq < ? ORDER BY seq',
    );
    const node = this.#db.prepare(
      'SELECT CASE WHEN octet_length(hash) = 32 THEN hash END AS hash FROM nodes WHERE level = ? AND idx = ?',
    );
    for (let level = 48; level > 0; level -= 8) {
      while (this.#sound.has('table nodes') && this.#tree.size + 2 ** level <= from) {
        const hash = node.get(level, this.#tree.size / 2 ** level)?.['hash'];
        if (!hash) this.#report.add('nodes', this.#tree.size, `node of level ${level} is missing`);
        this.#tree.append((hash ?? NO_HASH) as Uint8Array, level);
      }
    }
    let previous: Uint8Array = NO_HASH;
    for (const { hash } of rowHashes.iterate(this.#tree.size, from)) {
      previous = (hash ?? NO_HASH) as Uint8Array;
      this.#tree.append(previous);
    }
    if (from % 256 === 0) previous = (rowHashes.get(from - 1, from)?.['hash'] ?? NO_HASH) as Uint8Array;
    this.#rows = new Rows(this.#crypto, this.#report, this.#identity, from, previous);
  }
}
