import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Engine } from './engine.ts';

type Value = null | number | bigint | string | NodeJS.ArrayBufferView;

/** A prepared statement of Node's own engine in the manner of the one that the journal speaks to. */
class Statement {
  readonly #statement: ReturnType<DatabaseSync['prepare']>;
  #shape: 'object' | 'first' | 'array' = 'object';

  constructor(statement: ReturnType<DatabaseSync['prepare']>) {
    this.#statement = statement;
  }

  /** Results are the first column alone. */
  pluck(): this {
    this.#shape = 'first';
    return this;
  }

  /** Results are arrays. */
  raw(): this {
    this.#shape = 'array';
    return this;
  }

  get(...values: Value[]): unknown {
    const row = this.#statement.get(...values);
    return row === undefined ? undefined : this.#shaped(row);
  }

  all(...values: Value[]): unknown[] {
    return this.#statement.all(...values).map((row) => this.#shaped(row));
  }

  #shaped(row: object): unknown {
    if (this.#shape === 'object') return row;
    const values = Object.values(row) as unknown[];
    return this.#shape === 'array' ? values : values[0];
  }
}

/**
 * Opens a database file that nobody writes so that SQLite puts nothing beside it. better-sqlite3 is built without URIs, which alone can ask for that (sqlite.org/c3ref/open.html, "immutable"); Node's own engine can.
 *
 * @returns undefined where Node is too old for it (before 22.15)
 */
export function openImmutable(file: string): Engine | undefined {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true });
  } catch (error) {
    if (/unable to open/.test((error as Error).message)) return undefined;
    throw error;
  }
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA mmap_size = 0');
  const engine = { prepare: (sql: string) => new Statement(db.prepare(sql)), close: () => db.close() };
  // Of an engine, a journal uses these two.
  return engine as unknown as Engine;
}
