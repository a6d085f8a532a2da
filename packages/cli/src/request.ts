import {
  askOrPerform,
  type CollectorOptions,
  type ControlAnswer,
  type ControlRequest,
  type DataDir,
} from '@outwitness/collector';
import type { Options } from './options.ts';
import { say } from './output.ts';
import { PROGRAM_FILES } from './program-files.ts';

/** A collector as a command is that only adds a row. */
export function momentary(dir: DataDir, options: Options, version: string): CollectorOptions {
  return {
    dir,
    settings: { flags: {}, env: process.env, file: options.config, cwd: process.cwd() },
    software: `outwitness ${version}`,
    verifier: PROGRAM_FILES.verifier,
    notice: (text) => say(`outwitness: ${text}`),
  };
}

/**
 * Has something done that is a row, and returns once that is committed. Call it before the ledger is opened to read: the store looks at the file's header first.
 *
 * @throws OutwitnessError as {@link askOrPerform}
 */
export async function request(
  dir: DataDir,
  options: Options,
  asked: ControlRequest,
  version: string,
): Promise<ControlAnswer> {
  return askOrPerform(momentary(dir, options, version), asked);
}
