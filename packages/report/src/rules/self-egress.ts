import { callCase } from '../cases.ts';
import { byNewest, callsOf, DESTINATION, groupCells } from '../cells.ts';
import type { Facts } from '../facts.ts';
import { cellLink } from '../row-link.ts';
import type { Rule } from '../rule.ts';
import { textOf } from '../leaf.ts';
import { listed, nameOfDestination, nameOfPackage, placeOf } from '../sentences.ts';

/** Outwitness itself sent something that it does not announce: the first thing to exclude before trusting the rest. */
export const selfEgress: Rule = {
  id: 'self-egress',
  severity: 'alarm',
  evaluate(facts) {
    const groups = offending(facts);
    if (groups.length === 0) return undefined;
    const cases = groups.map((group) =>
      callCase(facts, group, (cell, row) => {
        const target =
          cell.channel === 'process'
            ? `the program ${textOf(row, 'path') ?? '(unknown)'}`
            : nameOfDestination(cell.host, cell.port);
        const place = placeOf(textOf(row, 'site'));
        return `${nameOfPackage(cell.package)} in ${cell.app} contacted ${target}${place === undefined ? '' : ` ${place}`}`;
      }),
    );
    return {
      text: `Outwitness itself made network calls that it does not announce: ${listed(cases.map((one) => one.text))}. It should make none.`,
      action:
        'Treat this installation as compromised until explained: compare the installed packages with the published ones, and read the rows.',
      count: groups.reduce((total, group) => total + callsOf(group), 0),
      link: cellLink({ direction: 'out', declared: 'no', ...oneApp(groups) }),
      cases,
    };
  },
  evidence: (facts) => offending(facts).map((group) => group.lastSeq),
};

function offending(facts: Facts): ReturnType<typeof groupCells> {
  const cells = facts.self.filter((cell) => cell.direction === 'out' && cell.declared !== 'yes');
  return groupCells(cells, [...DESTINATION, 'channel']).sort(byNewest);
}

function oneApp(groups: readonly { app: string }[]): { app?: string } {
  const app = groups[0]?.app;
  return app !== undefined && groups.every((group) => group.app === app) ? { app } : {};
}
