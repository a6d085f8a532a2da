import { kindLink } from '../row-link.ts';
import type { Facts } from '../facts.ts';
import type { Case, Rule } from '../rule.ts';
import { numberOf, textOf, textsOf } from '../leaf.ts';
import { counted, listed } from '../sentences.ts';

/** The watcher came into a process that could already talk. */
export const lateLoad: Rule = {
  id: 'late-load',
  severity: 'attention',
  evaluate(facts) {
    const rows = lateLoadRows(facts).filter((row) => isSerious(textsOf(row, 'late')));
    if (rows.length === 0) return undefined;
    const cases = rows.map((row): Case => {
      const seq = numberOf(row, 'seq');
      const time = numberOf(row, 'time');
      const app = textOf(row, 'app');
      return {
        text: `${app ?? 'an application'}, process ${numberOf(row, 'pid') ?? '?'}: already there were ${listed(textsOf(row, 'late'), 6)}`,
        count: 1,
        link: kindLink({ kind: 'control', event: 'late-load' }, seq ?? null, seq ?? null),
        ...(app === undefined ? {} : { app }),
        ...(seq === undefined ? {} : { seq }),
        ...(time === undefined ? {} : { time }),
      };
    });
    return {
      text: `In ${counted(rows.length, 'process', 'processes')} the watcher was loaded after a connection was open or a client library was in use: calls before that moment are not on record.`,
      action:
        'Load the watcher first: start the application with "outwitness run", or put its entry first in NODE_OPTIONS.',
      count: rows.length,
      link: kindLink({ kind: 'control', event: 'late-load' }),
      cases,
    };
  },
};

export function lateLoadRows(facts: Facts): Facts['controls'][number]['newest'] {
  return facts.controls.find((group) => group.event === 'late-load')?.newest ?? [];
}

/** The agent names `socket KIND NUMBER` and `module NAME` for what makes calls; anything else it may name is harmless. */
export function isSerious(late: readonly string[]): boolean {
  return late.some((entry) => /^(?:socket|module) /.test(entry));
}
