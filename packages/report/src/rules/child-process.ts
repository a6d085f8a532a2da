import { networkProgramsIn } from '@outwitness/event';
import { programCase, unacknowledgedPrograms } from '../programs.ts';
import { kindLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, listed, nameOfPackage } from '../sentences.ts';

/** A child that can talk and is not watched: the oldest way around a watcher inside the process. Any other child is listed in the coverage only. */
export const childProcess: Rule = {
  id: 'child-process',
  severity: 'attention',
  evaluate(facts) {
    const children = unacknowledgedPrograms(facts, 'process').filter(
      ({ program }) => networkProgramsIn(program).length > 0,
    );
    if (children.length === 0) return undefined;
    const texts = children.map((child) => `${nameOfPackage(child.package)} started ${child.program}`);
    const count = children.reduce((total, child) => total + child.events, 0);
    return {
      text: `Programs that use the network were started outside the watch: ${listed(texts)} (${counted(count, 'time')}). What they sent, and where, is not on record.`,
      action:
        'Look at the call site and find out what the program was told to do; acknowledge the pair if it belongs to the application.',
      count,
      link: kindLink({ kind: 'net', channel: 'process' }),
      cases: children.map(programCase),
    };
  },
};
