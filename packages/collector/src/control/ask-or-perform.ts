import { setTimeout as sleep } from 'node:timers/promises';
import { OutwitnessError } from '@outwitness/event';
import { readAlive } from '../alive-file.ts';
import { Collector, type CollectorOptions } from '../collector.ts';
import { requireLedger } from '../data-dir.ts';
import { CONTROL_TIMEOUT_MS } from '../defaults.ts';
import { askCollector } from './ask.ts';
import type { ControlAnswer, ControlRequest } from './requests.ts';

/**
 * Has something done that is a row, and returns once that is committed: by the collector that runs, or, where none does, by taking the lock and doing it here. A collector that begins or ends meanwhile is no reason to fail.
 *
 * @throws OutwitnessError `control-unanswered`, as {@link Collector.open}, or that of the request
 */
export async function askOrPerform(options: CollectorOptions, asked: ControlRequest): Promise<ControlAnswer> {
  const { dir } = options;
  requireLedger(dir);
  const until = Date.now() + CONTROL_TIMEOUT_MS;
  for (;;) {
    const running = readAlive(dir.alive, Date.now())?.running === true;
    try {
      return running ? await askCollector(dir.control, asked) : await performAlone(options, asked);
    } catch (error) {
      const code = error instanceof OutwitnessError ? error.code : '';
      const gone = code === 'control-unanswered' && readAlive(dir.alive, Date.now())?.running !== true;
      if (!gone && !(code === 'store-locked' && Date.now() < until)) throw error;
    }
    await sleep(50);
  }
}

/** Whatever waited in the spool is drained on the way. */
async function performAlone(options: CollectorOptions, asked: ControlRequest): Promise<ControlAnswer> {
  const collector = await Collector.open({ ...options, keepCatalogue: true });
  try {
    return await collector.perform(asked);
  } finally {
    await collector.stop();
  }
}
