import type { GapEvent } from '@outwitness/event';

/** Something that a reader met and could not make records of. Sums of one `read`: one entry per event. */
export interface Damage {
  event: Extract<GapEvent, 'torn' | 'damaged' | 'foreign-kind' | 'numbering' | 'lost-spool'>;
  /** Where in the file it was met first. */
  offset: number;
  /** Bytes passed. */
  bytes: number;
  /** Records that the numbering shows to be lost; at least 1 for `damaged` if the numbers do not tell. */
  missing: number;
  /** How often. */
  count: number;
}

/** A segment of 16 MiB holds fewer records: a number that jumps further is a lie. */
const MOST_RECORDS = 1 << 20;

/** Adds up damage by event. */
export class Damages {
  readonly list: Damage[] = [];

  add(event: Damage['event'], offset: number, bytes: number, missing: number): void {
    const lost = Math.min(missing, MOST_RECORDS);
    const known = this.list.find((damage) => damage.event === event);
    if (known === undefined) this.list.push({ event, offset, bytes, missing: lost, count: 1 });
    else {
      known.bytes += bytes;
      known.missing += lost;
      known.count++;
    }
  }
}
