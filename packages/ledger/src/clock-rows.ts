import type { Members } from './cleaning.ts';

/** Two clocks and the boot of the machine at one moment; µs. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
  readonly boot: string;
}

/** µs by which the clocks may move apart between two seals: a time service slews by less. */
const MOST_APART = 10_000_000;

/**
 * What happened to the machine's time since the newest seal, as `control` rows; docs/formats/chain.md, "Clock and reboot".
 *
 * @param before `undefined` before the first seal
 */
export function clockRows(before: Moment | undefined, now: Moment): Members[] {
  if (before === undefined) return [];
  const row = (event: string, text: string): Members[] => [
    { kind: 'control', event, actor: 'collector', text, time: now.wall },
  ];
  if (before.boot !== now.boot)
    return row('reboot', 'the machine was started again, or the ledger was moved to another');
  const apart = now.wall - before.wall - (now.monotonic - before.monotonic);
  if (Math.abs(apart) <= MOST_APART) return [];
  const seconds = Math.round(Math.abs(apart) / 1_000_000);
  return row('clock-step', `the clock was set ${apart > 0 ? 'ahead' : 'back'} by ${seconds} s`);
}
