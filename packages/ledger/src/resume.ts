import { Assembler } from './assembler.ts';
import type { Head } from './batch-builder.ts';
import { rowHash } from './chain.ts';
import type { CheckpointLog } from './checkpoint-log.ts';
import type { Moment } from './clock-rows.ts';
import { ledgerError } from './errors.ts';
import { currentEpoch, type Epoch } from './epochs.ts';
import { type Identity, identityOf } from './genesis.ts';
import type { HighWater } from './high-water.ts';
import { type KeyStore, loadKey, type SigningKey } from './keys.ts';
import { isSignedBy, parseNote } from './note.ts';
import { readSeal } from './seal.ts';
import type { SpoolMark, Store, StoredNote } from './store.ts';
import { compactRange } from './tree-proofs.ts';
import { decodeWriter } from './writer-state.ts';

const NOTES_AT_ONCE = 1000;
/** Most rows of the last batch that a start looks at. */
const MOST_CHECKED = 10_000;

/** Everything that a writer holds in memory, as the newest commit left it. */
export interface Resumed {
  readonly identity: Identity;
  readonly logKey: SigningKey;
  epoch: Epoch;
  readonly head: Head;
  readonly assembler: Assembler;
  readonly spools: Map<string, SpoolMark>;
  note: StoredNote;
  /** The newest seal's. */
  sealed: Moment | undefined;
  /** uids of audited processes seen so far. */
  readonly appUids: Set<number>;
}

/**
 * Goes on where the newest commit ended, after checking cheaply that the store agrees with its own newest note: root,
 * signature, the rows of the last batch (which may be what froze the ledger), digests of the state tables. It is no
 * verification of all rows.
 *
 * @returns `undefined` for an empty store
 * @throws OutwitnessError `ledger-damaged` `key-missing` `key-mismatch`
 */
export async function resume(store: Store, keys: KeyStore): Promise<Resumed | undefined> {
  const size = await store.size();
  const note = await store.lastNote();
  if (size === 0 && note === undefined) return undefined;
  const [first] = await store.rows(0, 1);
  const [last] = await store.rows(size - 1, size);
  const seal = last === undefined ? undefined : readSeal(last.leaf);
  if (first === undefined || last === undefined || note?.size !== size || seal === undefined) {
    throw damaged(
      `the newest note covers ${note?.size ?? 0} rows and the store holds ${size}: expected the same, and a seal as the last row`,
    );
  }
  const identity = identityOf(first.leaf);
  const logKey = loadKey(keys, 'log');
  if (Buffer.compare(logKey.publicKey, identity.logKey) !== 0) {
    throw ledgerError(
      'key-mismatch',
      `the private keys are not those of ${identity.origin}. Restore its keys, or begin a successor ledger.`,
    );
  }
  const [newestKey] = await store.rowsOfKind('key', 1);
  const epoch = currentEpoch(keys, identity, first.leaf, newestKey);
  const tree = await compactRange(store, size);
  const parsed = parseNote(note.note);
  if (!parsed.root.equals(tree.root()) || !isSignedBy(parsed, { name: identity.origin, publicKey: identity.logKey })) {
    throw damaged(
      `the newest note does not fit the ${size} rows that it covers: expected their root under the log key`,
    );
  }
  await checkLastBatch(store, size);
  const assembler = await resumeAssembler(store);
  if (
    assembler.pending.digest().digest !== seal.pendingDigest ||
    assembler.writers.digest().digest !== seal.writersDigest
  ) {
    throw damaged('pending calls or writers are not those of the newest seal: expected the same digest');
  }
  const head: Head = {
    ledger: identity.ledger,
    tree,
    counts: seal.counts,
    prev: Buffer.from(last.rowHash).toString('hex'),
  };
  // The seal itself counts neither as net row nor as gap.
  const spools = new Map((await store.spools()).map((mark) => [mark.name, mark]));
  return {
    identity,
    logKey,
    epoch,
    head,
    assembler,
    spools,
    note,
    sealed: { wall: seal.wall, monotonic: seal.monotonic, boot: seal.boot },
    appUids: new Set(seal.appUids),
  };
}

async function checkLastBatch(store: Store, size: number): Promise<void> {
  const before = (await store.lastNote(size - 1))?.size ?? 0;
  for (const { seq, leaf, rowHash: stored } of await store.rows(Math.max(before, size - MOST_CHECKED), size)) {
    if (!rowHash(leaf).equals(stored)) throw damaged(`row ${seq} is not that of its hash`);
  }
}

async function resumeAssembler(store: Store): Promise<Assembler> {
  const [pending, writers] = [await store.pending(), await store.writers()];
  const texts = new Map<string, string>();
  for (const entry of writers) {
    const writer = decodeWriter(entry);
    if (writer.type !== 'package' || writer.manifest === undefined || texts.has(writer.manifest)) continue;
    const text = await store.text(writer.manifest);
    if (text !== undefined) texts.set(writer.manifest, text);
  }
  return new Assembler({ pending, writers, texts });
}

/**
 * Brings `checkpoints.log` up to the store: notes whose commit was followed by a crash are appended again.
 *
 * @throws OutwitnessError `ledger-rolled-back` if the log holds a valid note that the store does not know
 */
export async function reconcile(
  store: Store,
  log: CheckpointLog,
  identity: Identity,
  newest: StoredNote,
): Promise<void> {
  const logged = log.last;
  if (logged !== undefined) {
    const known = await store.lastNote(logged.size);
    if (logged.size > newest.size || known?.note !== logged.note) refuse('checkpoints.log', logged, newest, identity);
  }
  for (let after = logged?.size ?? 0; ;) {
    const notes = await store.notes(after, NOTES_AT_ONCE);
    log.append(notes);
    after = notes.at(-1)?.size ?? after;
    if (notes.length < NOTES_AT_ONCE) return;
  }
}

/**
 * Refuses a store that is older than what this machine has seen in this directory. What the log key did not sign is passed
 * over: it will be overwritten.
 *
 * @throws OutwitnessError `ledger-rolled-back`
 */
export async function refuseBelow(
  mark: HighWater | undefined,
  store: Store,
  identity: Identity,
  newest: StoredNote,
): Promise<void> {
  const seen = mark?.read();
  if (mark === undefined || seen === undefined || !isOurs(seen, identity)) return;
  const known = await store.lastNote(seen.size);
  if (seen.size > newest.size || known?.note !== seen.note) refuse(mark.file, seen, newest, identity);
}

function isOurs({ note }: StoredNote, { origin, logKey }: Identity): boolean {
  try {
    const parsed = parseNote(note);
    return parsed.origin === origin && isSignedBy(parsed, { name: origin, publicKey: logKey });
  } catch {
    return false; // not even a note
  }
}

function refuse(where: string, logged: StoredNote, newest: StoredNote, identity: Identity): never {
  if (isOurs(logged, identity)) {
    throw ledgerError(
      'ledger-rolled-back',
      `${where} holds a valid note over ${logged.size} rows that the store, with its newest note over ${newest.size}, does not know: the store is an older copy or another branch. Restore the newer store, or begin a successor ledger.`,
    );
  }
  throw ledgerError(
    'checkpoint-log',
    `the last note of checkpoints.log, over ${logged.size} rows, is not of this ledger. Keep a copy, then move the file away: it is made again from the store.`,
  );
}

function damaged(fact: string): Error {
  return ledgerError('ledger-damaged', `${fact}. Run the verifier, keep the evidence and begin a successor ledger.`);
}
