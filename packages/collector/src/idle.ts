import { IDLE_AFTER_MS } from './defaults.ts';
import { processAlive } from './process-alive.ts';
import type { LivingWriter } from './spool-drain.ts';

/**
 * Resolves 60 s after the last audited process has ended; this process is none.
 *
 * @param living asked once a second
 * @returns a promise, and what ends the waiting
 */
export function idleAfter(living: () => readonly LivingWriter[]): { idle: Promise<void>; end: () => void } {
  let since = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    timer = setInterval(() => {
      const now = Date.now();
      // Asked again here: where the folder was taken away nobody learns any more that a writer ended.
      const audited = living().filter(({ pid }) => pid !== process.pid);
      if (audited.some((one) => processAlive(one.pid, Math.max(startOf(one.writer), one.lastSeen)))) since = now;
      if (now - since >= IDLE_AFTER_MS) resolve();
    }, 1_000);
  });
  return { idle, end: () => clearInterval(timer) };
}

/** ms since 1970, of `<pid>-<thread>-<start>-<random>` (docs/formats/spool.md, "Files"). */
function startOf(writer: string): number {
  return Number.parseInt(writer.split('-')[2] ?? '', 36);
}
