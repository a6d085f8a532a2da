import { learningOf } from '../facts.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, isoTime } from '../sentences.ts';

export const learning: Rule = {
  id: 'learning',
  severity: 'insufficient-data',
  evaluate(facts) {
    const { active, until } = learningOf(facts);
    if (!active) return undefined;
    const days = counted(facts.settings.learnDays, 'day');
    return {
      text: `Outwitness is still learning what is normal here: the learning window of ${days} ${until === undefined ? 'begins with the first row' : `ends at ${isoTime(until)}`}. Until then new destinations are recorded without a warning.`,
      action: 'Wait, or look through the destinations now and set "learn": 0 to end the window.',
      count: facts.settings.learnDays,
      link: kindLink({ kind: 'net', direction: 'out' }),
      cases: [],
    };
  },
};
