import type { DatabaseSync } from 'node:sqlite';

import type { Report } from '../findings.ts';

const OBJECTS = 1000;
/** The normative schema of store-sqlite.md, object by object, white space folded. A test compares it with the page. */
const SCHEMA = `
CREATE TABLE rows ( seq INTEGER PRIMARY KEY, leaf TEXT, row_hash BLOB NOT NULL CHECK (length(row_hash) = 32), kind TEXT GENERATED ALWAYS AS (leaf ->> '$.kind') VIRTUAL, time INTEGER GENERATED ALWAYS AS (leaf ->> '$.time') VIRTUAL, direction TEXT GENERATED ALWAYS AS (leaf ->> '$.direction') VIRTUAL, channel TEXT GENERATED ALWAYS AS (leaf ->> '$.channel') VIRTUAL, host TEXT GENERATED ALWAYS AS (leaf ->> '$.host') VIRTUAL, port INTEGER GENERATED ALWAYS AS (leaf ->> '$.port') VIRTUAL, package TEXT GENERATED ALWAYS AS (leaf ->> '$.package') VIRTUAL, class TEXT GENERATED ALWAYS AS (leaf ->> '$.class') VIRTUAL, outcome TEXT GENERATED ALWAYS AS (leaf ->> '$.outcome') VIRTUAL, app TEXT GENERATED ALWAYS AS (leaf ->> '$.app') VIRTUAL ) STRICT
CREATE INDEX rows_time ON rows (time, seq)
CREATE INDEX rows_kind ON rows (kind, seq)
CREATE INDEX rows_host ON rows (host, seq)
CREATE INDEX rows_package ON rows (package, seq)
CREATE INDEX rows_class ON rows (class, seq)
CREATE INDEX rows_channel ON rows (channel, seq)
CREATE INDEX rows_outcome ON rows (outcome, seq)
CREATE TABLE nodes ( level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (level, idx) ) STRICT, WITHOUT ROWID
CREATE TABLE checkpoints ( size INTEGER PRIMARY KEY, note TEXT NOT NULL ) STRICT
CREATE TABLE pending ( key TEXT PRIMARY KEY, record TEXT NOT NULL ) STRICT, WITHOUT ROWID
CREATE TABLE writers ( key TEXT PRIMARY KEY, record TEXT NOT NULL ) STRICT, WITHOUT ROWID
CREATE TABLE spools ( name TEXT PRIMARY KEY, offset INTEGER NOT NULL, n INTEGER NOT NULL, owner INTEGER NOT NULL, drained INTEGER NOT NULL ) STRICT, WITHOUT ROWID
CREATE TABLE texts ( sha256 TEXT PRIMARY KEY, text TEXT NOT NULL ) STRICT, WITHOUT ROWID
CREATE TABLE rollup ( hour INTEGER NOT NULL, app TEXT NOT NULL, direction TEXT NOT NULL, channel TEXT NOT NULL, package TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL, class TEXT NOT NULL, declared TEXT NOT NULL, vendor TEXT NOT NULL, events INTEGER NOT NULL, errors INTEGER NOT NULL, bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (hour, app, direction, channel, package, host, port, class, declared, vendor) ) STRICT, WITHOUT ROWID
CREATE TABLE rollup_base ( hour INTEGER NOT NULL, app TEXT NOT NULL, direction TEXT NOT NULL, channel TEXT NOT NULL, package TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL, class TEXT NOT NULL, declared TEXT NOT NULL, vendor TEXT NOT NULL, events INTEGER NOT NULL, errors INTEGER NOT NULL, bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (hour, app, direction, channel, package, host, port, class, declared, vendor) ) STRICT, WITHOUT ROWID
CREATE TRIGGER rows_no_update BEFORE UPDATE ON rows WHEN NEW.leaf IS NOT NULL OR NEW.seq IS NOT OLD.seq OR NEW.row_hash IS NOT OLD.row_hash OR OLD.kind IN ('genesis', 'key', 'policy', 'vacuum', 'erase') OR OLD.kind = 'seal' AND EXISTS (SELECT 1 FROM rows AS named WHERE named.kind = 'vacuum' AND named.leaf ->> '$.to' = OLD.seq + 1) OR OLD.seq >= coalesce((SELECT named.leaf ->> '$.to' FROM rows AS named WHERE named.kind = 'vacuum' ORDER BY named.seq DESC LIMIT 1), 0) AND NOT EXISTS (SELECT 1 FROM rows AS named WHERE named.kind = 'erase' AND named.leaf ->> '$.row' = OLD.seq) BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END
CREATE TRIGGER rows_no_delete BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END
CREATE TRIGGER rows_next_only BEFORE INSERT ON rows WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM rows) BEGIN SELECT RAISE(ABORT, 'rows are appended in order'); END
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
CREATE TRIGGER checkpoints_next_only BEFORE INSERT ON checkpoints WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints) BEGIN SELECT RAISE(ABORT, 'checkpoints are appended in order'); END
`;

const OLD_TRIGGER =
  "CREATE TRIGGER rows_no_update BEFORE UPDATE ON rows BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END";

export function fold(sql: string): string {
  return sql.replaceAll(/\s+/g, ' ').trim();
}

/** By type and name (`table rows`) the folded SQL that must stand in `sqlite_schema`. */
export const NORMATIVE: ReadonlyMap<string, string> = new Map(
  SCHEMA.trim()
    .split('\n')
    .map((sql) => {
      const [, type = '', name = ''] = sql.split(' ');
      return [`${type.toLowerCase()} ${name}`, sql];
    }),
);

/** Version 1 had no base of the rollup, and let no leaf go. */
const VERSION_1: ReadonlyMap<string, string> = new Map(
  [...NORMATIVE, ['trigger rows_no_update', OLD_TRIGGER] as const].filter(([key]) => key !== 'table rollup_base'),
);

/** The objects of a schema that stand as they must; the others become findings. */
export function compareSchema(db: DatabaseSync, report: Report, version: string): Set<string> {
  const normative = version === '1' ? VERSION_1 : NORMATIVE;
  const short = (name: string): string => `CASE WHEN octet_length(${name}) <= 65536 THEN ${name} ELSE '' END`;
  const objects = db
    .prepare(
      `SELECT ${short("type || ' ' || name")} AS key, ${short('sql')} AS sql FROM sqlite_schema LIMIT ${OBJECTS}`,
    )
    .all()
    .map(({ key, sql }) => [String(key), fold(String(sql))] as const)
    .filter(([key]) => !/^table sqlite_(?:stat\d|sequence$)/.test(key));
  const sound = new Set(objects.filter(([key, sql]) => normative.get(key) === sql).map(([key]) => key));
  for (const [key, sql] of objects) {
    if (!sound.has(key)) report.add('schema', -1, `${key} does not belong here in this form`, normative.get(key), sql);
  }
  for (const [key, sql] of normative) {
    if (!objects.some(([name]) => name === key)) report.add('schema', -1, `${key} is missing`, sql);
  }
  return sound;
}

/**
 * Rows are read even where their table is defined otherwise, if reading them runs no text of the attacker: a true
 * table, numbered by seq, whose three columns are stored and not generated.
 */
export function canReadRows(db: DatabaseSync): boolean {
  const table = db.prepare("PRAGMA table_list('rows')").get();
  const columns = db.prepare("PRAGMA table_xinfo('rows')").all();
  const stored = (name: string): boolean => columns.some((column) => column['name'] === name && column['hidden'] === 0);
  const isKey = columns.some(({ name, type, pk }) => name === 'seq' && type === 'INTEGER' && pk === 1);
  return table?.['type'] === 'table' && table['wr'] === 0 && isKey && ['seq', 'leaf', 'row_hash'].every(stored);
}
