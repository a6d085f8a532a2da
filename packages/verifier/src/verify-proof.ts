/** A `*.tlog-proof`: one row and the way from it to a note (bundle.md, C2SP tlog-proof). Free of node: imports. */
import { fromBase64, fromHex, utf8 } from './bytes.ts';
import { decodeUtf8, parseCanonical } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import { Report, type Result } from './findings.ts';
import { Identity } from './identity.ts';
import { provesInclusion } from './merkle.ts';
import { parseNote } from './note.ts';
import { Notes } from './notes.ts';
import { Pins } from './pins.ts';
import { readLeaf, rowHash } from './rows.ts';
import type { VerifyOptions } from './verify-bundle.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
const PROOF_HASHES = 64;
/** Room for two leaves, twice in base64, and a note. */
export const PROOF_BYTES = 262_144;

/**
 * Verifies a proof of one row. It holds no seal, so its age is not judged.
 *
 * @returns the result of verification.md; a defect of the proof is a finding in it and never an exception
 * @throws UsageError for a pin that is none
 */
export async function verifyProof(bytes: Uint8Array, crypto: Crypto, options: VerifyOptions = {}): Promise<Result> {
  const report = new Report();
  const pins = new Pins(crypto, report, options.pins ?? []);
  try {
    const problem = await judge(bytes, crypto, report, pins);
    if (problem !== undefined) report.add('bundle', -1, problem);
  } catch (error) {
    report.add('unreadable', -1, `unexpected failure: ${(error as Error).message}`);
  }
  return report.result();
}

async function judge(bytes: Uint8Array, crypto: Crypto, report: Report, pins: Pins): Promise<string | undefined> {
  const text = bytes.length > PROOF_BYTES ? undefined : decodeUtf8(bytes);
  const gap = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || !text.startsWith(`${HEADER}\n`)) {
    report.add('unreadable', -1, 'this is no proof: its first line is another', HEADER);
    return undefined;
  }
  if (gap < 0) return 'the proof ends before its note';
  const [, extra = '', indexLine = '', ...hashLines] = text.slice(0, gap).split('\n');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1];
  const proof = hashLines.map((line) => fromBase64(line));
  const note = parseNote(utf8(text.slice(gap + 2)));
  if (typeof note === 'string') {
    report.add('note', -1, note);
    return undefined;
  }
  const claims = extra.startsWith('extra ') ? parseExtra(extra.slice(6)) : undefined;
  if (index === undefined || claims === undefined) return 'no line "extra" or "index", or not of the form of bundle.md';
  if (proof.length > PROOF_HASHES || !proof.every((hash) => hash?.length === 32)) return 'a proof line is no hash';
  const seq = Number(index);
  report.origin = note.origin;
  report.size = note.size;
  report.range = [seq, seq + 1];

  const identity = new Identity(crypto, report);
  for (const row of [
    { seq: 0, bytes: claims.genesis, proof: claims.genesisProof },
    { seq, bytes: claims.leaf, proof: proof.filter((hash) => hash !== undefined) },
  ]) {
    if (!provesInclusion(crypto, row.seq, note.size, rowHash(crypto, row.bytes), row.proof, note.root)) {
      report.add('root', row.seq, 'the inclusion proof does not lead from the leaf to the root of the note');
    }
    const leaf = readLeaf(report, row.seq, row.bytes);
    if (leaf?.get('seq') !== row.seq) report.add('seq', row.seq, 'the leaf names another number');
    if ((leaf?.get('kind') === 'genesis') !== (row.seq === 0)) report.add('genesis', row.seq, 'genesis is row 0 only');
    else if (leaf !== undefined && row.seq === 0 && identity.origin === '') identity.readGenesis(leaf);
    if (leaf?.get('ledger') !== identity.ledger) report.add('ledger-id', row.seq, 'the row belongs to another ledger');
  }

  const history = new Notes(crypto, report, identity);
  history.take(note, undefined);
  await history.finish();
  pins.judgeAt(note.size, note.origin, () => note.root);
  await pins.finish(identity, note.size);
  report.notChecked('the chain, the other rows, and the age of the note');
  if (note.size > 1)
    report.add('subset', -1, 'a proof is of one row, not of the ledger', `0 ${note.size}`, `${seq} ${seq + 1}`);
  return undefined;
}

interface Claims {
  genesis: Uint8Array;
  genesisProof: Uint8Array[];
  leaf: Uint8Array;
}

function parseExtra(encoded: string): Claims | undefined {
  const bytes = fromBase64(encoded);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  const members = text === undefined ? 'no text' : parseCanonical(text);
  if (typeof members === 'string' || members.size !== 3) return undefined;
  const [genesis, hashes, leaf] = ['genesis', 'genesisProof', 'leaf'].map((name) => members.get(name));
  if (typeof genesis !== 'string' || typeof leaf !== 'string' || !Array.isArray(hashes)) return undefined;
  const genesisProof = hashes.map((hash) => fromHex(hash, 32)).filter((hash) => hash !== undefined);
  if (hashes.length > PROOF_HASHES || genesisProof.length !== hashes.length) return undefined;
  return { genesis: utf8(genesis), genesisProof, leaf: utf8(leaf) };
}
