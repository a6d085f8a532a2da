import { eventCase } from '../cases.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted } from '../sentences.ts';

/** The settings of the agents have one writer, the collector: another one wanted less to be seen, or more. */
export const settingsChanged: Rule = {
  id: 'settings-changed',
  severity: 'attention',
  evaluate({ intrusions }) {
    const [group] = intrusions;
    if (group === undefined) return undefined;
    return {
      text: `Somebody other than the collector changed or removed agent.json ${counted(group.rows, 'time')}; it was written again. For up to two seconds the agents may have followed it.`,
      action:
        'Find out who may write into the data directory. Change settings in outwitness.config.json, and run the application as another user (run --as, collect --for).',
      count: group.rows,
      link: kindLink({ kind: 'control', event: 'settings', actor: 'unknown' }),
      cases: [eventCase('control', group, group.rows)],
    };
  },
};
