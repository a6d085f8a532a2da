import type { Flat, RollupEntry } from '@outwitness/event';

import { callCase } from '../cases.ts';
import { byNewest, DESTINATION, groupCells } from '../cells.ts';
import { overDailyLimits } from '../daily-limits.ts';
import type { Facts } from '../facts.ts';
import { cellLink } from '../row-link.ts';
import type { Case, Rule } from '../rule.ts';
import { textOf } from '../leaf.ts';
import { counted, listed, nameOfDestination, nameOfPackage, placeOf } from '../sentences.ts';

/** A watched vendor got something that neither the package's manifest nor the catalogue announces. */
export const vendorOutsideDeclaration: Rule = {
  id: 'vendor-outside-declaration',
  severity: 'alarm',
  evaluate(facts) {
    const groups = offending(facts);
    const cases = [...groups.map((group) => callCase(facts, group, sentence)), ...dailyCases(facts)];
    if (cases.length === 0) return undefined;
    const vendors = [...new Set(groups.map((group) => group.vendor).filter((vendor) => vendor !== ''))];
    const who = vendors.length === 0 ? 'A watched vendor' : `The watched vendor ${listed(vendors)}`;
    const count = cases.reduce((total, one) => total + one.count, 0);
    return {
      text: `${who} was contacted outside its declaration: ${listed(cases.map((one) => one.text))}. ${counted(count, 'call')} in all.`,
      action:
        'Look at the call site named here and ask the vendor what is sent. Block the host until it is explained; if it is legitimate, have it declared in the manifest or the catalogue.',
      count,
      link: linkOf(groups),
      cases,
    };
  },
  evidence: (facts) => offending(facts).map((group) => group.lastSeq),
};

function offending(facts: Facts): RollupEntry[] {
  const cells = facts.cells.filter(
    (cell) =>
      cell.direction === 'out' && cell.class === 'vendor' && (cell.declared === 'no' || cell.declared === 'beyond'),
  );
  return groupCells(cells, [...DESTINATION, 'channel', 'declared']).sort(byNewest);
}

/** Names package, host, file and line: the sentence must suffice to find the code. */
function sentence(cell: RollupEntry, row: Flat | undefined): string {
  const who = nameOfPackage(cell.package, textOf(row, 'packageVersion'));
  const place = placeOf(textOf(row, 'site'));
  const request = [textOf(row, 'method'), textOf(row, 'path')].filter((part) => part !== undefined).join(' ');
  const how =
    cell.declared === 'no'
      ? 'which it does not declare'
      : `beyond what is declared${request === '' ? '' : ` (${request})`}`;
  return `${who} contacted ${nameOfDestination(cell.host, cell.port)}, ${how}${place === undefined ? '' : `, ${place}`}`;
}

function dailyCases(facts: Facts): Case[] {
  return overDailyLimits(facts)
    .filter((over) => over.class === 'vendor')
    .map((over) => ({
      text: `${nameOfPackage(over.package)} sent ${over.bytesOut} bytes to ${over.host} on ${over.day}, where it declares at most ${over.limit}`,
      count: Math.max(over.events, 1),
      link: cellLink({ direction: 'out', package: over.package, host: over.host, ...over.range }),
      package: over.package,
      host: over.host,
      seq: over.range.lastSeq,
    }));
}

function linkOf(groups: readonly RollupEntry[]): ReturnType<typeof cellLink> {
  const declared = groups[0]?.declared;
  const same = declared !== undefined && groups.every((group) => group.declared === declared);
  return cellLink({ direction: 'out', class: 'vendor', ...(same ? { declared } : {}) });
}
