/** A ledger in memory, written from docs/formats/chain.md and checkpoint.md without a line of the real one. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

import { canonical, type Flat } from '@outwitness/event';

import { rootOf, rowHash, sha256 } from './tree.ts';

export interface MemoryRow {
  readonly seq: number;
  readonly leaf: string;
  readonly fields: Flat;
  readonly hash: Buffer;
}

interface Key {
  readonly secret: KeyObject;
  readonly public: Buffer;
}

const SOFTWARE = 'outwitness-memory 0.0.0';

export class MemoryLedger {
  readonly rows: MemoryRow[] = [];
  readonly id: string;
  readonly origin: string;
  /** Newest note and the size that it signs. */
  note = { size: 0, text: '', at: 0 };
  readonly #log = newKey();
  #epoch = newKey();
  #number = 0;
  /** The row that introduced the key of the open epoch, where that is not genesis. */
  keyRow: MemoryRow | undefined;

  constructor(now: number) {
    const nonce = randomBytes(32);
    this.id = sha256(this.#log.public, this.#epoch.public, nonce).subarray(0, 16).toString('hex');
    this.origin = `local/outwitness/${this.id}`;
    this.append({
      kind: 'genesis',
      time: now,
      logKey: this.#log.public.toString('hex'),
      epochKey: this.#epoch.public.toString('hex'),
      nonce: nonce.toString('hex'),
      epoch: 0,
      origin: this.origin,
      software: SOFTWARE,
    });
  }

  append(fields: Flat): MemoryRow {
    const seq = this.rows.length;
    const whole = {
      ...fields,
      v: 1,
      ledger: this.id,
      seq,
      prev: this.rows[seq - 1]?.hash.toString('hex') ?? '0'.repeat(64),
      salt: randomBytes(16).toString('hex'),
    };
    const leaf = canonical(whole);
    const row = { seq, leaf, fields: whole, hash: rowHash(leaf) };
    this.rows.push(row);
    return row;
  }

  /** Closes the epoch and opens the next one. */
  nextEpoch(now: number): void {
    const next = newKey();
    const epoch = this.#number + 1;
    const keyRow = this.append({
      kind: 'key',
      event: 'next',
      time: now,
      epoch,
      epochKey: next.public.toString('hex'),
    });
    this.seal(now);
    this.#epoch = next;
    this.#number = epoch;
    this.keyRow = keyRow;
  }

  /** Ends a batch: a seal and the note over it. */
  seal(now: number): void {
    const net = this.rows.filter(({ fields }) => fields['kind'] === 'net').length;
    const gaps = this.rows.filter(({ fields }) => fields['kind'] === 'gap').length;
    const empty = sha256('').toString('hex');
    this.append({
      kind: 'seal',
      time: now,
      epoch: this.#number,
      wall: now,
      monotonic: now,
      boot: 'memory',
      rows: this.rows.length,
      net,
      gaps,
      missing: 0,
      pending: 0,
      pendingDigest: empty,
      writersDigest: empty,
      spools: [],
      uids: ['app=1000', 'collector=1000'],
    });
    const size = this.rows.length;
    const root = rootOf(this.rows.map(({ hash }) => hash)).toString('base64');
    const text = `${this.origin}\n${size}\n${root}\n`;
    const lines = [
      signature(this.origin, this.#log, text),
      signature(`${this.origin}/epoch/${this.#number}`, this.#epoch, text),
    ];
    this.note = { size, text: `${text}\n${lines.join('')}`, at: now };
  }
}

function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { secret: privateKey, public: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) };
}

function signature(name: string, key: Key, text: string): string {
  const keyId = sha256(name, Buffer.from([0x0a, 1]), key.public).subarray(0, 4);
  return `— ${name} ${Buffer.concat([keyId, sign(null, Buffer.from(text), key.secret)]).toString('base64')}\n`;
}
