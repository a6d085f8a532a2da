import { IDLE_AFTER_MS } from './defaults.ts';
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
      if (living().some(({ pid }) => pid !== process.pid)) since = now;
      if (now - since >= IDLE_AFTER_MS) resolve();
    }, 1_000);
  });
  return { idle, end: () => clearInterval(timer) };
}
