import { groupCells, sum } from './cells.ts';
import { knownDeclared, named } from './destinations.ts';
import type { Facts } from './facts.ts';
import type { SelfJson } from './report-json.ts';

/** What Outwitness itself did on the network, and what it started. */
export function selfOf({ self }: Facts): SelfJson {
  const outbound = self.filter((cell) => cell.direction !== 'in');
  const groups = groupCells(outbound, ['channel', 'host', 'port', 'declared']);
  return {
    events: sum(outbound, 'events'),
    undeclared: sum(
      outbound.filter((cell) => cell.declared !== 'yes'),
      'events',
    ),
    destinations: groups.map((cell) => ({
      channel: cell.channel,
      host: named(cell.host),
      port: cell.port < 0 ? null : cell.port,
      declared: knownDeclared(cell.declared),
      events: cell.events,
      lastSeq: cell.lastSeq,
    })),
  };
}
