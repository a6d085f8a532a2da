import { eventCase } from '../cases.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted } from '../sentences.ts';

export const clockStep: Rule = {
  id: 'clock-step',
  severity: 'attention',
  evaluate({ controls }) {
    const group = controls.find(({ event }) => event === 'clock-step');
    if (group === undefined) return undefined;
    return {
      text: `The clock of this machine was moved ${counted(group.rows, 'time')}: times in the record before and after do not compare. The order of the rows is not affected.`,
      action: 'Check the time service of the machine. If nobody corrected the clock on purpose, ask who did.',
      count: group.rows,
      link: kindLink({ kind: 'control', event: 'clock-step' }),
      cases: [eventCase('control', group, group.rows)],
    };
  },
};
