import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { OutwitnessError } from '@outwitness/event';
import { lastSignedNote, type Predecessor } from '@outwitness/ledger';
import { lockHolder, openEvidence, type SqliteJournal } from '@outwitness/store-sqlite';
import { readAlive } from './alive-file.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { type DataDir, movedCheckpoints } from './data-dir.ts';
import { collectorError } from './errors.ts';
import { runVerifier } from './verification.ts';

/** A ledger that has begun in place of another one. */
export interface Succession {
  readonly origin: string;
  /** Its verifier key line: to be pinned anew. */
  readonly vkey: string;
  readonly predecessor: Omit<Predecessor, 'note'> & { readonly size: number };
}

/**
 * Begins a ledger whose genesis row names the one before it. The old directory is read and left as it is. Before the
 * genesis row is committed there is no new ledger, afterwards it is whole: a crash in between is made good by asking again.
 *
 * @param from the old directory, in which nobody writes
 * @param why the reason; `''` only where the old ledger is frozen, which then is the reason
 * @throws OutwitnessError `succession-refused`, `ledger-exists`, and those of {@link Collector.open}
 */
export async function succeed(options: CollectorOptions, from: DataDir, why: string): Promise<Succession> {
  requireRemains(from);
  refuseSame(from, options.dir);
  refuseRunning(from);
  refuseOtherUser(from);
  const frozen = readAlive(from.alive, 0)?.frozen ?? '';
  if (why === '' && frozen === '')
    throw refused(
      `${from.root} is not frozen, and no reason was given: expected why its ledger does not go on. Say it with --why.`,
    );
  const { note, size, origin } = await lastWordOf(from);
  const { verdict } = await verdictOn(from, options);
  const predecessor = { origin, verdict, why: why === '' ? frozen : why };
  const collector = await Collector.open({ ...options, successorOf: { ...predecessor, note } });
  const { ledger } = collector;
  await collector.stop();
  return { origin: ledger.origin, vkey: ledger.vkey, predecessor: { ...predecessor, size } };
}

function refused(message: string, cause?: unknown): OutwitnessError {
  return collectorError('succession-refused', message, cause);
}

function requireRemains({ root, ledger, checkpoints }: DataDir): void {
  if (isThere(ledger) || isThere(checkpoints)) return;
  throw refused(
    `nothing of a ledger can be read in ${root}: expected ledger.db or checkpoints.log. Name the old directory.`,
  );
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to look at
  }
}

function refuseSame(from: DataDir, to: DataDir): void {
  for (const part of ['root', 'keys', 'checkpoints'] as const) {
    if (realOf(from[part]) !== realOf(to[part])) continue;
    throw refused(
      `old and new ledger would have ${part === 'root' ? 'the directory' : part} ${to[part]} in common: expected two places. Move the old one away, or name another with --${part === 'root' ? 'data' : part}.`,
    );
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // made later
  }
}

function refuseRunning(from: DataDir): void {
  const alive = readAlive(from.alive, Date.now());
  const pid = alive?.running === true ? alive.pid : lockHolder(from.lock);
  if (pid === undefined) return;
  throw refused(`process ${pid} writes ${from.root}: expected nobody. Stop it first.`);
}

/** What root makes here, the service that goes on under its own user could not write. */
function refuseOtherUser({ root }: DataDir): void {
  const { uid } = statSync(root);
  if (process.getuid?.() !== 0 || uid === 0) return;
  throw refused(
    `${root} belongs to user ${uid}, and the new ledger would belong to root: expected one user for both. Run this as that user, such as: sudo -u '#${uid}' outwitness admin succeed …`,
  );
}

async function lastWordOf(from: DataDir): ReturnType<typeof noted> {
  let journal: SqliteJournal | undefined;
  try {
    journal = isThere(from.ledger) ? openEvidence(from.ledger) : undefined;
  } catch {
    // What the store was is told by the log of checkpoints, what it is now by the verifier.
  }
  try {
    return await noted(from, journal);
  } finally {
    journal?.close();
  }
}

async function noted(
  { root, checkpoints, keys }: DataDir,
  journal: SqliteJournal | undefined,
): Promise<{ origin: string; note: string; size: number }> {
  const found = await lastSignedNote({ journal, checkpoints, vkey: join(keys, 'log.vkey') });
  if (found !== undefined) return found;
  throw refused(
    `no checkpoint that its log key signed is left in ${root}: expected one in ledger.db or ${checkpoints}. A ledger that follows nothing begins with: outwitness collect`,
  );
}

async function verdictOn(from: DataDir, { verifier }: CollectorOptions): ReturnType<typeof runVerifier> {
  const vkey = join(from.keys, 'log.vkey');
  const checkpoints = movedCheckpoints(from);
  return runVerifier({
    bin: verifier,
    path: from.root,
    pins: isThere(vkey) ? [vkey] : [],
    ...(checkpoints === undefined ? {} : { checkpoints }),
  });
}
