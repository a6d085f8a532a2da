import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, isoTime } from '../sentences.ts';

/** Exit codes of docs/formats/verification.md that mean: the record is not what was written. */
const FAILED = new Set([20, 21, 22, 30]);

export const ownVerificationFailed: Rule = {
  id: 'own-verification-failed',
  severity: 'alarm',
  evaluate({ ledger }) {
    const run = ledger.verification;
    const failed = run !== undefined && FAILED.has(run.exit);
    if (!failed && ledger.frozen === undefined) return undefined;
    const findings = failed ? run.findings.filter((finding) => finding.severity === run.verdict) : [];
    const first = findings[0];
    const verified = failed
      ? `The record failed its own verification at ${isoTime(run.at)}: ${run.verdict}${first === undefined ? '' : ` (${first.text})`}.`
      : '';
    const frozen = ledger.frozen === undefined ? '' : `The ledger is frozen and takes no more rows: ${ledger.frozen}.`;
    return {
      text: `${[verified, frozen].filter((text) => text !== '').join(' ')} Nothing in this report can be relied on until that is explained.`,
      action:
        'Copy the data directory before anything else changes it, run "outwitness verify" on the copy, and compare it with an exported or pinned checkpoint.',
      count: Math.max(findings.length, 1),
      link: kindLink({}, first === undefined || first.seq < 0 ? null : first.seq),
      cases: findings.map((finding) => ({
        text: `${finding.code}: ${finding.text}`,
        count: 1,
        link: finding.seq < 0 ? kindLink({}) : kindLink({}, finding.seq, finding.seq),
        ...(finding.seq < 0 ? {} : { seq: finding.seq }),
      })),
    };
  },
};

/** For the chip: what a verdict means in a few words. */
export function verificationText(exit: number, findings: number): string {
  if (FAILED.has(exit)) return `Verification failed: ${counted(findings, 'finding')}`;
  if (exit === 12) return 'Verified, rows are known to be missing';
  if (exit === 11) return 'Verified, but the newest seal is old';
  return 'Record verified';
}
