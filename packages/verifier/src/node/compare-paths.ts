/** Compares two checkpoints or bundles that lie in files. Node only. */
import { createReadStream, readFileSync, statSync } from 'node:fs';

import { compare, type Comparison, type Side, Watch } from '../compare.ts';
import { type Note, NOTE_BYTES, parseNote } from '../note.ts';
import { notesOfBundle, verifyBundle, type VerifyOptions } from '../verify-bundle.ts';
import { Report, UsageError } from '../findings.ts';
import { Pins } from '../pins.ts';
import { nodeCrypto } from './node-crypto.ts';
import { isRegular } from './store-file.ts';

interface Statement {
  path: string;
  isBundle: boolean;
  notes: Note[];
}

/**
 * Compares two statements about one record; docs/formats/verification.md, "Comparing two".
 *
 * @throws UsageError for a file that is neither a checkpoint nor a bundle, and for a pin that is none
 */
export async function comparePaths(first: string, second: string, options: VerifyOptions = {}): Promise<Comparison> {
  void new Pins(nodeCrypto, new Report(), options.pins ?? []);
  const [a, b] = [await readStatement(first), await readStatement(second)];
  return compare(await sideOf(a, b, options), await sideOf(b, a, options), nodeCrypto, options.pins);
}

async function readStatement(path: string): Promise<Statement> {
  if (!isRegular(path)) throw new UsageError(`${path} is no regular file.`);
  const alone = statSync(path).size <= NOTE_BYTES ? parseNote(readFileSync(path)) : 'too long';
  if (typeof alone !== 'string') return { path, isBundle: false, notes: [alone] };
  const notes = await notesOfBundle(createReadStream(path), nodeCrypto).catch(() => []);
  if (notes.length > 0) return { path, isBundle: true, notes };
  throw new UsageError(`${path} is neither a checkpoint nor a bundle. Export one with: outwitness export --out FILE`);
}

async function sideOf({ path, isBundle, notes }: Statement, other: Statement, options: VerifyOptions): Promise<Side> {
  if (!isBundle) return { notes };
  const watch = new Watch(other.notes.map(({ size }) => size));
  const stream = createReadStream(path, { highWaterMark: 1 << 18 });
  const { findings } = await verifyBundle(stream, nodeCrypto, { ...options, watch });
  return { notes, watch, findings };
}
