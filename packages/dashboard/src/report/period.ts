/** The period that the report covers, as the address says it. */
import type { Place } from '../location.ts';

interface Period {
  readonly id: string;
  readonly name: string;
  readonly hours: number;
}

export const PERIODS: readonly Period[] = [
  { id: '24h', name: '24 hours', hours: 24 },
  { id: '7d', name: '7 days', hours: 7 * 24 },
  { id: '30d', name: '30 days', hours: 30 * 24 },
  { id: '90d', name: '90 days', hours: 90 * 24 },
];

const DEFAULT = '24h';

/** `null` = bounds of the reader's own. */
export function periodOf({ params }: Place): string | null {
  if (params.has('from') || params.has('to')) return null;
  const asked = params.get('period');
  return PERIODS.some(({ id }) => id === asked) ? asked : DEFAULT;
}

/** What to ask the API for. The default period asks for nothing, so that page and `report --json` have the same default. */
export function reportParams(place: Place, now: number): URLSearchParams {
  const asked = new URLSearchParams();
  for (const name of ['from', 'to', 'app']) {
    const value = place.params.get(name);
    if (value !== null) asked.set(name, value);
  }
  const period = PERIODS.find(({ id }) => id === periodOf(place));
  if (period !== undefined && period.id !== DEFAULT) {
    asked.set('from', new Date(now - period.hours * 3_600_000).toISOString());
  }
  return asked;
}
