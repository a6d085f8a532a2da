/** What people look at and nobody hashes: rollup, indexes, nodes, open calls, texts. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Copy, Experiment } from './experiment.ts';

/** Puts other entries into an index: it is defined otherwise for a moment, then its text is put back. */
function falseIndex(copy: Copy, column: string, definition: (row: number) => string): number {
  const row = copy.forgery.callIn(3);
  using database = new DatabaseSync(join(copy.data, 'ledger.db'));
  database.enableDefensive(false);
  const name = `rows_${column}`;
  const sql = String(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(name)?.['sql']);
  database.exec(`PRAGMA writable_schema = ON; DROP INDEX ${name}; CREATE INDEX ${name} ON rows ${definition(row)}`);
  database.prepare('UPDATE sqlite_schema SET sql = ? WHERE name = ?').run(sql, name);
  return row;
}

const SQL: Readonly<Record<string, readonly [sql: string, expected: string, exported?: string]>> = {
  'a cell of the rollup that counts less': [
    'UPDATE rollup SET events = events - 1 WHERE rowid_is',
    'TAMPERED rollup row',
  ],
  'a cell of the rollup with fewer bytes': ['UPDATE rollup SET bytes_out = 0 WHERE rowid_is', 'TAMPERED rollup row'],
  'a cell of the rollup gone': ['DELETE FROM rollup WHERE rowid_is', 'TAMPERED rollup row'],
  'a cell of the rollup under another host': [
    "UPDATE rollup SET host = 'harmless.example' WHERE rowid_is",
    'TAMPERED rollup',
  ],
  'a cell of the rollup beyond 2^53': [
    'UPDATE rollup SET bytes_in = 9223372036854775807 WHERE rowid_is',
    'TAMPERED rollup row',
  ],
  'a cell of the rollup with a long host': [
    'UPDATE rollup SET host = hex(zeroblob(1000000)) WHERE rowid_is',
    'TAMPERED rollup',
  ],
  'an open call deleted': ['DELETE FROM pending WHERE key = (SELECT min(key) FROM pending)', 'TAMPERED pending newest'],
  'an open call changed': ["UPDATE pending SET record = replace(record, 'host', 'hust')", 'TAMPERED pending newest'],
  'an open call added': ["INSERT INTO pending VALUES ('a', '{}')", 'TAMPERED pending newest'],
  'a writer forgotten': ['DELETE FROM writers WHERE key = (SELECT min(key) FROM writers)', 'TAMPERED writers newest'],
  'a writer renamed': ["UPDATE writers SET record = replace(record, 'shop', 'shup')", 'TAMPERED writers newest'],
  'a spool file said to be read further': ['UPDATE spools SET offset = offset + 4096', 'TAMPERED spools newest'],
  'a spool file said to be at another record': ['UPDATE spools SET n = n + 9', 'TAMPERED spools newest'],
  'a spool file forgotten': [
    'DELETE FROM spools WHERE name = (SELECT min(name) FROM spools)',
    'TAMPERED spools newest',
  ],
  'a spool file that is yet to come said to be read': [
    "INSERT INTO spools VALUES ('4713-0-mfs00002-01020304.0.spool', 65536, 99, 1000, 0)",
    'TAMPERED spools',
  ],
  'the text of the catalogue': [
    "UPDATE texts SET text = replace(text, 'vendor', 'friend')",
    'TAMPERED text',
    'TAMPERED text',
  ],
  'the text of the catalogue gone': ['DELETE FROM texts', 'TAMPERED text', 'VERIFIED'],
  'a text of 5 MiB': ["INSERT INTO texts VALUES ('00', hex(zeroblob(2621440)))", 'TAMPERED text'],
  'a node': ['UPDATE nodes SET hash = zeroblob(32)', 'TAMPERED nodes 0'],
  'a node gone': ['DELETE FROM nodes', 'TAMPERED nodes 0'],
  'a node of no subtree': ['INSERT INTO nodes VALUES (16, 0, zeroblob(32))', 'TAMPERED nodes'],
};

export const DERIVED: readonly Experiment[] = [
  ...Object.entries(SQL).map(([what, [sql, expected, exported = 'same']]): Experiment => ({
    what,
    by: 'admin',
    expected,
    exported,
    store: (copy) => {
      const row = copy.forgery.callIn(3);
      copy.sql(sql.replace('rowid_is', `first_seq = (SELECT max(first_seq) FROM rollup WHERE first_seq <= ${row})`));
      return row;
    },
  })),
  ...['host', 'package', 'class', 'channel', 'outcome', 'kind'].map((column): Experiment => ({
    what: `another ${column} in an index`,
    by: 'admin',
    expected: 'TAMPERED column row',
    exported: 'same',
    store: (copy) =>
      falseIndex(copy, column, (row) => `(CASE WHEN seq = ${row} THEN 'harmless' ELSE ${column} END, seq)`),
  })),
  {
    what: 'another time in an index',
    by: 'admin',
    store: (copy) => falseIndex(copy, 'time', (row) => `(time + (seq = ${row}), seq)`),
    expected: 'TAMPERED column row',
    exported: 'same',
  },
  {
    what: 'a row that an index lacks',
    by: 'admin',
    store: (copy) => falseIndex(copy, 'host', (row) => `(host, seq) WHERE seq <> ${row}`),
    expected: 'TAMPERED column',
    exported: 'same',
  },
];
