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
  const by = { vendor: 0, 'third-party': 0, internal: 0, unclassified: 0 };
  for (const cell of cells) by[knownClass(cell.class)] += cell.events;
  return {
    events: sum(cells, 'events'),
    vendor: by.vendor,
    thirdParty: by['third-party'],
    internal: by.internal,
    unclassified: by.unclassified,
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

export function timelineStep(fromHour: number, toHour: number): 'hour' | 'day' {
  return toHour - fromHour <= HOURS_IN_HOURLY_TIMELINE ? 'hour' : 'day';
}

export function timelineOf({ hours, fromHour, toHour }: Facts): TimelineJson {
  const step = timelineStep(fromHour, toHour);
  const width = step === 'hour' ? 1 : 24;
  const points = new Map<number, TimelinePointJson>();
  for (const one of hours) {
    const hour = Math.floor(one.hour / width) * width;
    const before = points.get(hour) ?? { in: 0, out: 0, bytesOut: 0, bytesIn: 0 };
    points.set(hour, {
      at: new Date(hour * 3_600_000).toISOString(),
      in: before.in + (one.inbound ? one.events : 0),
      out: before.out + (one.inbound ? 0 : one.events),
      bytesOut: before.bytesOut + one.bytesOut,
      bytesIn: before.bytesIn + one.bytesIn,
    });
  }
  return { step, points: [...points.values()] };
}
