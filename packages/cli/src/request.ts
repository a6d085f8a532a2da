import {
  askCollector,
  Collector,
  type ControlAnswer,
  type ControlRequest,
  type DataDir,
  readAlive,
  requireLedger,
} from '@outwitness/collector';
import type { Options } from './options.ts';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';

/**
 * Has something done that is a row, and returns once that is committed: by the collector that runs, or, where none does, by taking the lock and doing it here. Call it before the ledger is opened to read: the store looks at the file's header first.
 *
 * @throws OutwitnessError `control-unanswered`, as {@link Collector.open}, `store-locked` if a collector has just started
 */
export async function request(
  dir: DataDir,
  options: Options,
  asked: ControlRequest,
  version: string,
): Promise<ControlAnswer> {
  requireLedger(dir);
  if (readAlive(dir.alive, Date.now())?.running === true) return askCollector(dir.control, asked);
  return performAlone(dir, options, asked, version);
}

/** Whatever waited in the spool is drained on the way. */
async function performAlone(
  dir: DataDir,
  options: Options,
  asked: ControlRequest,
  version: string,
): Promise<ControlAnswer> {
  const collector = await Collector.open({
    dir,
    settings: { flags: {}, env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    keepCatalogue: true,
    notice: (text) => say(`outwitness: ${text}`),
  });
  try {
    return await collector.perform(asked);
  } finally {
    await collector.stop();
  }
}
