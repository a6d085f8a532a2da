import { Collector, type ControlRequest, type DataDir } from '@outwitness/collector';
import type { Options } from './options.ts';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';

/**
 * Writes a control row where no collector runs: takes the lock, appends, lets go. Whatever waited in the spool is drained on the way.
 *
 * @throws OutwitnessError as {@link Collector.open}, `store-locked` if a collector has just started
 */
export async function recordAlone(
  dir: DataDir,
  options: Options,
  request: ControlRequest,
  version: string,
): Promise<void> {
  const collector = await Collector.open({
    dir,
    settings: { flags: {}, env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    notice: (text) => say(`outwitness: ${text}`),
  });
  try {
    await collector.append(request);
  } finally {
    await collector.stop();
  }
}
