import type { Batch, SpoolMark, StateChanges, StateEntry, Store, StoredRow } from '@outwitness/ledger';
import type { RollupEntry } from '@outwitness/event';
import type { Engine } from './engine.ts';
import { type RowRecord, storedRow } from './evidence.ts';
import { SqliteJournal } from './journal.ts';
import { RollupWriter } from './rollup.ts';

/** The writer's side: one connection that appends, and a second one that reads what is really there. */
export class SqliteStore extends SqliteJournal implements Store {
  readonly #writer: Engine;
  readonly #rollup: RollupWriter;
  readonly #statements;
  readonly #apply: (batch: Batch) => void;

  constructor(writer: Engine, reader: Engine) {
    super(reader);
    this.#writer = writer;
    this.#rollup = new RollupWriter(writer);
    const state = (table: 'pending' | 'writers') => ({
      all: writer.prepare<[], StateEntry>(`SELECT key, record FROM ${table} ORDER BY key`),
      put: writer.prepare<[string, string]>(
        `INSERT INTO ${table} (key, record) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET record = excluded.record`,
      ),
      remove: writer.prepare<[string]>(`DELETE FROM ${table} WHERE key = ?`),
    });
    this.#statements = {
      row: writer.prepare<[number, string, Uint8Array]>('INSERT INTO rows (seq, leaf, row_hash) VALUES (?, ?, ?)'),
      // A node is the same whoever writes it: complete subtrees never change.
      node: writer.prepare<[number, number, Uint8Array]>('INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)'),
      note: writer.prepare<[number, string]>('INSERT INTO checkpoints (size, note) VALUES (?, ?)'),
      text: writer.prepare<[string, string]>(
        'INSERT INTO texts (sha256, text) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING',
      ),
      spools: writer.prepare<[], SpoolMark>('SELECT name, offset, n, owner, drained FROM spools ORDER BY name'),
      spool: writer.prepare<[string, number, number, number, number]>(
        'INSERT INTO spools (name, offset, n, owner, drained) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET offset = excluded.offset, n = excluded.n, owner = excluded.owner, drained = excluded.drained',
      ),
      // What may go is for the trigger to say: a mistake here is refused by it.
      drop: writer.prepare<[number, number]>(
        `UPDATE rows SET leaf = NULL WHERE seq >= ? AND seq < ? AND leaf IS NOT NULL
           AND kind NOT IN ('genesis', 'key', 'policy', 'vacuum', 'erase')
           AND NOT (kind = 'seal' AND EXISTS (SELECT 1 FROM rows AS named WHERE named.kind = 'vacuum' AND named.leaf ->> '$.to' = rows.seq + 1))`,
      ),
      erase: writer.prepare<[number]>('UPDATE rows SET leaf = NULL WHERE seq = ?'),
      controls: writer.prepare<[string, number], RowRecord>(
        `SELECT seq, leaf, row_hash FROM (SELECT * FROM rows WHERE kind = 'control' AND leaf ->> '$.event' = ?
           ORDER BY seq DESC LIMIT ?) ORDER BY seq`,
      ),
      packageRows: writer.prepare<[string, string, number, number, number], RowRecord>(
        `SELECT seq, leaf, row_hash FROM rows WHERE (package = ? OR (? = '' AND package IS NULL)) AND seq > ? AND seq < ?
           AND kind = 'net' ORDER BY seq LIMIT ?`,
      ),
      pending: state('pending'),
      writers: state('writers'),
    };
    const apply = writer.transaction((batch: Batch) => this.#write(batch));
    this.#apply = (batch) => apply.immediate(batch);
  }

  async pending(): Promise<StateEntry[]> {
    return this.#statements.pending.all.all();
  }

  async writers(): Promise<StateEntry[]> {
    return this.#statements.writers.all.all();
  }

  async spools(): Promise<SpoolMark[]> {
    return this.#statements.spools.all();
  }

  async rollupHosts(hour: number, packageName: string): Promise<string[]> {
    return this.#rollup.hosts(hour, packageName);
  }

  /** With `synchronous=FULL` the WAL is on disk when COMMIT returns. */
  async commit(batch: Batch): Promise<void> {
    this.#apply(batch);
  }

  async reread(from: number, to: number): Promise<StoredRow[]> {
    return this.rows(from, to);
  }

  async controls(event: string, newest: number): Promise<StoredRow[]> {
    return this.#statements.controls.all(event, newest).map(storedRow);
  }

  async packageRows(name: string, after: number, to: number, limit: number): Promise<StoredRow[]> {
    return this.#statements.packageRows.all(name, name, after, to, limit).map(storedRow);
  }

  async rollupBase(from: number, to: number): Promise<RollupEntry[]> {
    return this.#rollup.base(from, to);
  }

  async drop(from: number, to: number): Promise<number> {
    return this.#statements.drop.run(from, to).changes;
  }

  /** `secure_delete` has overwritten the pages; the log beside them still holds what they were before. */
  async scrub(): Promise<boolean> {
    const [{ busy }] = this.#writer.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
    return busy === 0;
  }

  /** Closes both connections; SQLite then folds the WAL into `ledger.db`. */
  override close(): void {
    super.close();
    this.#writer.close();
  }

  #write(batch: Batch): void {
    const { row, node, note, text, spool, pending, writers } = this.#statements;
    for (const { seq, leaf, rowHash } of batch.rows) row.run(seq, leaf, rowHash);
    for (const { level, idx, hash } of batch.nodes) node.run(level, idx, hash);
    change(pending, batch.pending);
    change(writers, batch.writers);
    for (const { name, offset, n, owner, drained } of batch.spools) spool.run(name, offset, n, owner, drained);
    for (const [sha256, content] of batch.texts) text.run(sha256, content);
    this.#rollup.add(batch.rollup);
    this.#rollup.setBase(batch.base ?? []);
    if (batch.erased !== undefined) {
      const { seq, group } = batch.erased;
      this.#statements.erase.run(seq);
      if (group !== undefined) this.#rollup.replace(group.hour, group.package, group.entries);
    }
    note.run(batch.note.size, batch.note.note);
  }
}

interface StateStatements {
  put: { run(key: string, record: string): unknown };
  remove: { run(key: string): unknown };
}

function change(statements: StateStatements, { put, gone }: StateChanges): void {
  for (const key of gone) statements.remove.run(key);
  for (const { key, record } of put) statements.put.run(key, record);
}
