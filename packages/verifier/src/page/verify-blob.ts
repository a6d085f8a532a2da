/** Finds out what a dropped file is, and verifies it in slices, so that the page stays alive and memory flat. */
import { PROOF_BYTES, verifyProof } from '../verify-proof.ts';
import type { Result } from '../findings.ts';
import { SPLIT_VIEW_BYTES, verifySplitView } from '../split-view.ts';
import { verifyBundle, type VerifyOptions } from '../verify-bundle.ts';
import { webCrypto } from './web-crypto.ts';

const SLICE = 256 * 1024;

/** What cannot be judged here, and what to do instead. */
class NotHereError extends Error {
  override name = 'NotHereError';
}

/**
 * @throws NotHereError for a database
 * @throws UsageError for a pin that is none
 */
export async function verifyBlob(blob: Blob, options: VerifyOptions, onBytes: (done: number) => void): Promise<Result> {
  const start = await blob.slice(0, 32).text();
  if (start.startsWith('SQLite format 3\0')) {
    throw new NotHereError(
      'This is a database. A browser has no SQLite to read it with, so it is not judged here. Run "outwitness verify DIRECTORY", or export it with "outwitness export --out FILE" and drop that file.',
    );
  }
  if (start.startsWith('c2sp.org/tlog-proof'))
    return verifyProof(new Uint8Array(await blob.slice(0, PROOF_BYTES + 1).arrayBuffer()), webCrypto(), options);
  if (start.startsWith('outwitness-split-view'))
    return verifySplitView(
      new Uint8Array(await blob.slice(0, SPLIT_VIEW_BYTES + 1).arrayBuffer()),
      webCrypto(),
      options,
    );
  return verifyBundle(slices(blob, onBytes), webCrypto(), options);
}

async function* slices(blob: Blob, onBytes: (done: number) => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += SLICE) {
    yield new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer());
    onBytes(Math.min(at + SLICE, blob.size));
  }
}
