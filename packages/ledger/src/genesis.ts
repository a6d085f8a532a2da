import { createHash } from 'node:crypto';
import { clean, type Flat, parseCanonical } from '@outwitness/event';
import type { Members } from './cleaning.ts';
import { ledgerError } from './errors.ts';
import { refuseWeakKey } from './keys.ts';

/** Who a ledger is: what its genesis row fixes. */
export interface Identity {
  /** 32 hex digits. */
  readonly ledger: string;
  readonly origin: string;
  readonly logKey: Uint8Array;
  readonly epochKey: Uint8Array;
}

/** The ledger that a new one follows: frozen, or restored from an older copy. */
export interface Predecessor {
  readonly origin: string;
  /** Text of its last note. */
  readonly note: string;
  /** What a verifier said of it last. */
  readonly verdict: string;
  /** Why it does not go on; not empty. */
  readonly why: string;
}

const OPERATOR = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * The members of a genesis row, and the identity that follows from them.
 *
 * @param nonce 32 random bytes: the same keys with a new nonce are a new ledger
 * @throws OutwitnessError `operator-name`
 */
export function genesis(
  operator: string,
  software: string,
  keys: { log: Uint8Array; epoch: Uint8Array },
  nonce: Uint8Array,
  successorOf?: Predecessor,
): { identity: Identity; members: Members } {
  if (!OPERATOR.test(operator)) {
    throw ledgerError(
      'operator-name',
      `operator ${JSON.stringify(operator)}: expected 1 to 64 letters, digits, dots and hyphens. Choose another name.`,
    );
  }
  const ledger = ledgerId(keys.log, keys.epoch, nonce);
  const origin = `${operator}/outwitness/${ledger}`;
  const members: Members = {
    kind: 'genesis',
    logKey: Buffer.from(keys.log).toString('hex'),
    epochKey: Buffer.from(keys.epoch).toString('hex'),
    nonce: Buffer.from(nonce).toString('hex'),
    epoch: 0,
    origin,
    software: clean(software, 64),
  };
  if (successorOf !== undefined) {
    members['successorOf'] = clean(successorOf.origin, 128);
    members['successorNote'] = successorOf.note;
    members['successorVerdict'] = clean(successorOf.verdict, 16);
    members['successorWhy'] = clean(successorOf.why, 512);
  }
  return { identity: { ledger, origin, logKey: keys.log, epochKey: keys.epoch }, members };
}

/** Reads the identity back from row 0. @throws OutwitnessError `ledger-damaged`, `key-weak` */
export function identityOf(leaf: string): Identity {
  const row: Flat = parseCanonical(leaf);
  const hex = (name: string): Buffer => Buffer.from(String(row[name] ?? ''), 'hex');
  const [logKey, epochKey, nonce] = [hex('logKey'), hex('epochKey'), hex('nonce')];
  if (row['kind'] !== 'genesis' || row['ledger'] !== ledgerId(logKey, epochKey, nonce)) {
    throw ledgerError(
      'ledger-damaged',
      'row 0 is no genesis row of this ledger. Run the verifier, keep the evidence and begin a successor ledger.',
    );
  }
  refuseWeakKey(logKey);
  refuseWeakKey(epochKey);
  return { ledger: row['ledger'], origin: String(row['origin']), logKey, epochKey };
}

/** The ledger before, as row 0 of a successor names it. The leaf is only read, not judged. */
export function predecessorOf(leaf: string): (Predecessor & { readonly size: number }) | undefined {
  const row: Flat = parseCanonical(leaf);
  const [origin, note, verdict, why] = ['Of', 'Note', 'Verdict', 'Why'].map((name) => row[`successor${name}`]);
  if (typeof origin !== 'string') return undefined;
  const size = Number(String(note).split('\n')[1]);
  return { origin, note: String(note), size, verdict: String(verdict), why: String(why) };
}

function ledgerId(log: Uint8Array, epoch: Uint8Array, nonce: Uint8Array): string {
  return createHash('sha256').update(log).update(epoch).update(nonce).digest('hex').slice(0, 32);
}
