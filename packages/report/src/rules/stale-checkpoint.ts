import { HOUR_US, type Facts } from '../facts.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { isoTime } from '../sentences.ts';

/** The ledger seals every 10 minutes even when idle; docs/formats/verification.md calls 2 hours stale. */
const STALE_US = 2 * HOUR_US;

export const staleCheckpoint: Rule = {
  id: 'stale-checkpoint',
  severity: 'attention',
  evaluate(facts) {
    if (!isStale(facts)) return undefined;
    const { size, at } = facts.ledger.checkpoint;
    return {
      text: `The newest signed checkpoint is from ${isoTime(at ?? 0)} and covers ${size} rows: nothing has been signed for more than 2 hours.`,
      action:
        'Check that the collector runs ("outwitness status") and that its disk is not full. Until it signs again, newer rows are not protected.',
      count: 1,
      link: kindLink({ kind: 'seal' }),
      cases: [],
    };
  },
};

/** Judged only for a report about the present. */
export function isStale(facts: Facts): boolean {
  const { at } = facts.ledger.checkpoint;
  const present = facts.toHour * HOUR_US > facts.now - HOUR_US;
  return present && at !== undefined && facts.now - at > STALE_US;
}
