import fs from 'node:fs';
import type { Journal } from './journal.ts';
import { identityOf } from './genesis.ts';
import { isSignedBy, type NamedKey, type ParsedNote, parseNote, parseVkey } from './note.ts';
import type { StoredNote } from './store.ts';

/** So many of the newest notes of one place are looked at. */
const MOST_LOOKED_AT = 1_000;
const LOG_BYTES = 1_048_576;
/** Key ID and signature. */
const SIGNATURE_BYTES = 68;

/** What is left of a ledger that goes on no more; anything of it may be gone or changed. */
export interface Remains {
  /** Absent where the store cannot be read. */
  readonly journal: Pick<Journal, 'rows' | 'lastNote'> | undefined;
  /** Path of `checkpoints.log`. */
  readonly checkpoints: string;
  /** Path of `log.vkey`. */
  readonly vkey: string;
}

/**
 * The newest note that the log key of a ledger signed, wherever it is still kept. The key is that of `log.vkey`, or where
 * that is gone, of the genesis row. Of its signature lines only the two of the ledger itself are handed on: anybody may
 * have added others, to any length, and the row that is to hold the note has a limit.
 *
 * @returns `undefined` if no key or no such note is left
 */
export async function lastSignedNote(remains: Remains): Promise<(StoredNote & { origin: string }) | undefined> {
  const key = publishedKey(remains.vkey) ?? (await genesisKey(remains.journal));
  if (key === undefined) return undefined;
  const found = [await fromStore(remains.journal, key), fromLog(remains.checkpoints, key)];
  const newest = found.filter((note) => note !== undefined).toSorted((a, b) => b.size - a.size)[0];
  return newest === undefined ? undefined : { ...newest, origin: key.name };
}

function publishedKey(file: string): NamedKey | undefined {
  try {
    return parseVkey(fs.readFileSync(file, 'utf8').trim());
  } catch {
    return undefined; // lost with the keys
  }
}

async function genesisKey(journal: Remains['journal']): Promise<NamedKey | undefined> {
  try {
    const [genesis] = (await journal?.rows(0, 1)) ?? [];
    if (genesis === undefined) return undefined;
    const { origin, logKey } = identityOf(genesis.leaf);
    return { name: origin, publicKey: logKey };
  } catch {
    return undefined; // row 0 is not what it was
  }
}

async function fromStore(journal: Remains['journal'], key: NamedKey): Promise<StoredNote | undefined> {
  try {
    let note = await journal?.lastNote();
    for (let looked = 0; note !== undefined && looked < MOST_LOOKED_AT; looked++) {
      const own = ownLines(key, note);
      if (own !== undefined) return own;
      note = await journal?.lastNote(note.size - 1);
    }
  } catch {
    // The table cannot be read any more: the log may still be.
  }
  return undefined;
}

function fromLog(file: string, key: NamedKey): StoredNote | undefined {
  const lines = tailOf(file).split('\n').slice(-MOST_LOOKED_AT);
  for (const line of lines.toReversed()) {
    const [, size, note = ''] = /^([1-9]\d{0,15}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const found = { size: Number(size), note: Buffer.from(note, 'base64').toString() };
    const own = size === undefined ? undefined : ownLines(key, found);
    if (own !== undefined) return own;
  }
  return undefined;
}

function tailOf(file: string): string {
  let fd: number;
  try {
    fd = fs.openSync(file, 'r');
  } catch {
    return ''; // gone
  }
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
    return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, bytes.length, size - bytes.length));
  } catch {
    return ''; // a folder, or a disk that fails
  } finally {
    fs.closeSync(fd);
  }
}

/** The note without what others added; undefined if it is none of this ledger. */
function ownLines(key: NamedKey, { size, note }: StoredNote): StoredNote | undefined {
  let parsed: ParsedNote;
  try {
    parsed = parseNote(note);
  } catch {
    return undefined; // no note
  }
  if (parsed.origin !== key.name || parsed.size !== size || !isSignedBy(parsed, key)) return undefined;
  const own = [...parsed.signatures].filter(
    ([name]) => name === key.name || name.replace(/\d{1,9}$/, '') === `${key.name}/epoch/`,
  );
  if (own.length !== 2 || own.some(([, signature]) => signature.length !== SIGNATURE_BYTES)) return undefined;
  // The log key's line first, wherever it was moved to.
  const lines = own
    .toSorted(([a], [b]) => a.length - b.length)
    .map(([name, signature]) => `\u2014 ${name} ${signature.toString('base64')}\n`);
  return { size, note: `${parsed.text}\n${lines.join('')}` };
}
