/** Signatures, roots and proofs of a ledger with several epochs, judged by programs that are not ours. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  bundle,
  consistencyProof,
  inclusionProof,
  keyDirectory,
  keyId,
  Ledger,
  type StoredNote,
  type StoredRow,
  vkey,
} from '@outwitness/ledger';
import { openStore, type SqliteStore } from '@outwitness/store-sqlite';

import { nodeCrypto, verifyBundle } from '../../packages/verifier/dist/index.js';
import type { Checks } from '../output/checks.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

/** DER of SubjectPublicKeyInfo for Ed25519 up to the 32 bytes of the key (RFC 8410). */
const SPKI = '302a300506032b6570032100';
const HOUR_US = 3_600_000_000;
/** More than 256, so that the cached nodes of the store take part. */
const ROWS = 300;
const GO = join(import.meta.dirname, '../fixtures/independent/check.go');
/** Where Debian's golang-golang-x-mod-dev lies. */
const GOPATH = '/usr/share/gocode';

interface Evidence {
  rows: StoredRow[];
  notes: (StoredNote & { keys: { name: string; publicKey: Buffer }[] })[];
  inclusion: { seq: number; size: number; hashes: string[] }[];
  consistency: { older: number; size: number; hashes: string[] }[];
}

/** @returns what could not be tried, and why */
export async function otherVerifiers(checks: Checks): Promise<string[]> {
  using folder = temporaryFolder('independent');
  const store = openStore(join(folder.path, 'ledger.db'));
  try {
    await writeEpochs(store, folder.path);
    const evidence = await evidenceOf(store);
    const epochs = new Set(evidence.notes.map(({ keys }) => keys[1]?.name)).size;
    checks.record(
      'rows, notes, epochs',
      `${evidence.rows.length}, ${evidence.notes.length}, ${epochs}`,
      'epochs > 3',
      epochs > 3,
    );
    const skipped = [
      openssl(checks, folder.path, evidence),
      signify(checks, folder.path, evidence),
      go(checks, folder.path, evidence),
      await age(checks, folder.path, store, evidence),
    ];
    return skipped.filter((skip) => skip !== '');
  } finally {
    store.close();
  }
}

/** By the writer of the product; only its clock is another, so that epochs end. */
async function writeEpochs(store: SqliteStore, folder: string): Promise<void> {
  let wall = Date.now() * 1000;
  const ledger = await Ledger.open({
    store,
    keys: keyDirectory(join(folder, 'keys')),
    checkpoints: join(folder, 'checkpoints.log'),
    software: 'outwitness claim',
    judge: () => ({ class: 'unclassified', declared: 'none', catalogue: '' }),
    fold: () => [],
    epoch: { rows: 1_000_000, us: HOUR_US },
    clock: { wall: () => wall, monotonic: () => wall },
    random: randomBytes,
    boot: 'boot of the claim',
  });
  for (let n = 0; ledger.size < ROWS; n++) {
    const own = Array.from({ length: 10 }, (_, i) => ({
      kind: 'control' as const,
      event: 'export' as const,
      actor: 'cli',
      text: `row ${n} ${i}`,
    }));
    await ledger.append({ own });
    if (n % 5 === 4) wall += HOUR_US;
  }
  await ledger.close();
}

async function evidenceOf(store: SqliteStore): Promise<Evidence> {
  const size = await store.size();
  const rows = await store.rows(0, size);
  const leaf = (row: StoredRow | undefined): Record<string, string> =>
    JSON.parse(row?.leaf ?? '{}') as Record<string, string>;
  const genesis = leaf(rows[0]);
  const epochKeys = [rows[0], ...(await store.rowsOfKind('key'))].map((row) =>
    Buffer.from(leaf(row)['epochKey'] ?? '', 'hex'),
  );
  const origin = genesis['origin'] ?? '';
  const notes = (await store.notes(0, size)).map((note) => {
    const epoch = Number(leaf(rows[note.size - 1])['epoch']);
    const keys = [
      { name: origin, publicKey: Buffer.from(genesis['logKey'] ?? '', 'hex') },
      { name: `${origin}/epoch/${epoch}`, publicKey: epochKeys[epoch] ?? Buffer.alloc(0) },
    ];
    return { ...note, keys };
  });
  const base64 = (hashes: readonly Uint8Array[]): string[] =>
    hashes.map((hash) => Buffer.from(hash).toString('base64'));
  const inclusion = [];
  for (let seq = 0; seq < size; seq += 7)
    inclusion.push({ seq, size, hashes: base64(await inclusionProof(store, seq, size)) });
  const consistency = [];
  for (const older of notes.map((note) => note.size).filter((one) => one < size))
    consistency.push({ older, size, hashes: base64(await consistencyProof(store, older, size)) });
  return { rows, notes, inclusion, consistency };
}

/** One signature line of a note, and what it is over. */
interface Signed {
  readonly publicKey: Buffer;
  readonly text: string;
  readonly signature: Buffer;
}

function signaturesOf({ notes }: Evidence): Signed[] {
  return notes.flatMap(({ note, keys }) =>
    keys.map(({ publicKey }, at) => ({
      publicKey,
      text: note.slice(0, note.indexOf('\n\n') + 1),
      signature: encodedIn(note, at).subarray(4),
    })),
  );
}

function encodedIn(note: string, line: number): Buffer {
  return Buffer.from(note.split('\n')[4 + line]?.split(' ')[2] ?? '', 'base64');
}

/** Every signature line, and the same over a text that nobody signed. */
function countAccepted(
  checks: Checks,
  program: string,
  all: readonly Signed[],
  accepts: (one: Signed) => boolean,
): void {
  const changed = all.map((one) => ({ ...one, text: one.text.replace('/outwitness/', '/outwitnesS/') }));
  checks.equal(`signatures that ${program} accepts`, all.filter(accepts).length, all.length);
  checks.equal(
    `the same over another text that ${program} refuses`,
    changed.filter((one) => !accepts(one)).length,
    all.length,
  );
}

function openssl(checks: Checks, folder: string, evidence: Evidence): string {
  let ids = 0;
  for (const { note, keys } of evidence.notes) {
    for (const [at, { name, publicKey }] of keys.entries()) {
      const isNamed = note.split('\n')[4 + at]?.split(' ')[1] === name;
      if (isNamed && encodedIn(note, at).subarray(0, 4).equals(keyId({ name, publicKey }))) ids++;
    }
  }
  checks.equal('signature lines under their names and key IDs', ids, evidence.notes.length * 2);
  if (spawnSync('openssl', ['version']).status !== 0) return 'openssl: not installed';
  const [keyFile, textFile, signatureFile] = filesIn(folder);
  countAccepted(checks, 'openssl', signaturesOf(evidence), ({ publicKey, text, signature }) => {
    writeFileSync(keyFile, Buffer.concat([Buffer.from(SPKI, 'hex'), publicKey]));
    writeFileSync(textFile, text);
    writeFileSync(signatureFile, signature);
    const args = ['-verify', '-pubin', '-keyform', 'DER', '-inkey', keyFile, '-rawin', '-in', textFile];
    return spawnSync('openssl', ['pkeyutl', ...args, '-sigfile', signatureFile]).status === 0;
  });
  return '';
}

function filesIn(folder: string): [key: string, text: string, signature: string] {
  return [join(folder, 'key'), join(folder, 'text'), join(folder, 'signature')];
}

/** OpenBSD's signify, which knows no notes: key and signature in its own files, over the text of the note. */
function signify(checks: Checks, folder: string, evidence: Evidence): string {
  const program = ['signify-openbsd', 'signify'].find((name) => spawnSync(name, []).error === undefined);
  if (program === undefined) return 'signify: not installed (Debian: signify-openbsd)';
  const [keyFile, textFile, signatureFile] = filesIn(folder);
  /** A comment, then "Ed", 8 bytes that must be those of the key, and key or signature. */
  const file = (path: string, number: Buffer, content: Buffer): void =>
    writeFileSync(
      path,
      `untrusted comment: a note\n${Buffer.concat([Buffer.from('Ed'), number, content]).toString('base64')}\n`,
    );
  countAccepted(checks, 'signify', signaturesOf(evidence), ({ publicKey, text, signature }) => {
    file(keyFile, publicKey.subarray(0, 8), publicKey);
    file(signatureFile, publicKey.subarray(0, 8), signature);
    writeFileSync(textFile, text);
    return spawnSync(program, ['-V', '-q', '-p', keyFile, '-x', signatureFile, '-m', textFile]).status === 0;
  });
  return '';
}

/** A bundle sealed to somebody, as docs/guide/operations.md sends it: what comes out is judged as what went in. */
async function age(checks: Checks, folder: string, store: SqliteStore, { rows, notes }: Evidence): Promise<string> {
  if (spawnSync('age', ['--version']).status !== 0) return 'age: not installed (Debian: age)';
  const [identity, plain, sealed] = ['auditor.key', 'all.outwitness', 'all.outwitness.age'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  let text = '';
  for await (const lines of bundle(store, { exported: Date.now() * 1000, software: 'outwitness claim' })) text += lines;
  writeFileSync(plain, text);
  const recipient = /age1\S+/.exec(spawnSync('age-keygen', ['-o', identity], { encoding: 'utf8' }).stderr)?.[0] ?? '';
  const { status } = spawnSync('age', ['-r', recipient, '-o', sealed, plain]);
  checks.equal('exit of age that seals a bundle', status ?? -1, 0);
  const holds = readFileSync(sealed).includes('outwitness-bundle');
  checks.equal('is the bundle to be read in the sealed file', `${holds}`, 'false');
  const opened = spawnSync('age', ['-d', '-i', identity, sealed], { maxBuffer: 1 << 28 }).stdout;
  const [log] = notes[0]?.keys ?? [];
  const { verdict, range } = await verifyBundle([opened], nodeCrypto, { pins: log === undefined ? [] : [vkey(log)] });
  checks.equal(
    'the opened bundle under the pinned log key',
    `${verdict} ${range.join(' ')}`,
    `VERIFIED 0 ${rows.length}`,
  );
  const bent = readFileSync(sealed);
  bent.writeUInt8(bent.at(-1)! ^ 1, bent.length - 1);
  writeFileSync(sealed, bent);
  const refused = spawnSync('age', ['-d', '-i', identity, sealed]).status !== 0;
  checks.equal('does age refuse it with one bit changed', `${refused}`, 'true');
  return '';
}

/** Go's sumdb/note and tlog, the reference of both formats. */
function go(checks: Checks, folder: string, { rows, notes, inclusion, consistency }: Evidence): string {
  if (spawnSync('go', ['version']).status !== 0) return 'sumdb/note and tlog: go is not installed (Debian: golang-go)';
  if (!existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog')))
    return 'sumdb/note and tlog: their source is not installed (Debian: golang-golang-x-mod-dev)';
  const input = join(folder, 'evidence.json');
  writeFileSync(
    input,
    JSON.stringify({
      leaves: rows.map(({ leaf }) => leaf),
      notes: notes.map(({ size, note, keys }) => ({ size, note, vkeys: keys.map((key) => vkey(key)) })),
      inclusion,
      consistency,
    }),
  );
  const env = { ...process.env, GO111MODULE: 'off', GOPATH, GOFLAGS: '', GOCACHE: join(folder, 'go-cache') };
  const { stdout, stderr, status } = spawnSync('go', ['run', GO, input], { env, encoding: 'utf8' });
  checks.equal('exit of the program on sumdb/note and tlog', `${status} ${stderr}`.trim(), '0');
  const counts = (status === 0 ? JSON.parse(stdout) : {}) as Record<string, number>;
  checks.equal('signatures that sumdb/note accepts', counts['signatures'] ?? 0, notes.length * 2);
  checks.equal('roots that tlog computes from the leaves', counts['roots'] ?? 0, notes.length);
  checks.equal('inclusion proofs that tlog accepts', counts['inclusion'] ?? 0, inclusion.length);
  checks.equal('consistency proofs that tlog accepts', counts['consistency'] ?? 0, consistency.length);
  checks.equal('changed roots and leaves that they refuse', counts['refused'] ?? 0, notes.length + inclusion.length);
  return '';
}
