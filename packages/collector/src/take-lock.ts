import { setTimeout as sleep } from 'node:timers/promises';
import { OutwitnessError } from '@outwitness/event';
import { holdLock, type StoreLock } from '@outwitness/store-sqlite';
import { readAlive } from './alive-file.ts';
import type { DataDir } from './data-dir.ts';

/**
 * Takes the lock of a data directory. A command that adds one row holds it for a moment and says nothing in `alive`: that is worth waiting for, a running collector is not.
 *
 * @throws OutwitnessError `store-locked`
 */
export async function takeLock(dir: DataDir, patienceMs: number): Promise<StoreLock> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return holdLock(dir.lock);
    } catch (error) {
      const locked = error instanceof OutwitnessError && error.code === 'store-locked';
      const now = Date.now();
      if (!locked || now >= until || readAlive(dir.alive, now)?.running === true) throw error;
    }
    await sleep(50);
  }
}
