import { eventCase } from '../cases.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, listed } from '../sentences.ts';

const MEANING: { readonly [event: string]: string } = {
  changed: 'what the watcher stands on in Node.js was changed, or somebody tried to',
  'close-without-connect': 'a connection was closed whose beginning the watcher never saw',
};

/** Somebody in the audited process reached around the watcher. */
export const hookChanged: Rule = {
  id: 'hook-changed',
  severity: 'alarm',
  evaluate({ hooks }) {
    const groups = hooks.filter((group) => group.event !== 'blinded');
    if (groups.length === 0) return undefined;
    const count = groups.reduce((total, group) => total + group.rows, 0);
    return {
      text: `The watcher was tampered with inside an audited process: ${listed(groups.map((group) => MEANING[group.event] ?? group.event))} (${counted(count, 'time')}). Calls made since then may be missing.`,
      action:
        'Find out which package did it: no ordinary library touches these internals. Stop the process, keep its data directory, and review what was installed last.',
      count,
      link: kindLink({ kind: 'hook' }),
      cases: groups.map((group) => eventCase('hook', group, group.rows)),
    };
  },
};
