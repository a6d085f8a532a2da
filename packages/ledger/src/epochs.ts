import { parseCanonical } from '@outwitness/event';
import type { Members } from './cleaning.ts';
import { ledgerError } from './errors.ts';
import type { Identity } from './genesis.ts';
import { type KeyStore, loadKey, loadOrCreateKey, type SigningKey } from './keys.ts';
import type { StoredRow } from './store.ts';

/** When an epoch closes: at the first commit after either is reached. */
export interface EpochLimits {
  readonly rows: number;
  /** µs. */
  readonly us: number;
}

/** The epoch whose key signs. */
export interface Epoch {
  readonly number: number;
  readonly key: SigningKey;
  /** The row that introduced the key: genesis or a `key` row. */
  readonly seq: number;
  /** µs, `time` of that row. */
  readonly began: number;
}

/** A prepared epoch: its key is on disk, its `key` row is not committed yet. */
export interface NextEpoch {
  readonly number: number;
  readonly key: SigningKey;
  readonly members: Members;
}

/** µs between two tries of what failed. */
const RETRY = 60_000_000;

const keyName = (epoch: number): string => `epoch-${epoch}`;

/**
 * The epoch that the newest commit left open: that of the newest `key` row, or epoch 0.
 *
 * @throws OutwitnessError `key-missing` `key-mismatch`
 */
export function currentEpoch(keys: KeyStore, identity: Identity, genesis: string, newest?: StoredRow): Epoch {
  const row = parseCanonical(newest?.leaf ?? genesis);
  const number = Number(row['epoch']);
  const key = loadKey(keys, keyName(number));
  if (Buffer.from(key.publicKey).toString('hex') !== row['epochKey']) {
    throw ledgerError(
      'key-mismatch',
      `${keyName(number)}.key is not the key that ${identity.origin} introduced for epoch ${number}. Restore its keys, or begin a successor ledger.`,
    );
  }
  return { number, key, seq: newest?.seq ?? 0, began: Number(row['time']) };
}

/**
 * Opens and closes epochs. Nothing that goes wrong here stops the ledger: without a next key the epoch stays open and
 * its key goes on signing, and a closed key that could not be destroyed is tried again.
 */
export class EpochKeys {
  /** Why an epoch could not be closed or its key not be destroyed; `''` if all is well. */
  problem = '';
  readonly #keys: KeyStore;
  readonly #origin: string;
  readonly #limits: EpochLimits | undefined;
  #tried = -Infinity;

  constructor(keys: KeyStore, origin: string, limits: EpochLimits | undefined) {
    this.#keys = keys;
    this.#origin = origin;
    this.#limits = limits;
  }

  /**
   * The epoch to open under the closing note of this one, if that is due. Its key is durable before anything names it: a
   * crash before the commit leaves it for the next try. It is never made anew, since a commit that seemed to fail may
   * have introduced it.
   *
   * @param now µs; a clock that was put back counts as time gone by
   */
  next(epoch: Epoch, size: number, now: number): NextEpoch | undefined {
    const limits = this.#limits;
    if (limits === undefined) return undefined;
    if (size - epoch.seq < limits.rows && Math.abs(now - epoch.began) < limits.us) return undefined;
    if (this.problem !== '' && Math.abs(now - this.#tried) < RETRY) return undefined;
    const number = epoch.number + 1;
    return this.#guard(now, `epoch ${epoch.number} stays open`, () => {
      this.#refuseForeign();
      const key = loadOrCreateKey(this.#keys, keyName(number));
      const epochKey = Buffer.from(key.publicKey).toString('hex');
      return { number, key, members: { kind: 'key', event: 'next', epoch: number, epochKey, time: now } };
    });
  }

  /** Claims the folder of keys for this ledger, and destroys what a crash left of closed epochs. */
  claim(epoch: Epoch, now: number): void {
    this.#guard(now, 'epochs do not close', () => {
      if (this.#keys.owner() === undefined) this.#keys.own(this.#origin);
      this.#refuseForeign();
    });
    this.destroyClosed(epoch, now);
  }

  /** Destroys the keys of closed epochs. Only after the `key` row of this epoch is committed and read back. */
  destroyClosed(epoch: Epoch, now: number): void {
    if (this.problem !== '' && Math.abs(now - this.#tried) < RETRY) return;
    this.#guard(now, 'the key of a closed epoch is still there', () => {
      for (const name of this.#keys.names()) {
        const number = /^epoch-(0|[1-9]\d*)$/.exec(name)?.[1];
        if (number === undefined || Number(number) >= epoch.number) continue;
        this.#refuseForeign();
        this.#keys.destroy(name);
      }
    });
  }

  /** A folder of keys serves one ledger: another one may still sign with what this one would destroy. */
  #refuseForeign(): void {
    const owner = this.#keys.owner();
    if (owner === this.#origin) return;
    throw new Error(`the folder of keys belongs to ${owner ?? 'no ledger yet'}: expected ${this.#origin}`);
  }

  #guard<T>(now: number, consequence: string, work: () => T): T | undefined {
    try {
      const done = work();
      this.problem = '';
      return done;
    } catch (error) {
      this.problem = `${consequence}: ${(error as Error).message}`;
      this.#tried = now;
      return undefined;
    }
  }
}
