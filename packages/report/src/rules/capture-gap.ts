import { eventCase } from '../cases.ts';
import type { Facts } from '../facts.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, listed } from '../sentences.ts';
import type { EventGroup } from '../source.ts';

/** What each gap means to somebody who reads it for the first time. */
const MEANING: { readonly [event: string]: string } = {
  fault: 'the watcher caught an error of its own and let the call pass unseen in part',
  damaged: 'records of the audited process arrived damaged',
  'foreign-kind': 'something wrote records that an audited process may not write',
  numbering: 'numbered records are missing from a file',
  budget: 'the disk budget was used up and recording paused',
  'lost-spool': "a process's record file disappeared or was replaced",
  degraded: 'writing records was too slow, or no collector could be started to take them',
  limit: 'a limit on the number of records was reached',
  'not-loaded': 'the watcher could not start in a process, or was told to write its records elsewhere',
  'incomplete-call': 'records of a call did not fit together',
};

/** Have rules of their own: `agent-silent`, `disabled-channel`. */
const ELSEWHERE = new Set(['silent', 'disabled']);
/** A process that was killed, and the record it was writing: nothing had left yet, so nothing is missing. A copy of the agent that does nothing beside the one that watches. */
const HARMLESS_IF_WHOLE = new Set(['killed', 'torn', 'second-copy']);

export const captureGap: Rule = {
  id: 'capture-gap',
  severity: 'attention',
  evaluate(facts) {
    const groups = gapsThatCount(facts);
    if (groups.length === 0) return undefined;
    const missing = groups.reduce((total, group) => total + group.missing, 0);
    const count = groups.reduce((total, group) => total + group.count, 0);
    const known =
      missing === 0
        ? 'No call is known to be missing.'
        : `${counted(missing, 'record')} ${missing === 1 ? 'is' : 'are'} known to be missing.`;
    return {
      text: `The record has gaps: ${listed(groups.map((group) => MEANING[group.event] ?? group.event))}. ${known}`,
      action:
        'Read the gap rows: each says in which process and when. Calls in that time may be absent from this report, so do not read it as complete.',
      count,
      link: kindLink({ kind: 'gap' }),
      cases: groups.map((group) => eventCase('gap', group, group.count)),
    };
  },
};

/** Gaps that leave the report incomplete, for this rule and the chip. */
export function gapsThatCount(facts: Facts): EventGroup[] {
  return facts.gaps
    .filter((group) => !ELSEWHERE.has(group.event) && (group.missing > 0 || !HARMLESS_IF_WHOLE.has(group.event)))
    .toSorted((a, b) => b.missing - a.missing || b.count - a.count);
}
