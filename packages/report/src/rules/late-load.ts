import { kindLink } from '../row-link.ts';
import type { Facts } from '../facts.ts';
import type { Case, Rule } from '../rule.ts';
import { numberOf, textOf, textsOf } from '../leaf.ts';
import { counted, listed } from '../sentences.ts';

/**
 * Client libraries that keep functions of Node, and so may have kept ones from before the watcher. Node's own modules do
 * not matter: below them the watcher sees calls made through functions taken earlier.
 */
const CLIENT_LIBRARIES = new Set(
  `
    undici ws nodemailer smtp-connection imapflow imap node-imap poplib got axios superagent request node-fetch needle
    follow-redirects agent-base
  `
    .trim()
    .split(/\s+/),
);

/** The watcher came into a process that could already talk. */
export const lateLoad: Rule = {
  id: 'late-load',
  severity: 'attention',
  evaluate(facts) {
    const rows = lateLoadRows(facts).filter((row) => isSerious(facts, textsOf(row, 'late')));
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

/** Entries are sockets and names of modules. A package with an egress manifest is one that we are asked to watch. */
export function isSerious(facts: Facts, late: readonly string[]): boolean {
  return late.some(
    (entry) =>
      /^socket/i.test(entry) || CLIENT_LIBRARIES.has(entry) || facts.packages.get(entry)?.manifest !== undefined,
  );
}
