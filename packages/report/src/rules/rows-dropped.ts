import { eventCase } from '../cases.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted } from '../sentences.ts';

/** What the collector drops by its policy is no news; what somebody asked for is. */
export const rowsDropped: Rule = {
  id: 'rows-dropped',
  severity: 'attention',
  evaluate({ drops }) {
    const rows = (kind: string): number => drops.find(({ event }) => event === kind)?.rows ?? 0;
    const [erased, vacuums] = [rows('erase'), rows('vacuum')];
    const what = [
      ...(erased === 0 ? [] : [`The text of ${counted(erased, 'row')} was erased`]),
      ...(vacuums === 0 ? [] : [`Old rows were dropped by hand ${counted(vacuums, 'time')}`]),
    ];
    if (what.length === 0) return undefined;
    return {
      text: `${what.join('. ')}. Their hashes stay, and who asked and why is on record; what they said is gone.`,
      action:
        'Read who asked and why. If nobody should have, look into who may write the data directory; an export or a backup made before still has the texts.',
      count: erased + vacuums,
      link: kindLink(
        vacuums === 0 ? { kind: 'erase' } : erased === 0 ? { kind: 'vacuum', actor: 'cli' } : { actor: 'cli' },
      ),
      cases: drops.map((group) => ({
        ...eventCase(group.event, group, group.rows),
        link: kindLink(group.event === 'erase' ? { kind: 'erase' } : { kind: 'vacuum', actor: 'cli' }),
      })),
    };
  },
};
