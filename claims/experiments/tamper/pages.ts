/** The files below the tables: pages that lead back or have no end, and what SQLite would look at beside them. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Copy, Experiment } from './experiment.ts';

const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');
const [INTERIOR_INDEX, INTERIOR_TABLE] = [2, 5];
const PAGE_SIZE_AT = 16;
const PAGE_COUNT_AT = 28;

/** The pages of a database; all numbers are from 1. */
class Pages {
  readonly bytes: Buffer[] = [];
  readonly size: number;

  constructor(file: Buffer) {
    this.size = file.readUInt16BE(PAGE_SIZE_AT);
    for (let at = 0; at < file.length; at += this.size) this.bytes.push(file.subarray(at, at + this.size));
  }

  page(number: number): Buffer {
    return this.bytes[number - 1]!;
  }

  /** Where the cells of a page begin; its head has 12 bytes where it has children, else 8. */
  cells(page: Buffer): number[] {
    const first = page[0]! <= INTERIOR_TABLE ? 12 : 8;
    return Array.from({ length: page.readUInt16BE(3) }, (_, at) => page.readUInt16BE(first + 2 * at));
  }

  add(page: Buffer): number {
    return this.bytes.push(page);
  }

  write(file: string): void {
    this.page(1).writeUInt32BE(this.bytes.length, PAGE_COUNT_AT);
    writeFileSync(file, Buffer.concat(this.bytes));
  }
}

function edit(copy: Copy, table: string, change: (pages: Pages, root: number) => void): void {
  const file = join(copy.data, 'ledger.db');
  const root = rootOf(file, table);
  const pages = new Pages(readFileSync(file));
  change(pages, root);
  pages.write(file);
}

function rootOf(file: string, table: string): number {
  using database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return Number(database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage']);
}

/** Behind the last page of a table comes its first one again. */
function leadBack(copy: Copy, table: string): void {
  edit(copy, table, (pages, number) => {
    const root = pages.page(number);
    if (root[0] !== INTERIOR_TABLE) throw new Error(`${table} lies on one page`);
    root.writeUInt32BE(root.readUInt32BE(pages.cells(root)[0]), 8);
  });
}

/** Eight floors, each of which leads thirty times to the one below: far more rows than anybody could read. */
function withoutEnd(copy: Copy, table: string): void {
  edit(copy, table, (pages, number) => {
    let leaf = pages.page(number);
    while (leaf[0] === INTERIOR_INDEX) leaf = pages.page(leaf.readUInt32BE(pages.cells(leaf)[0]));
    const start = pages.cells(leaf)[0]!;
    const entry = leaf.subarray(start, start + 1 + leaf[start]!);
    let below = pages.add(Buffer.from(pages.page(number)));
    for (let floor = 0; floor < 8; floor += 1) {
      const page = Buffer.alloc(pages.size);
      const length = 4 + entry.length;
      const end = pages.size - length;
      page.set([INTERIOR_INDEX, 0, 0]);
      page.writeUInt16BE(30, 3);
      page.writeUInt16BE(pages.size - 30 * length, 5);
      page.writeUInt32BE(below, 8);
      for (let at = 0; at < 30; at += 1) {
        page.writeUInt16BE(end - at * length, 12 + 2 * at);
        page.writeUInt32BE(below, end - at * length);
        entry.copy(page, end - at * length + 4);
      }
      if (floor < 7) below = pages.add(page);
      else page.copy(pages.page(number));
    }
  });
}

/** A journal to be played back that changes nothing, and ends with the name of a file that would then be deleted. */
function journalNaming(file: string, ledger: Buffer): Buffer {
  const size = ledger.readUInt16BE(PAGE_SIZE_AT);
  const head = Buffer.alloc(512);
  JOURNAL_MAGIC.copy(head);
  for (const [at, value] of [0, 1, ledger.length / size, 512, size].entries()) head.writeUInt32BE(value, 8 + 4 * at);
  const [name, lockPage, tail] = [Buffer.from(file), Buffer.alloc(4), Buffer.alloc(8)];
  lockPage.writeUInt32BE(2 ** 30 / size + 1);
  tail.writeUInt32BE(name.length, 0);
  tail.writeUInt32BE(
    name.reduce((sum, byte) => sum + byte, 0),
    4,
  );
  return Buffer.concat([head, lockPage, name, tail, JOURNAL_MAGIC]);
}

const UNREADABLE = 'UNVERIFIABLE unreadable';
const endless = (table: string, expected: string): Experiment => ({
  what: `the table ${table} without end`, by: 'admin', expected,
  store: (copy) => {
    if (table === 'pending') copy.sql("INSERT INTO pending VALUES ('', '{}')");
    withoutEnd(copy, table);
  },
}); // prettier-ignore

export const PAGES: readonly Experiment[] = [
  {
    what: 'rows that lead back to the first one',
    by: 'admin',
    store: (copy) => leadBack(copy, 'rows'),
    expected: 'TAMPERED chain 0, nodes 256, note 1, seal 1, seq 0, unreadable',
  },
  {
    what: 'notes that lead back to the first one',
    by: 'admin',
    store: (copy) => leadBack(copy, 'checkpoints'),
    expected: 'TAMPERED epoch 1, root 1, unreadable',
  },
  endless('pending', UNREADABLE),
  endless('spools', 'TAMPERED spools, unreadable'),
  endless('rollup', 'TAMPERED rollup, unreadable'),
  endless('nodes', 'TAMPERED nodes'),
  {
    what: 'a journal that names a file of somebody else',
    by: 'admin',
    store: (copy) => {
      const precious = `${copy.data}-precious`;
      writeFileSync(precious, 'precious\0');
      const journal = journalNaming(precious, readFileSync(join(copy.data, 'ledger.db')));
      writeFileSync(join(copy.data, 'ledger.db-journal'), journal);
    },
    expected: UNREADABLE,
    lists: 'ledger.db-journal names a further file',
  },
  {
    what: 'a pipe in the place of the log of the database, beside a journal that is none',
    by: 'admin',
    store: (copy) => {
      writeFileSync(join(copy.data, 'ledger.db-journal'), 'none');
      execFileSync('mkfifo', [join(copy.data, 'ledger.db-wal')]);
    },
    expected: 'VERIFIED',
  },
  {
    what: 'a lock that is a database with a log of its own',
    by: 'admin',
    store: (copy) => {
      using lock = new DatabaseSync(join(copy.data, 'lock.db'));
      lock.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS more (a)');
    },
    expected: 'VERIFIED',
  },
];
