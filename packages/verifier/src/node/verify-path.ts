/** Finds out what lies at a path, and verifies it. Node only. */
import { createReadStream, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Report, type Result } from '../findings.ts';
import { highWaterNotes } from './high-water.ts';
import { nodeCrypto } from './node-crypto.ts';
import { Pins } from '../pins.ts';
import { withEvidence } from '../predecessor.ts';
import { bytesAt, isRegular, openStore } from './store-file.ts';
import { SPLIT_VIEW_BYTES, verifySplitView } from '../split-view.ts';
import { verifyBundle, type VerifyOptions } from '../verify-bundle.ts';
import { PROOF_BYTES, verifyProof } from '../verify-proof.ts';
import { StoreVerifier } from './verify-store.ts';

const ATTEMPTS = 3;

export interface PathOptions extends VerifyOptions {
  /** Where `checkpoints.log` lies if not beside the store. */
  checkpoints?: string;
  /** Judge only so many of the newest rows of a store. */
  newest?: number;
  /** Evidence of the ledger before, a directory or a bundle. */
  predecessor?: string;
}

/**
 * Verifies a data directory, a `ledger.db`, a `*.outwitness` bundle or a `*.tlog-proof`, told apart by their content.
 *
 * @returns the result of verification.md; whatever is wrong with the evidence is a finding in it
 * @throws UsageError for a pin that is none
 */
export async function verifyPath(path: string, options: PathOptions = {}): Promise<Result> {
  const { predecessor, ...rest } = options;
  if (predecessor === undefined) return verifyOne(path, rest);
  const said = await verifyOne(path, rest);
  const { pins = [], now } = options;
  const known = said.predecessor?.note ? [...pins, said.predecessor.note] : pins;
  return withEvidence(said, await verifyOne(predecessor, { pins: known, ...(now === undefined ? {} : { now }) }));
}

async function verifyOne(path: string, options: PathOptions): Promise<Result> {
  const report = new Report();
  void new Pins(nodeCrypto, report, options.pins ?? []);
  try {
    const isFolder = statSync(path).isDirectory();
    const file = isFolder ? join(path, 'ledger.db') : path;
    if (!isRegular(file)) throw new Error(isFolder ? 'there is no ledger.db in it' : 'it is no regular file');
    const start = bytesAt(file, 0, 32).toString('latin1');
    if (isFolder || start === '' || start.startsWith('SQLite format 3\0')) return await verifyStore(file, options);
    if (start.startsWith('c2sp.org/tlog-proof'))
      return await verifyProof(bytesAt(file, 0, PROOF_BYTES + 1), nodeCrypto, options);
    if (start.startsWith('outwitness-split-view'))
      return await verifySplitView(bytesAt(file, 0, SPLIT_VIEW_BYTES + 1), nodeCrypto, options);
    return await verifyBundle(createReadStream(file, { highWaterMark: 1 << 18 }), nodeCrypto, options);
  } catch (error) {
    report.add('unreadable', -1, `cannot read the evidence: ${(error as Error).message}`);
    return report.result();
  }
}

/** A store that changes under the hands of a verifier that saw no writer is read once more. */
async function verifyStore(path: string, options: PathOptions): Promise<Result> {
  const log = options.checkpoints ?? join(dirname(path), 'checkpoints.log');
  for (let attempt = 1; ; attempt += 1) {
    const report = new Report();
    // Before the store is opened: one that lives grows meanwhile.
    const pins = new Pins(nodeCrypto, report, options.pins ?? [], highWaterNotes(dirname(path)));
    const logged = isRegular(log) ? { log: { path: log, bytes: statSync(log).size } } : {};
    const store = await openStore(path);
    const verifier = new StoreVerifier(store.db, nodeCrypto, report, pins, { ...options, ...logged });
    try {
      await verifier.verify();
    } catch (error) {
      report.add('unreadable', -1, `the store cannot be read: ${(error as Error).message}`);
    }
    store.close();
    const changed = store.changed() || verifier.outdated;
    if (changed && attempt < ATTEMPTS) continue;
    if (changed) report.add('unreadable', -1, 'the store changed while it was read');
    return report.result();
  }
}
