import { eventCase } from '../cases.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted } from '../sentences.ts';

/** Destinations are still recorded, but who called is not. */
export const captureBlinded: Rule = {
  id: 'capture-blinded',
  severity: 'alarm',
  evaluate({ hooks }) {
    const group = hooks.find(({ event }) => event === 'blinded');
    if (group === undefined) return undefined;
    return {
      text: `Code in an audited process disturbed the way call stacks are taken (${counted(group.rows, 'time')}): destinations are still recorded, but the package named for a call may be wrong or missing.`,
      action:
        'Look at the rows around that time and find the package that changes Error.captureStackTrace, Error.prepareStackTrace or Error.stackTraceLimit for good.',
      count: group.rows,
      link: kindLink({ kind: 'hook', event: 'blinded' }),
      cases: [eventCase('hook', group, group.rows)],
    };
  },
};
