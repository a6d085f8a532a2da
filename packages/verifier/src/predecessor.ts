/** The ledger that this one says it follows (verification.md, "Predecessor"). Free of node: imports. */
import { utf8 } from './bytes.ts';
import type { Leaf } from './canonical.ts';
import { finding, judged, NO_EVIDENCE, type Report, type Result } from './findings.ts';
import { type Note, parseNote } from './note.ts';

/** Reads what the genesis row says of the ledger before; its last note, undefined if there is none that could be judged. */
export function readPredecessor(leaf: Leaf, own: string, report: Report): Note | undefined {
  const [origin = '', text = '', verdict = '', why = ''] = ['Of', 'Note', 'Verdict', 'Why'].map((name) =>
    String(leaf.get(`successor${name}`) ?? ''),
  );
  if (origin === '') return undefined;
  const note = parseNote(utf8(text));
  const size = typeof note === 'string' ? 0 : note.size;
  report.predecessor = { origin, size, verdict, why, note: '', evidence: null };
  if (origin === own) report.add('predecessor', 0, 'the ledger names itself as the one before it', '', origin);
  else if (typeof note === 'string') report.add('predecessor', 0, `the last note of the ledger before: ${note}`);
  else if (note.origin !== origin)
    report.add('predecessor', 0, 'the note is not of the ledger that is named', origin, note.origin);
  else {
    report.predecessor.note = text;
    return note;
  }
  return undefined;
}

/** The result with what the evidence of the ledger before showed, which was judged with its last note as a pin. */
export function withEvidence(said: Result, found: Result): Result {
  const { predecessor } = said;
  if (predecessor !== undefined && found.origin === predecessor.origin && found.pinned) {
    const { verdict, exit, size } = found;
    const evidence = { verdict, exit, size, findings: found.findings.length };
    const notChecked = said.notChecked.filter((one) => one !== NO_EVIDENCE);
    return { ...said, notChecked, predecessor: { ...predecessor, evidence } };
  }
  const isUnread = found.origin === '' && found.verdict === 'UNVERIFIABLE';
  const text = isUnread
    ? `the evidence of the ledger before: ${found.findings[0]?.text ?? ''}`
    : 'the evidence is not of a ledger that is named before this one and that signed the note named as its last';
  const of = predecessor?.origin ?? 'no ledger before';
  const findings = [...said.findings, finding(isUnread ? 'unreadable' : 'predecessor', 0, text, of, found.origin)];
  return { ...said, ...judged(findings), findings };
}
