/** The schema: what the engine was told to hold, show or let through. */
import { copyFileSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { schemaOfThePage } from '../../../packages/verifier/test/reference-writer.ts';
import { inLedger } from '../../system/ledger-edit.ts';
import type { Copy, Experiment } from './experiment.ts';

/** Runs SQL with the triggers in place. */
function plain(copy: Copy, sql: string): void {
  using database = new DatabaseSync(join(copy.data, 'ledger.db'));
  database.exec(sql);
}

/** Changes the text of the schema behind SQLite's back: nothing of the content moves. */
function rewrite(copy: Copy, name: string, from: string, to: string): void {
  using database = new DatabaseSync(join(copy.data, 'ledger.db'));
  database.enableDefensive(false);
  database.exec('PRAGMA writable_schema = ON');
  const { changes } = database
    .prepare('UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = ? AND sql LIKE ?')
    .run(from, to, name, `%${from}%`);
  if (changes !== 1) throw new Error(`the text of ${name} holds no ${from}`);
}

function otherDatabase(copy: Copy, sql: string): void {
  rmSync(join(copy.data, 'ledger.db'));
  plain(copy, sql);
}

const HEADER = 'PRAGMA application_id = 1331123249; PRAGMA user_version = 2;';
const WITHOUT = (table: string): string => `DROP TABLE ${table}`;

const CHANGED: Readonly<Record<string, string>> = {
  'a trigger that lets changes through':
    'DROP TRIGGER rows_no_update; CREATE TRIGGER rows_no_update BEFORE UPDATE ON rows BEGIN SELECT 1; END',
  'a trigger that hides rows of a host':
    "CREATE TRIGGER more AFTER INSERT ON rows WHEN NEW.host = 'x' BEGIN DELETE FROM rollup; END",
  'another table': 'CREATE TABLE bodies (body BLOB)',
  'a view': 'CREATE VIEW calls AS SELECT * FROM rows',
  'another index': 'CREATE INDEX more ON rows (app)',
  'user_version 0': 'PRAGMA user_version = 0',
};

export const SCHEMA: readonly Experiment[] = [
  ...Object.entries(CHANGED).map(([what, sql]): Experiment => ({
    what,
    by: 'admin',
    store: (copy) => plain(copy, sql),
    expected: 'TAMPERED schema',
  })),
  ...['rollup', 'nodes', 'pending', 'writers', 'texts', 'spools'].map((table): Experiment => ({
    what: `no table ${table}`,
    by: 'admin',
    store: (copy) => plain(copy, WITHOUT(table)),
    expected: 'TAMPERED schema',
  })),
  {
    what: 'no table checkpoints',
    by: 'admin',
    store: (copy) => plain(copy, WITHOUT('checkpoints')),
    expected: 'TAMPERED schema, no-note, log-ahead newest',
  },
  {
    what: 'the notes in a table of another name',
    by: 'admin',
    store: (copy) => plain(copy, 'ALTER TABLE checkpoints RENAME TO checkpoint'),
    expected: 'TAMPERED schema, no-note, log-ahead newest',
  },
  { what: 'no index', by: 'admin', store: (copy) => plain(copy, 'DROP INDEX rows_host'), expected: 'TAMPERED schema' },
  {
    what: 'no table rows',
    by: 'admin',
    store: (copy) => plain(copy, WITHOUT('rows')),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'no table at all',
    by: 'admin',
    store: (copy) => otherDatabase(copy, 'SELECT 1'),
    expected: 'UNVERIFIABLE empty',
  },
  {
    what: 'no byte at all',
    by: 'admin',
    store: (copy) => truncateSync(join(copy.data, 'ledger.db'), 0),
    expected: 'UNVERIFIABLE empty',
  },
  {
    what: 'no ledger.db',
    by: 'admin',
    store: (copy) => rmSync(join(copy.data, 'ledger.db')),
    expected: 'UNVERIFIABLE unreadable',
  },
  {
    what: 'a column that shows something else',
    by: 'admin',
    store: (copy) => rewrite(copy, 'rows', "'$.host'", "'$.kind'"),
    expected: 'TAMPERED schema',
  },
  {
    what: 'a leaf that is computed',
    by: 'admin',
    store: (copy) =>
      rewrite(copy, 'rows', 'leaf TEXT,', "leaf TEXT GENERATED ALWAYS AS (printf('%1000000000d', seq)) VIRTUAL,"),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'no check of the length of a row hash',
    by: 'admin',
    store: (copy) => rewrite(copy, 'rows', ' CHECK (length(row_hash) = 32)', ''),
    expected: 'TAMPERED schema',
  },
  {
    what: 'the name of a trigger',
    by: 'admin',
    store: (copy) => rewrite(copy, 'rows_no_delete', 'rows are append-only', 'rows are not'),
    expected: 'TAMPERED schema',
  },
  {
    what: 'rows that are a view without end',
    by: 'admin',
    store: (copy) =>
      otherDatabase(
        copy,
        `${HEADER} CREATE VIEW rows AS WITH RECURSIVE r (seq) AS
      (SELECT 0 UNION ALL SELECT seq + 1 FROM r) SELECT seq, seq AS leaf, seq AS row_hash FROM r`,
      ),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'rows without their key',
    by: 'admin',
    store: (copy) => otherDatabase(copy, `${HEADER} CREATE TABLE rows (seq, leaf, row_hash)`),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'rows in a table of another make, with nothing in it',
    by: 'admin',
    store: (copy) => otherDatabase(copy, `${HEADER} CREATE TABLE rows (seq INTEGER PRIMARY KEY, leaf, row_hash)`),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'another encoding, everything else as it was',
    by: 'admin',
    store: (copy) => {
      const { forgery } = copy;
      const spools = inLedger(copy.data, (database) => database.prepare('SELECT * FROM spools').all());
      otherDatabase(copy, `PRAGMA encoding = "UTF-16le"; ${HEADER} ${schemaOfThePage()}`);
      forgery.store(copy.data);
      using database = new DatabaseSync(join(copy.data, 'ledger.db'));
      const insert = database.prepare('INSERT INTO spools VALUES (?, ?, ?, ?, ?)');
      for (const mark of spools) insert.run(...Object.values(mark));
    },
    expected: 'TAMPERED schema, leaf-canonical 0, leaf-hash 0, note 1, key newest, text, rollup, column, no-note',
  },
  {
    what: 'a device in the place of ledger.db',
    by: 'admin',
    store: (copy) => {
      rmSync(join(copy.data, 'ledger.db'));
      symlinkSync('/dev/null', join(copy.data, 'ledger.db'));
    },
    expected: 'UNVERIFIABLE unreadable',
  },
  {
    what: 'a store that is changed while it is read, again and again',
    by: 'nobody',
    store: () => ({ restless: true }),
    expected: 'UNVERIFIABLE unreadable',
  },
  {
    what: 'another encoding',
    by: 'admin',
    store: (copy) =>
      otherDatabase(
        copy,
        `PRAGMA encoding = "UTF-16le"; ${HEADER} CREATE TABLE rows (seq INTEGER PRIMARY KEY, leaf, row_hash)`,
      ),
    expected: 'TAMPERED schema, empty',
  },
  {
    what: 'the database of another program',
    by: 'admin',
    store: (copy) => otherDatabase(copy, 'CREATE TABLE rows (seq INTEGER PRIMARY KEY, leaf, row_hash)'),
    expected: 'UNVERIFIABLE unreadable',
  },
  {
    what: 'a newer store',
    by: 'nobody',
    store: (copy) => plain(copy, 'PRAGMA user_version = 3'),
    expected: 'UNVERIFIABLE version',
  },
  {
    what: 'no database',
    by: 'admin',
    store: (copy) => writeFileSync(join(copy.data, 'ledger.db'), `SQLite format 3\0${'x'.repeat(5000)}`),
    expected: 'UNVERIFIABLE unreadable',
  },
  {
    what: 'another page size',
    by: 'nobody',
    store: (copy) =>
      plain(copy, 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM; PRAGMA journal_mode = WAL'),
    expected: 'VERIFIED',
    exported: 'same',
  },
  {
    what: 'a store in the place of the log',
    by: 'admin',
    store: (copy) => copyFileSync(join(copy.data, 'ledger.db'), copy.log),
    expected: 'TAMPERED note -1',
    exported: 'same',
  },
  {
    what: 'the schema pages of a store cut off',
    by: 'admin',
    store: (copy) => {
      const path = join(copy.data, 'ledger.db');
      writeFileSync(path, readFileSync(path).subarray(0, 1000));
    },
    expected: 'UNVERIFIABLE unreadable',
  },
];
