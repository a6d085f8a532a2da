/** What an attacker makes of a ledger: he can do all that its writer can, with the keys that he has. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import {
  canonical,
  type Key,
  logLine,
  type Members,
  ReferenceLedger,
  rowHash,
} from '../../../packages/verifier/test/reference-writer.ts';
import { editPastTriggers, inLedger } from '../../system/ledger-edit.ts';

export {
  canonical,
  type Key,
  makeKey,
  type Members,
  rowHash,
} from '../../../packages/verifier/test/reference-writer.ts';

/** Rows that stay whatever is dropped. */
const KEPT = /"kind":"(?:genesis|key|policy|vacuum|erase)"/;

/** A ledger taken out of its data directory, to be changed, chained again, signed again and put back. */
export class Forgery extends ReferenceLedger {
  /** The epoch that signs at present. */
  readonly today: number;

  /** Everything in a data directory; private keys only where they still lie in it. */
  static of(data: string): Forgery {
    return inLedger(data, (database) => new Forgery(database, keysIn(join(data, 'keys'))));
  }

  private constructor(database: DatabaseSync, keys: ReadonlyMap<string, Key>) {
    const all = (select: string): Record<string, string>[] =>
      database.prepare(select).all() as Record<string, string>[];
    const leaves = all('SELECT leaf FROM rows ORDER BY seq').map(({ leaf }) => leaf ?? '');
    const notes = all(
      'SELECT size, note AS text FROM checkpoints ORDER BY size',
    ) as unknown as ReferenceLedger['notes'];
    const epochKeys: Key[] = [];
    for (const [name, key] of keys) if (name !== 'log') epochKeys[Number(name.slice('epoch-'.length))] = key;
    const logKey = keys.get('log');
    super({ from: { leaves, notes }, epochKeys, ...(logKey === undefined ? {} : { logKey }) });
    for (const table of ['pending', 'writers'] as const)
      for (const { key = '', record = '' } of all(`SELECT key, record FROM ${table}`)) this[table].set(key, record);
    for (const { sha256 = '', text = '' } of all('SELECT sha256, text FROM texts')) this.texts.set(sha256, text);
    this.today = this.epoch = this.of('key').length;
    this.uids = this.leaf(leaves.length - 1)['uids'] as string[];
  }

  leaf(seq: number): Members {
    return JSON.parse(this.leaves[seq] ?? '{}') as Members;
  }

  /** Numbers of the rows of a kind. */
  of(kind: string): number[] {
    return [...this.leaves.keys()].filter((seq) => this.leaves[seq]?.includes(`"kind":"${kind}"`) === true);
  }

  /** The epoch whose key signs the first note over this row. */
  epochOf(seq: number): number {
    return Number(this.leaf(this.of('seal').find((seal) => seal >= seq) ?? -1)['epoch']);
  }

  /** With the count of the rows that must stay, as the writer of today does it. */
  override sealRow(members: Members = {}): number {
    const kept = this.leaves.filter((leaf) => KEPT.test(leaf)).length;
    return super.sealRow({ kept, ...members });
  }

  /** A call in the middle of an epoch. */
  callIn(epoch: number, at = 5): number {
    const calls = this.of('net').filter(
      (seq) =>
        this.epochOf(seq) === epoch && this.leaf(seq)['direction'] === 'out' && this.leaf(seq)['phase'] === 'whole',
    );
    const call = calls[at];
    if (call === undefined) throw new Error(`epoch ${epoch} has no call ${at}`);
    return call;
  }

  edit(seq: number, members: Members): void {
    this.leaves[seq] = canonical({ ...this.leaf(seq), ...members });
  }

  /** The newest row in other letters; its hash fits. */
  respell(seq: number, leaf: string): number {
    this.leaves[seq] = leaf;
    this.hashes[seq] = rowHash(leaf);
    return seq;
  }

  /** Links the newest row to the one before it, whatever that has become. */
  relink(seq: number): void {
    this.edit(seq, { prev: this.hashes[seq - 1]!.toString('hex') });
    this.hashes[seq] = rowHash(this.leaves[seq] ?? '');
  }

  /** Numbers, links and counts all rows anew, so that only the notes know better. */
  chain(): void {
    let [prev, net, gaps, missing, kept] = ['0'.repeat(64), 0, 0, 0, 0];
    this.hashes.length = 0;
    for (const seq of this.leaves.keys()) {
      const kind = this.leaf(seq)['kind'];
      this.edit(seq, { seq, prev, ...(kind === 'seal' ? { rows: seq, net, gaps, missing, kept } : {}) });
      if (KEPT.test(this.leaves[seq] ?? '')) kept += 1;
      if (kind === 'net') net += 1;
      if (kind === 'gap') [gaps, missing] = [gaps + 1, missing + Number(this.leaf(seq)['missing'])];
      this.hashes.push(rowHash(this.leaves[seq] ?? ''));
      prev = this.hashes[seq]!.toString('hex');
    }
  }

  /** Makes the notes of all seals from this size on anew; `signer` says who signs an epoch that has lost its key. */
  sign(from: number, signer: (epoch: number) => Key): void {
    while ((this.notes.at(-1)?.size ?? -1) >= from) this.notes.pop();
    const own = [...this.epochKeys];
    for (const seal of this.of('seal').filter((seq) => seq + 1 >= from)) {
      const epoch = Number(this.leaf(seal)['epoch']);
      this.epochKeys[epoch] = signer(epoch);
      this.note({ size: seal + 1, epoch });
    }
    this.epochKeys.splice(0, this.epochKeys.length, ...own);
  }

  /** Introduces a key of the attacker's as that of the next epoch. */
  nextEpochBy(key: Key): number {
    this.epochKeys[this.epoch + 1] = key;
    return this.nextEpoch();
  }

  /** A ledger of the attacker's own in place of this one, with one call that never was. */
  begin(logKey: Key, genesis: Members = {}): this {
    const other = new ReferenceLedger({ seed: 'mine', logKey, start: this.time, genesis });
    other.net();
    other.seal();
    const { leaves, hashes, notes, id, origin, epochKeys, pending, writers, texts } = other;
    return Object.assign(this, { leaves, hashes, notes, id, origin, epochKeys, logKey, pending, writers, texts });
  }

  /** Puts rows, notes, log and all that is derived from them back, past the triggers. */
  store(data: string, { log = true } = {}): void {
    editPastTriggers(data, (database) => {
      for (const table of ['rows', 'checkpoints', 'nodes', 'rollup', 'pending', 'writers', 'texts'])
        database.exec(`DELETE FROM ${table}`);
      this.writeInto(database);
      const named = this.of('seal').flatMap((seq) => (this.leaf(seq)['spools'] ?? []) as string[]);
      const names = JSON.stringify(named.map((entry) => entry.split(' ')[0]));
      database.prepare('DELETE FROM spools WHERE name NOT IN (SELECT value FROM json_each(?))').run(names);
    });
    if (!log) return;
    writeFileSync(join(data, 'checkpoints.log'), this.notes.map(({ size, text }) => logLine(size, text)).join(''));
  }
}

function keysIn(folder: string): Map<string, Key> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.key'));
  return new Map(
    files.map((file) => {
      const privateKey = createPrivateKey(readFileSync(join(folder, file), 'utf8'));
      const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(12);
      return [file.slice(0, -'.key'.length), { privateKey, publicKey }];
    }),
  );
}
