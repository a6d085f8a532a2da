/** What somebody with write access to the database file, but without the keys, can do to a ledger. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/** Runs `edit` with the triggers dropped and puts them back with the exact text that they had. */
export function editPastTriggers(data: string, edit: (database: DatabaseSync) => void): void {
  using database = open(data);
  const triggers = triggersOf(database);
  database.exec('BEGIN IMMEDIATE');
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  edit(database);
  for (const { sql } of triggers) database.exec(sql);
  database.exec('COMMIT');
}

/** @returns the name of the trigger that is gone */
export function dropTrigger(data: string): string {
  using database = open(data);
  const [first] = triggersOf(database);
  if (first === undefined) throw new Error(`${data}/ledger.db has no trigger to drop`);
  database.exec(`DROP TRIGGER ${first.name}`);
  return first.name;
}

/** Changes one byte of the row's leaf and leaves it valid in every other respect. */
export function editLeaf(data: string, seq: number): void {
  editPastTriggers(data, (database) => {
    const leaf = leafOf(database, seq);
    const changed = leaf.replace(/"salt":"(.)/, (match, digit: string) => match.slice(0, -1) + otherDigit(digit));
    database.prepare('UPDATE rows SET leaf = ? WHERE seq = ?').run(changed, seq);
  });
}

export function deleteNewestRow(data: string): number {
  let newest = -1;
  editPastTriggers(data, (database) => {
    newest = newestSeq(database);
    database.prepare('DELETE FROM rows WHERE seq = ?').run(newest);
  });
  return newest;
}

/** Changes one byte of the row's leaf in the file itself, behind SQLite's back. Nobody may have the ledger open. */
export function editLeafInFile(data: string, seq: number): void {
  const path = join(data, 'ledger.db');
  const salt = inLedger(data, (database) => /"salt":"[0-9a-f]{32}"/.exec(leafOf(database, seq))?.[0] ?? '');
  const bytes = readFileSync(path);
  const at = bytes.indexOf(salt);
  if (salt === '' || at === -1) throw new Error(`the leaf of row ${seq} does not lie in one piece in ${path}`);
  const place = at + '"salt":"'.length;
  bytes.writeUInt8(otherDigit(String.fromCodePoint(bytes.readUInt8(place))).charCodeAt(0), place);
  writeFileSync(path, bytes);
}

/** Reads a ledger that nobody writes; to be used on copies, for SQLite may fold the WAL into the database. */
export function inLedger<T>(data: string, read: (database: DatabaseSync) => T): T {
  using database = open(data);
  return read(database);
}

export function newestSeq(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(seq) AS seq FROM rows').get()?.['seq'] ?? -1);
}

function open(data: string): DatabaseSync {
  return new DatabaseSync(join(data, 'ledger.db'), { timeout: 10_000 });
}

function triggersOf(database: DatabaseSync): Trigger[] {
  const found = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name").all();
  return found.map(({ name, sql }) => ({ name: name as string, sql: sql as string }));
}

function leafOf(database: DatabaseSync, seq: number): string {
  const leaf = database.prepare('SELECT leaf FROM rows WHERE seq = ?').get(seq)?.['leaf'];
  if (typeof leaf !== 'string') throw new Error(`there is no row ${seq}`);
  return leaf;
}

function otherDigit(digit: string): string {
  return digit === '0' ? '1' : '0';
}
