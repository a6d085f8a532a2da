/** Evidence that one log key signed two histories (verification.md, "Split view"). Free of node: imports. */
import { hashOf } from './bundle-reader.ts';
import { equalBytes, fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
import { decodeUtf8 } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import { concluded, Report, type Result } from './findings.ts';
import { FormError } from './lines.ts';
import { CompactRange, tiling } from './merkle.ts';
import { type Note, parseNote, signs, weakness } from './note.ts';
import { Pins } from './pins.ts';
import type { VerifyOptions } from './verify-bundle.ts';

const SPLIT_VIEW = 'outwitness-split-view 1';
/** Room for two notes of the greatest size in base64, and the hashes of two tilings. */
export const SPLIT_VIEW_BYTES = 524_288;
const FORM =
  /^outwitness-split-view 1\norigin (\S+)\nkey ([0-9a-f]{64})\n(?:genesis ([0-9a-f]{64}) ([0-9a-f]{64})\n)?note (\S+)\nnote (\S+)\n(?:left((?: [0-9a-f]{64})+)\nright((?: [0-9a-f]{64})+)\n)?$/;

/** What a note is not consistent with: the tree that another one signs, in tiles around the size of the first. */
export interface Tiles {
  left: readonly Uint8Array[];
  right: readonly Uint8Array[];
}

/** The keys of a log: `genesis` = epoch key 0 and nonce in hex, which tie the log key to the origin. */
export interface LogIdentity {
  logKey: Uint8Array;
  genesis?: string;
}

/** The evidence as text; `newer` signs the tree of `tiles`, or has the size of `older`. */
export function writeSplitView(older: Note, newer: Note, { logKey, genesis }: LogIdentity, tiles?: Tiles): string {
  const words = (word: string, hashes: readonly Uint8Array[]): string => [word, ...hashes.map(toHex)].join(' ');
  return [
    SPLIT_VIEW,
    `origin ${older.origin}`,
    `key ${toHex(logKey)}`,
    ...(genesis === undefined ? [] : [`genesis ${genesis}`]),
    `note ${toBase64(older.bytes)}`,
    `note ${toBase64(newer.bytes)}`,
    ...(tiles === undefined ? [] : [words('left', tiles.left), words('right', tiles.right)]),
    '',
  ].join('\n');
}

/**
 * Judges such evidence alone. If it holds, the verdict is TAMPERED by `split-view`; else it shows nothing: `unreadable`.
 *
 * @throws UsageError for a pin that is none
 */
export async function verifySplitView(bytes: Uint8Array, crypto: Crypto, options: VerifyOptions = {}): Promise<Result> {
  const report = new Report();
  const pins = new Pins(crypto, report, options.pins ?? []);
  return concluded(report, judge(bytes, crypto, report, pins), ({ message }) => `this shows no split view: ${message}`);
}

async function judge(bytes: Uint8Array, crypto: Crypto, report: Report, pins: Pins): Promise<void> {
  const text = bytes.length > SPLIT_VIEW_BYTES ? '' : (decodeUtf8(bytes) ?? '');
  const [, origin = '', key = '', epoch, nonce, first, second, left, right] = FORM.exec(text) ?? [];
  const [older, newer] = [readNote(first), readNote(second)];
  Object.assign(report, { origin, size: newer.size, range: [older.size, newer.size] });
  const logKey = hashOf(key);
  if (weakness(logKey) !== undefined) throw new FormError('the key is weak');
  const id = toHex(
    crypto
      .sha256(fromHex(key + (epoch ?? '') + (nonce ?? ''), epoch === undefined ? 32 : 96) ?? logKey)
      .subarray(0, 16),
  );
  if (epoch !== undefined && !origin.endsWith(`/outwitness/${id}`))
    throw new FormError('the key is not the one that the origin is made of');
  await pins.finish({ origin, logKey }, newer.size);
  if (epoch === undefined && !report.pinned)
    throw new FormError('nothing ties its key to the origin. Pin the log key of that origin');
  for (const note of [older, newer])
    if (note.origin !== origin || !(await signs(crypto, origin, logKey, note, note.log)))
      throw new FormError(`the log key did not sign the note of size ${note.size}`);
  const got = left === undefined ? newer.root : rootAt(older, newer, left, right ?? '', crypto);
  if (left === undefined && older.size !== newer.size) throw new FormError('it lacks the way between the two sizes');
  if (equalBytes(got, older.root)) throw new FormError('the two notes agree');
  const said = 'the log key signed two histories: these notes cannot be of one and the same record';
  report.add('split-view', older.size - 1, said, toBase64(older.root), toBase64(got));
}

function readNote(base64 = ''): Note {
  const note = parseNote(fromBase64(base64));
  if (typeof note === 'object') return note;
  throw new FormError(`it is not of the form of the page, or a note of it is none: ${note}`);
}

/** The root that the tree of the newer note had at the size of the older one. */
function rootAt(older: Note, newer: Note, left: string, right: string, crypto: Crypto): Uint8Array {
  const tree = new CompactRange(crypto);
  const append = (hashes: string, from: number, to: number): void => {
    const [list, levels] = [hashes.trim().split(' '), tiling(from, to)];
    if (list.length !== levels.length) throw new FormError(`it does not tile the rows ${from} to ${to}`);
    for (const [at, level] of levels.entries()) tree.append(hashOf(list[at]), level);
  };
  append(left, 0, older.size);
  const root = tree.root();
  append(right, older.size, newer.size);
  if (!equalBytes(tree.root(), newer.root)) throw new FormError('its tiles are not those of the newer note');
  return root;
}
