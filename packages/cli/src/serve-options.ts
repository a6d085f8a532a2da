import type { Settings } from '@outwitness/collector';
import { type Options, wholeNumber } from './options.ts';
import { usageError } from './usage-error.ts';

/** Options of the commands that collect. */
export const SERVE_OPTIONS = {
  port: { type: 'string' },
  'no-serve': { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

/** @throws OutwitnessError `usage` */
export function serveFlags(command: string, options: Options): Partial<Settings> {
  const port = wholeNumber('port', options.string('port'), 0);
  if (port === undefined) return {};
  if (options.flag('no-serve')) throw usageError(`${command}: expected --port or --no-serve, got both`);
  if (port > 65_535) throw usageError(`--port: expected a port from 0 to 65535, got ${port}`);
  return { port };
}
