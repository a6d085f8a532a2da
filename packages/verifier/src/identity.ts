/** Who a ledger is: its id, its origin, the keys that may sign for it. All of it follows from the genesis row. */
import { fromHex, toHex } from './bytes.ts';
import type { Leaf } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import type { Report } from './findings.ts';
import { weakness } from './note.ts';

interface EpochKey {
  publicKey: Uint8Array;
  /** The row that introduced it. */
  seq: number;
}

/** What the genesis row and the `key` rows say. Missing members mean that they could not be read. */
export class Identity {
  ledger = '';
  origin = '';
  logKey: Uint8Array | undefined;
  readonly epochKeys: Map<number, EpochKey> = new Map();
  readonly #crypto: Crypto;
  readonly #report: Report;

  constructor(crypto: Crypto, report: Report) {
    this.#crypto = crypto;
    this.#report = report;
  }

  /** The ledger id is a digest of both keys, so an origin cannot be kept with other keys. */
  readGenesis(leaf: Leaf): void {
    const [log, epoch, nonce] = ['logKey', 'epochKey', 'nonce'].map((name) => fromHex(String(leaf.get(name)), 32));
    if (log === undefined || epoch === undefined || nonce === undefined) {
      this.#report.add('genesis', 0, 'genesis row without its keys and nonce');
      return;
    }
    const id = toHex(this.#crypto.sha256(Uint8Array.from([...log, ...epoch, ...nonce])).subarray(0, 16));
    this.ledger = String(leaf.get('ledger'));
    this.origin = String(leaf.get('origin'));
    if (id !== this.ledger) {
      this.#report.add('ledger-id', 0, 'the ledger id is not that of the keys of the genesis row', id, this.ledger);
    }
    if (!/^[A-Za-z0-9.-]{1,64}$/.test(this.origin.replace(`/outwitness/${this.ledger}`, ''))) {
      this.#report.add('genesis', 0, 'the origin is not <operator>/outwitness/<ledger>', this.ledger, this.origin);
    }
    this.logKey = this.#accept(log, 0, 'log key');
    const epochKey = this.#accept(epoch, 0, 'key of epoch 0');
    if (epochKey !== undefined) this.epochKeys.set(0, { publicKey: epochKey, seq: 0 });
  }

  readKeyRow(leaf: Leaf, seq: number): void {
    const epoch = Number(leaf.get('epoch'));
    const next = this.epochKeys.size;
    if (epoch !== next) this.#report.add('epoch', seq, 'a key row skips or repeats an epoch', `${next}`, `${epoch}`);
    const publicKey = fromHex(String(leaf.get('epochKey')), 32);
    const accepted = publicKey === undefined ? undefined : this.#accept(publicKey, seq, `key of epoch ${epoch}`);
    if (accepted !== undefined && epoch === next) this.epochKeys.set(epoch, { publicKey: accepted, seq });
  }

  #accept(publicKey: Uint8Array, seq: number, name: string): Uint8Array | undefined {
    const weak = weakness(publicKey);
    if (weak === undefined) return publicKey;
    this.#report.add('key', seq, `${name}: ${weak}`, '', toHex(publicKey));
    return undefined;
  }
}
