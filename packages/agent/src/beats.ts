import type { SpoolWriter } from '@outwitness/spool';
import type { Clock } from '@outwitness/interceptor';
import type { Timers } from './timers.ts';

const BEAT_MS = 5000;

/** Says every 5 s that the thread is alive and its watcher in place, and looks after the spool file. */
export function startBeats(
  timers: Timers,
  writer: SpoolWriter,
  clock: Clock,
  faults: () => number,
  check: () => void,
): void {
  let due = clock.monotonic() + BEAT_MS * 1000;
  timers.every(BEAT_MS, () => {
    const lagUs = Math.max(0, clock.monotonic() - due);
    due = clock.monotonic() + BEAT_MS * 1000;
    check();
    writer.check();
    writer.writeNow({ kind: 'beat', time: clock.wall(), records: writer.state.records, faults: faults(), lagUs });
  });
}
