import path from 'node:path';
import { Assembler } from './assembler.ts';
import { NO_ROW } from './chain.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { Members } from './cleaning.ts';
import { ledgerError } from './errors.ts';
import { genesis, predecessorOf } from './genesis.ts';
import { loadOrCreateKey } from './keys.ts';
import type { LedgerOptions } from './ledger-options.ts';
import { CompactRange } from './merkle.ts';
import { vkey } from './note.ts';
import type { Resumed } from './resume.ts';

/**
 * The state of a ledger that has no row yet, and its genesis row. Keys are durable before anything names them; a crash
 * before the first commit leaves keys that the next beginning uses under a new nonce.
 *
 * @throws OutwitnessError `ledger-rolled-back` beside a log with notes: the store was lost, and a new ledger would hide it
 */
export function begin(options: LedgerOptions, log: CheckpointLog): { state: Resumed; first: Members } {
  if (log.last !== undefined) {
    const file = path.basename(options.checkpoints);
    throw ledgerError(
      'ledger-rolled-back',
      `the store is empty and ${file} ends with a note over ${log.last.size} rows: expected no notes. Restore the store, or begin a successor ledger elsewhere.`,
    );
  }
  const owner = options.keys.owner();
  if (owner !== undefined) {
    throw ledgerError(
      'keys-shared',
      `the folder of keys belongs to the ledger ${owner}, and a new one would begin: expected a folder of its own. Move the folder away and keep it with that ledger, or name another one.`,
    );
  }
  const logKey = loadOrCreateKey(options.keys, 'log');
  const epochKey = loadOrCreateKey(options.keys, 'epoch-0');
  const keys = { log: logKey.publicKey, epoch: epochKey.publicKey };
  const { operator = 'local', software, successorOf } = options;
  const { identity, members } = genesis(operator, software, keys, options.random(32), successorOf);
  options.keys.publish(vkey({ name: identity.origin, publicKey: keys.log }));
  const tree = new CompactRange();
  const head = { ledger: identity.ledger, tree, counts: { net: 0, gaps: 0, missing: 0, kept: 0 }, prev: NO_ROW };
  const assembler = new Assembler({ pending: [], writers: [], texts: new Map() });
  const time = options.clock.wall();
  const state = {
    identity,
    logKey,
    epoch: { number: 0, key: epochKey, seq: 0, began: time },
    head,
    assembler,
    spools: new Map(),
    note: { size: 0, note: '' },
    sealed: undefined,
    appUids: new Set<number>(),
  };
  return { state, first: { ...members, time } };
}

/**
 * A successor begins where nothing is: a ledger that is there goes on under its own name.
 *
 * @throws OutwitnessError `ledger-exists`
 */
export async function refuseSuccessor({ store, successorOf }: LedgerOptions): Promise<void> {
  const [first] = successorOf === undefined ? [] : await store.rows(0, 1);
  if (first === undefined || successorOf === undefined) return;
  const before = predecessorOf(first.leaf);
  throw ledgerError(
    'ledger-exists',
    before?.origin === successorOf.origin
      ? `the successor of ${before.origin} is there already: expected an empty directory. It was begun; start its collector.`
      : 'there is a ledger already: expected an empty directory. Name another one for the successor.',
  );
}
