import { sum } from '../cells.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';

export const noData: Rule = {
  id: 'no-data',
  severity: 'insufficient-data',
  evaluate(facts) {
    if (sum(facts.cells, 'events') > 0) return undefined;
    const who = facts.app === null ? 'any audited application' : `the application ${facts.app}`;
    return {
      text: `No network call of ${who} is on record in this period, so there is nothing to judge.`,
      action:
        'Start the application with "outwitness run -- COMMAND" and let it work, or choose a longer period. "outwitness status" names the processes that are watched.',
      count: 0,
      link: kindLink({ kind: 'net' }),
      cases: [],
    };
  },
};
