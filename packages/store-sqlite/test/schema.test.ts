import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { openEngine, requireNode } from '../src/engine.ts';
import { openJournal, openStore } from '../src/index.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from '../src/schema.ts';
import { drained, HELLO, world } from './support/world.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/formats/store-sqlite.md'), 'utf8');

function directory(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'outwitness-schema-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

test('the schema is the text of docs/formats/store-sqlite.md', async (t) => {
  assert.equal(SCHEMA.trim(), /```sql\n([^]*?)```/.exec(PAGE)?.[1]?.trim());
  assert.ok(PAGE.includes(`\`application_id\` = ${APPLICATION_ID} (0x${APPLICATION_ID.toString(16).toUpperCase()}`));
  const { file, store } = await world(t);
  const engine = openEngine(file, { readonly: true, mustExist: true, busyMs: 0 });
  const objects = engine
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const fold = (sql: string): string => sql.replace(/\s+/g, ' ').trim();
  const wanted = SCHEMA.split(/;\n(?=CREATE|$)/)
    .map((sql) => fold(sql))
    .filter((sql) => sql !== '');
  assert.deepEqual(objects.map(fold).toSorted(), wanted.toSorted());
  assert.deepEqual(
    [engine.pragma('application_id', { simple: true }), engine.pragma('user_version', { simple: true })],
    [APPLICATION_ID, SCHEMA_VERSION],
  );
  assert.equal(engine.pragma('journal_mode', { simple: true }), 'wal');
  engine.close();
  assert.equal(await store.size(), 4);
});

test('nobody but its owner can read a store or its log', async (t) => {
  const { file } = await world(t);
  assert.deepEqual(
    [file, `${file}-wal`].map((name) => statSync(name).mode & 0o777),
    [0o600, 0o600],
  );
});

test('rows and notes can neither be changed, deleted, replaced nor put in out of order', async (t) => {
  const { file, ledger } = await world(t);
  await ledger.append({ files: [drained([HELLO])] });
  const engine = openEngine(file, { readonly: false, mustExist: true, busyMs: 1000 });
  t.after(() => engine.close());
  const hash = 'randomblob(32)';
  const refused: [string, RegExp][] = [
    ["UPDATE rows SET leaf = '{}' WHERE seq = 1", /append-only/],
    ['UPDATE rows SET seq = 99 WHERE seq = 1', /append-only/],
    ['DELETE FROM rows WHERE seq = 1', /append-only/],
    ['DELETE FROM rows', /append-only/],
    [`INSERT OR REPLACE INTO rows (seq, leaf, row_hash) VALUES (1, '{}', ${hash})`, /in order/],
    [`REPLACE INTO rows (seq, leaf, row_hash) VALUES (0, '{}', ${hash})`, /in order/],
    [`INSERT INTO rows (seq, leaf, row_hash) VALUES (99, '{}', ${hash})`, /in order/],
    [`INSERT INTO rows (leaf, row_hash) VALUES ('{}', ${hash})`, /in order/],
    [
      `INSERT INTO rows (seq, leaf, row_hash) VALUES (1, '{}', ${hash}) ON CONFLICT (seq) DO UPDATE SET leaf = '{}'`,
      /in order|append-only/,
    ],
    ["UPDATE checkpoints SET note = 'x'", /append-only/],
    ['DELETE FROM checkpoints', /append-only/],
    ["INSERT OR REPLACE INTO checkpoints (size, note) VALUES (2, 'x')", /in order/],
    ["INSERT INTO checkpoints (size, note) VALUES (1, 'x')", /in order/],
  ];
  for (const [sql, message] of refused) assert.throws(() => engine.exec(sql), message, sql);
  assert.throws(
    () => engine.exec(`INSERT INTO rows (seq, leaf, row_hash) VALUES (6, '{}', 'short')`),
    /CHECK|cannot store/,
  );
});

test('a store of a newer version is refused and left untouched byte for byte', async (t) => {
  const place = await world(t);
  const { file } = place;
  place.end();
  const engine = openEngine(file, { readonly: false, mustExist: true, busyMs: 0 });
  engine.pragma('user_version = 3');
  engine.close();
  const before = readFileSync(file);
  const expected = {
    code: 'store-newer',
    message: /has version 3: expected at most 2\. Nothing was changed\. Use the newer Outwitness/,
  };
  assert.throws(() => openStore(file), expected);
  assert.throws(() => openJournal(file), expected);
  assert.ok(readFileSync(file).equals(before));
  assert.ok(!existsSync(`${file}-wal`) || readFileSync(`${file}-wal`).length === 0);
});

test('a newer store with a WAL of a crash keeps both files as they are', async (t) => {
  const { file, directory: from } = await world(t);
  const engine = openEngine(file, { readonly: false, mustExist: true, busyMs: 1000 });
  engine.pragma('user_version = 3');
  const copy = join(from, 'copy.db');
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix);
  engine.close();
  const before = [readFileSync(copy), readFileSync(`${copy}-wal`)];
  assert.ok(before[1]!.length > 0);
  assert.throws(() => openStore(copy), { code: 'store-newer' });
  assert.ok(readFileSync(copy).equals(before[0]!));
  assert.ok(readFileSync(`${copy}-wal`).equals(before[1]!));
});

test('another database, another file or none is refused to a reader and never overwritten', (t) => {
  const path = join(directory(t), 'ledger.db');
  assert.throws(() => openJournal(path), { code: 'store-missing' });
  assert.ok(!existsSync(path));
  writeFileSync(
    path,
    'this is a text that somebody wrote, long enough to be no empty database file at all '.repeat(20),
  );
  assert.throws(() => openStore(path), { code: 'store-foreign' });
  rmSync(path);
  const engine = openEngine(path, { readonly: false, mustExist: false, busyMs: 0 });
  engine.exec('CREATE TABLE mine (a)');
  engine.close();
  assert.throws(() => openStore(path), { code: 'store-foreign', message: /application_id 0, expected/ });
});

test('an empty file, as a crash while making it leaves, becomes a store', async (t) => {
  const path = join(directory(t), 'ledger.db');
  writeFileSync(path, '');
  const store = openStore(path);
  assert.equal(await store.size(), 0);
  store.close();
});

test('an old Node is named before the engine is loaded', () => {
  for (const version of ['20.19.5', '22.12.0'])
    assert.throws(() => requireNode(version), { code: 'node-version', message: /expected 22\.13 or newer/ });
  for (const version of ['22.13.0', '24.1.0']) requireNode(version);
});
