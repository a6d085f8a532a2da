import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';

export const bodyCapture: Rule = {
  id: 'body-capture',
  severity: 'attention',
  evaluate({ ledger }) {
    if (!ledger.bodyCapture) return undefined;
    return {
      text: 'An officer has ordered that the contents of some calls are kept, sealed so that only the officer can read them.',
      action: 'If you did not know of this order, ask the officer named in the rows. It ends by itself at its expiry.',
      count: 1,
      link: kindLink({ kind: 'body' }),
      cases: [],
    };
  },
};
