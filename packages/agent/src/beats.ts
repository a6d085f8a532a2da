import type { SpoolWriter } from '@outwitness/spool';
import { type Clock, withOwnBuiltins } from '@outwitness/interceptor';

const BEAT_MS = 5000;

/** Says every 5 s that the thread is alive and its watcher in place, and looks after the spool file. Does not keep the process alive. */
export function startBeats(writer: SpoolWriter, clock: Clock, faults: () => number, check: () => void): void {
  let due = clock.monotonic() + BEAT_MS * 1000;
  const beat = withOwnBuiltins(() => {
    const lagUs = Math.max(0, clock.monotonic() - due);
    due = clock.monotonic() + BEAT_MS * 1000;
    check();
    writer.check();
    writer.writeNow({ kind: 'beat', time: clock.wall(), records: writer.state.records, faults: faults(), lagUs });
  });
  setInterval(beat, BEAT_MS).unref();
}
