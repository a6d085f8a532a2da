import type { RollupEntry } from '@outwitness/event';

import { callCase } from '../cases.ts';
import { byNewest, groupCells, sum } from '../cells.ts';
import type { Facts } from '../facts.ts';
import { cellLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { counted, listed, nameOfDestination } from '../sentences.ts';

/** Calls left the process and nobody can say which package made them. */
export const unattributed: Rule = {
  id: 'unattributed',
  severity: 'attention',
  evaluate(facts) {
    const groups = offending(facts);
    const count = sum(groups, 'events');
    if (count === 0) return undefined;
    const cases = groups.map((group) =>
      callCase(
        facts,
        group,
        (cell) => `${cell.app} called ${nameOfDestination(cell.host, cell.port)} (${cell.channel})`,
      ),
    );
    const targets = [...new Set(groups.map((group) => nameOfDestination(group.host, group.port)))];
    return {
      text: `${counted(count, 'outbound call')} could not be attributed to any package: the code that made ${count === 1 ? 'it' : 'them'} left no trace on the call stack. ${count === 1 ? 'It' : 'They'} went to ${listed(targets)}.`,
      action:
        'Open the rows and see when and where they went. A client library that hands calls to a queue is the usual reason; if you know which package owns the destination, acknowledge it, else look for code that hides.',
      count,
      link: cellLink({ direction: 'out', package: '' }),
      cases,
    };
  },
  evidence: (facts) => offending(facts).map((group) => group.lastSeq),
};

/** Only what has a destination: a child process without an owner is the business of `child-process`. */
function offending(facts: Facts): RollupEntry[] {
  const acknowledged = new Set(
    facts.catalogue.acknowledged.filter((pair) => pair.package === '').map((pair) => `${pair.host} ${pair.port}`),
  );
  const cells = facts.cells.filter(
    (cell) =>
      cell.direction === 'out' &&
      cell.package === '' &&
      cell.events > 0 &&
      (cell.host !== '' || cell.channel === 'unix') &&
      !acknowledged.has(`${cell.host} ${cell.port}`) &&
      !acknowledged.has(`${cell.host} -1`),
  );
  return groupCells(cells, ['app', 'channel', 'host', 'port']).sort(byNewest);
}
