/** How rules turn cells and rows into cases. */
import type { Flat, RollupEntry } from '@outwitness/event';

import { callsOf } from './cells.ts';
import type { Facts } from './facts.ts';
import { cellLink, kindLink } from './row-link.ts';
import type { Case } from './rule.ts';
import { numberOf, textOf } from './leaf.ts';
import type { EventGroup } from './source.ts';

/** A case about calls: says what `say` says of the cell and its newest row. */
export function callCase(
  facts: Facts,
  cell: RollupEntry,
  say: (cell: RollupEntry, row: Flat | undefined) => string,
): Case {
  const row = facts.rows.get(cell.lastSeq);
  return {
    text: say(cell, row),
    count: callsOf(cell),
    link: cellLink(cell),
    app: cell.app,
    package: cell.package,
    ...(cell.host === '' ? {} : { host: cell.host }),
    ...(cell.port < 0 ? {} : { port: cell.port }),
    ...optional('site', textOf(row, 'site')),
    seq: cell.lastSeq,
    ...optional('time', numberOf(row, 'time')),
  };
}

/** A case about rows of one kind and event: the newest row speaks. */
export function eventCase(kind: string, group: EventGroup, count: number): Case {
  const newest = group.newest[0];
  const seq = numberOf(newest, 'seq');
  return {
    text: textOf(newest, 'text') ?? group.event,
    count,
    link: eventLink(kind, group),
    ...optional('app', textOf(newest, 'app')),
    ...optional('seq', seq),
    ...optional('time', numberOf(newest, 'time')),
  };
}

function eventLink(kind: string, group: EventGroup): ReturnType<typeof kindLink> {
  return kindLink({ kind, event: group.event });
}

/** A member that is there or not, as `exactOptionalPropertyTypes` wants it. */
function optional<Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}
