/** The steps of a chart over time: hours in the reader's zone, or days in UTC, as the server counts them. */
import { day, minutes } from '../format.ts';

export type Step = 'hour' | 'day';

export interface TimeSlot<Point> {
  /** ms since 1970. */
  readonly at: number;
  readonly point: Point | undefined;
}

const HOUR_MS = 3_600_000;
/** More hours than this are named by their day. */
const MOST_NAMED_HOURS = 30;

/** Every step of the period, with and without traffic. */
export function slotsOf<Point extends { readonly at: string }>(
  period: { readonly from: string; readonly to: string },
  step: Step,
  points: readonly Point[],
): TimeSlot<Point>[] {
  const size = step === 'hour' ? HOUR_MS : 24 * HOUR_MS;
  const byTime = new Map(points.map((point) => [Date.parse(point.at), point]));
  const slots: TimeSlot<Point>[] = [];
  for (let at = Math.floor(Date.parse(period.from) / size) * size; at < Date.parse(period.to); at += size) {
    slots.push({ at, point: byTime.get(at) });
  }
  return slots;
}

/** @example slotTime(at, 'hour') // '2026-03-02 10:00' */
export function slotTime(at: number, step: Step): string {
  const date = new Date(at);
  return step === 'hour' ? `${day(date)} ${minutes(date)}` : utcDay(at);
}

/** What stands under the bar. */
export function slotName(at: number, step: Step, slots: number): string {
  if (step === 'hour' && slots <= MOST_NAMED_HOURS) return minutes(new Date(at));
  return (step === 'hour' ? day(new Date(at)) : utcDay(at)).slice(5);
}

/** West of Greenwich a day of the server begins on the day before. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
