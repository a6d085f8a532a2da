/** A ledger of four epochs, and what somebody who lacks the keys of closed ones makes of it. */
import { type Key, makeKey, type ReferenceLedger, sampleLedger } from './reference-writer.ts';

/** Epochs 0 to 3 of the sample's keys and one more; epoch 2 is idle. */
export const EPOCH_KEYS: readonly Key[] = [0, 1, 2, 3].map((n) => makeKey(`reference epoch ${n}`));

export interface Forgery {
  /** Changes a row of epoch 1, so that everything after it must be signed again. */
  changed?: boolean;
  /** Who signs the notes of an epoch, when they are made. */
  signer?: (epoch: number) => Key;
  /** The number under which they sign. */
  named?: (epoch: number) => number;
  /** Epochs that do not happen; those after it move up. */
  without?: number;
  /** Keys that the `key` rows introduce. */
  keys?: readonly Key[];
}

export function epochLedger({
  changed = false,
  signer,
  named,
  without,
  keys = EPOCH_KEYS,
}: Forgery = {}): ReferenceLedger {
  const ledger = sampleLedger({ epochKeys: [...keys] });
  const seal = (epoch: number): void => {
    ledger.sealRow({ epoch: named?.(epoch) ?? epoch });
    const key = signer?.(epoch);
    const kept = ledger.epochKeys[named?.(epoch) ?? epoch]!;
    if (key !== undefined) ledger.epochKeys[named?.(epoch) ?? epoch] = key;
    ledger.note({ epoch: named?.(epoch) ?? epoch });
    ledger.epochKeys[named?.(epoch) ?? epoch] = kept;
  };
  for (let epoch = 0; epoch < 4; epoch += 1) {
    if (epoch === without) continue;
    if (epoch !== 2) {
      ledger.net(changed && epoch === 1 ? { host: 'harmless.example' } : {});
      seal(epoch);
    }
    if (epoch === 3) break;
    const next = epoch + 1 === without ? epoch + 2 : epoch + 1;
    ledger.row({ kind: 'key', epoch: next, epochKey: keys[next]!.publicKey.toString('hex'), event: 'next' });
    seal(epoch);
    ledger.epoch = next;
  }
  return ledger;
}
