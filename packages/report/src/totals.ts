import { CLASSES, type DestinationClass, type RollupEntry } from '@outwitness/event';

import { groupCells, sum } from './cells.ts';
import type { Facts } from './facts.ts';
import type {
  BytesJson,
  CardsJson,
  DistributionJson,
  FlowJson,
  TimelineJson,
  TimelinePointJson,
  TotalsJson,
} from './report-json.ts';

const MAX_BYTES_BARS = 12;
const HOURS_IN_HOURLY_TIMELINE = 7 * 24;

/** A class that this version does not know counts as unclassified, so that the four always add up. */
export function knownClass(text: string): DestinationClass {
  return (CLASSES as readonly string[]).includes(text) ? (text as DestinationClass) : 'unclassified';
}

export function totalsOf(cells: readonly RollupEntry[]): TotalsJson {
  const of = (wanted: DestinationClass): number =>
    sum(
      cells.filter((cell) => knownClass(cell.class) === wanted),
      'events',
    );
  return {
    events: sum(cells, 'events'),
    vendor: of('vendor'),
    thirdParty: of('third-party'),
    internal: of('internal'),
    unclassified: of('unclassified'),
  };
}

export function cardsOf({ cells }: Facts): CardsJson {
  const inbound = cells.filter((cell) => cell.direction === 'in');
  const outbound = outboundOf(cells);
  return {
    in: flowOf(inbound),
    out: flowOf(outbound),
    destinations: countDestinations(outbound),
    packages: new Set(outbound.map((cell) => cell.package).filter((name) => name !== '')).size,
    unattributed: sum(
      outbound.filter((cell) => cell.package === ''),
      'events',
    ),
  };
}

/** Whatever is not inbound: a direction that this version does not know must not fall out of the report. */
export function outboundOf(cells: readonly RollupEntry[]): RollupEntry[] {
  return cells.filter((cell) => cell.direction !== 'in');
}

export function countDestinations(cells: readonly RollupEntry[]): number {
  return new Set(cells.filter((cell) => cell.host !== '').map((cell) => `${cell.host} ${cell.port}`)).size;
}

function flowOf(cells: readonly RollupEntry[]): FlowJson {
  return {
    ...totalsOf(cells),
    errors: sum(cells, 'errors'),
    bytesOut: sum(cells, 'bytesOut'),
    bytesIn: sum(cells, 'bytesIn'),
  };
}

export function distributionOf(facts: Facts): DistributionJson[] {
  const outbound = outboundOf(facts.cells);
  return CLASSES.map((wanted) => {
    const cells = outbound.filter((cell) => knownClass(cell.class) === wanted);
    return {
      class: wanted,
      events: sum(cells, 'events'),
      bytesOut: sum(cells, 'bytesOut'),
      bytesIn: sum(cells, 'bytesIn'),
    };
  });
}

export function bytesOf(facts: Facts): BytesJson[] {
  return groupCells(outboundOf(facts.cells), ['host', 'class'])
    .filter((cell) => cell.bytesOut + cell.bytesIn > 0)
    .sort((a, b) => b.bytesOut + b.bytesIn - a.bytesOut - a.bytesIn || (a.host < b.host ? -1 : 1))
    .slice(0, MAX_BYTES_BARS)
    .map((cell) => ({
      host: cell.host === '' ? null : cell.host,
      class: knownClass(cell.class),
      bytesOut: cell.bytesOut,
      bytesIn: cell.bytesIn,
    }));
}

export function timelineOf({ cells, fromHour, toHour }: Facts): TimelineJson {
  const step = toHour - fromHour <= HOURS_IN_HOURLY_TIMELINE ? 'hour' : 'day';
  const hours = step === 'hour' ? 1 : 24;
  const stepped = cells.map((cell) => ({ ...cell, hour: Math.floor(cell.hour / hours) * hours }));
  const points = new Map<number, TimelinePointJson>();
  for (const cell of groupCells(stepped, ['hour', 'direction']).sort((a, b) => a.hour - b.hour)) {
    const before = points.get(cell.hour) ?? { in: 0, out: 0, bytesOut: 0, bytesIn: 0 };
    points.set(cell.hour, {
      at: new Date(cell.hour * 3_600_000).toISOString(),
      in: before.in + (cell.direction === 'in' ? cell.events : 0),
      out: before.out + (cell.direction === 'in' ? 0 : cell.events),
      bytesOut: before.bytesOut + cell.bytesOut,
      bytesIn: before.bytesIn + cell.bytesIn,
    });
  }
  return { step, points: [...points.values()] };
}
