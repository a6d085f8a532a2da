import {
  Collector,
  type ControlRequest,
  type DataDir,
  readAlive,
  requestControl,
  requireLedger,
} from '@outwitness/collector';
import type { Options } from './options.ts';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';

/**
 * Has a control row written and returns once it is committed: by the collector that runs, or, where none does, by taking the lock and appending it here. Call it before the ledger is opened to read: the store looks at the file's header first.
 *
 * @throws OutwitnessError `control-unanswered`, as {@link Collector.open}, `store-locked` if a collector has just started
 */
export async function record(dir: DataDir, options: Options, request: ControlRequest, version: string): Promise<void> {
  requireLedger(dir);
  if (readAlive(dir.alive, Date.now())?.running === true) await requestControl(dir.control, request);
  else await recordAlone(dir, options, request, version);
}

/** Whatever waited in the spool is drained on the way. */
async function recordAlone(dir: DataDir, options: Options, request: ControlRequest, version: string): Promise<void> {
  const collector = await Collector.open({
    dir,
    settings: { flags: {}, env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    keepCatalogue: true,
    notice: (text) => say(`outwitness: ${text}`),
  });
  try {
    await collector.append(request);
  } finally {
    await collector.stop();
  }
}
