/** `application_id`: "OWT1". */
export const APPLICATION_ID = 1331123249;
/** `user_version` that this program writes, and the greatest that it opens. */
export const SCHEMA_VERSION = 2;

/** The schema as docs/formats/store-sqlite.md has it; a test compares the two. */
export const SCHEMA = `
CREATE TABLE rows (
  seq INTEGER PRIMARY KEY,
  leaf TEXT,
  row_hash BLOB NOT NULL CHECK (length(row_hash) = 32),
  kind TEXT GENERATED ALWAYS AS (leaf ->> '$.kind') VIRTUAL,
  time INTEGER GENERATED ALWAYS AS (leaf ->> '$.time') VIRTUAL,
  direction TEXT GENERATED ALWAYS AS (leaf ->> '$.direction') VIRTUAL,
  channel TEXT GENERATED ALWAYS AS (leaf ->> '$.channel') VIRTUAL,
  host TEXT GENERATED ALWAYS AS (leaf ->> '$.host') VIRTUAL,
  port INTEGER GENERATED ALWAYS AS (leaf ->> '$.port') VIRTUAL,
  package TEXT GENERATED ALWAYS AS (leaf ->> '$.package') VIRTUAL,
  class TEXT GENERATED ALWAYS AS (leaf ->> '$.class') VIRTUAL,
  outcome TEXT GENERATED ALWAYS AS (leaf ->> '$.outcome') VIRTUAL,
  app TEXT GENERATED ALWAYS AS (leaf ->> '$.app') VIRTUAL
) STRICT;
CREATE INDEX rows_time ON rows (time, seq);
CREATE INDEX rows_kind ON rows (kind, seq);
CREATE INDEX rows_host ON rows (host, seq);
CREATE INDEX rows_package ON rows (package, seq);
CREATE INDEX rows_class ON rows (class, seq);
CREATE INDEX rows_channel ON rows (channel, seq);
CREATE INDEX rows_outcome ON rows (outcome, seq);
CREATE TABLE nodes (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE pending (
  key TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE writers (
  key TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE spools (
  name TEXT PRIMARY KEY,
  offset INTEGER NOT NULL,
  n INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  drained INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE texts (
  sha256 TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup (
  hour INTEGER NOT NULL,
  app TEXT NOT NULL,
  direction TEXT NOT NULL,
  channel TEXT NOT NULL,
  package TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  class TEXT NOT NULL,
  declared TEXT NOT NULL,
  vendor TEXT NOT NULL,
  events INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (hour, app, direction, channel, package, host, port, class, declared, vendor)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_base (
  hour INTEGER NOT NULL,
  app TEXT NOT NULL,
  direction TEXT NOT NULL,
  channel TEXT NOT NULL,
  package TEXT NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  class TEXT NOT NULL,
  declared TEXT NOT NULL,
  vendor TEXT NOT NULL,
  events INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (hour, app, direction, channel, package, host, port, class, declared, vendor)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER rows_no_update BEFORE UPDATE ON rows
  WHEN NEW.leaf IS NOT NULL OR NEW.seq IS NOT OLD.seq OR NEW.row_hash IS NOT OLD.row_hash
    OR OLD.kind IN ('genesis', 'key', 'policy', 'vacuum', 'erase')
    OR OLD.kind = 'seal' AND EXISTS (SELECT 1 FROM rows AS named WHERE named.kind = 'vacuum' AND named.leaf ->> '$.to' = OLD.seq + 1)
    OR OLD.seq >= coalesce((SELECT named.leaf ->> '$.to' FROM rows AS named WHERE named.kind = 'vacuum' ORDER BY named.seq DESC LIMIT 1), 0)
      AND NOT EXISTS (SELECT 1 FROM rows AS named WHERE named.kind = 'erase' AND named.leaf ->> '$.row' = OLD.seq)
  BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END;
CREATE TRIGGER rows_no_delete BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'rows are append-only'); END;
CREATE TRIGGER rows_next_only BEFORE INSERT ON rows
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM rows)
  BEGIN SELECT RAISE(ABORT, 'rows are appended in order'); END;
CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;
CREATE TRIGGER checkpoints_next_only BEFORE INSERT ON checkpoints
  WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)
  BEGIN SELECT RAISE(ABORT, 'checkpoints are appended in order'); END;
`;

/** Brings a store of version 1 to version 2; no row is touched. */
export const FROM_VERSION_1: string = `
DROP TRIGGER rows_no_update;
${object('TRIGGER rows_no_update')}
${object('TABLE rollup_base')}
`;

function object(name: string): string {
  const from = SCHEMA.indexOf(`CREATE ${name}`);
  return SCHEMA.slice(from, SCHEMA.indexOf('\nCREATE ', from));
}
