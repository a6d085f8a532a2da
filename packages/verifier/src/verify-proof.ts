/** A `*.tlog-proof`: one row and the way from it to a note (bundle.md, C2SP tlog-proof). Free of node: imports. */
import { fromBase64, fromHex, utf8 } from './bytes.ts';
import { decodeUtf8, parseCanonical } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import { concluded, Report, type Result } from './findings.ts';
import { Ledger } from './ledger.ts';
import { parseNote } from './note.ts';
import { Pins } from './pins.ts';
import type { VerifyOptions } from './verify-bundle.ts';

const HEADER = 'c2sp.org/tlog-proof@v1\n';
const FORM =
  /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([^]+)$/;
/** Room for three leaves, twice in base64, and a note. */
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
  return concluded(report, judge(bytes, crypto, report, pins), ({ message }) => `unexpected failure: ${message}`);
}

async function judge(bytes: Uint8Array, crypto: Crypto, report: Report, pins: Pins): Promise<void> {
  const text = bytes.length > PROOF_BYTES ? '' : (decodeUtf8(bytes) ?? '');
  if (!text.startsWith(HEADER))
    return report.add('unreadable', -1, 'this is no proof: its first line is another', HEADER.trim());
  const [, extra = '', index = '', lines = '', noteText = ''] = FORM.exec(text) ?? [];
  const claims = parseCanonical(decodeUtf8(fromBase64(extra) ?? new Uint8Array()) ?? '');
  if (typeof claims === 'string') return report.add('bundle', -1, 'the proof is not of the form of the page');
  const [genesis, path, leaf] = ['genesis', 'genesisProof', 'leaf'].map((name) => claims.get(name));
  const genesisProof = hashesOf(path);
  const [key, keyProof] = [claims.get('key'), hashesOf(claims.get('keyProof'))];
  const proof = lines.split('\n').flatMap((line) => (line === '' ? [] : [fromBase64(line)]));
  if (
    typeof genesis !== 'string' ||
    typeof leaf !== 'string' ||
    claims.size !== (key === undefined ? 3 : 5) ||
    (key !== undefined && (typeof key !== 'string' || !areHashes(keyProof))) ||
    !areHashes(genesisProof) ||
    !areHashes(proof)
  ) {
    return report.add('bundle', -1, 'extra or the proof is not of the form of the page');
  }
  const note = parseNote(utf8(noteText));
  if (typeof note === 'string') return report.add('note', -1, note);
  const seq = Number(index);
  Object.assign(report, { origin: note.origin, size: note.size, range: [seq, seq + 1] });

  const ledger = new Ledger(crypto, report);
  ledger.isProof = true;
  ledger.provedRow(0, utf8(genesis), genesisProof, note);
  ledger.provedRow(seq, utf8(leaf), proof, note);
  if (key !== undefined && areHashes(keyProof)) {
    const named = parseCanonical(key);
    ledger.provedRow(typeof named === 'string' ? -1 : Number(named.get('seq')), utf8(key), keyProof, note);
    report.notChecked(
      'that the epochs before handed over to the one that signs: a bundle of the whole ledger shows it',
    );
  }
  ledger.note(note, note.root);
  await ledger.finish(0, false);
  pins.judgeAt(note.size, note.origin, () => note.root);
  await pins.finish(ledger, note.size);
  report.notChecked('the chain, the other rows, and the age of the note');
  if (note.size > 1)
    report.add('subset', -1, 'a proof is of one row, not of the ledger', `0 ${note.size}`, `${seq} ${seq + 1}`);
}

function hashesOf(list: unknown): (Uint8Array | undefined)[] {
  return Array.isArray(list) ? list.map((hash) => fromHex(String(hash), 32)) : [undefined];
}

function areHashes(hashes: (Uint8Array | undefined)[]): hashes is Uint8Array[] {
  return hashes.length < 64 && hashes.every((hash) => hash?.length === 32);
}
