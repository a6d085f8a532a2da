import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { DataDirOptions } from '@outwitness/collector';
import { usageError } from './usage-error.ts';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** Options that every command takes. */
const COMMON = {
  data: { type: 'string' },
  keys: { type: 'string' },
  checkpoints: { type: 'string' },
  spool: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies OptionTable;

/** A parsed command line. */
export interface Options {
  dir: DataDirOptions;
  config: string | undefined;
  json: boolean;
  help: boolean;
  positionals: string[];
  /** The command's own options. */
  string(name: string): string | undefined;
  strings(name: string): string[];
  flag(name: string): boolean;
}

/**
 * Parses the arguments of one command.
 *
 * @throws OutwitnessError `usage`
 */
export function parseOptions(command: string, args: readonly string[], own: OptionTable): Options {
  let parsed: { values: { [name: string]: unknown }; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options: { ...COMMON, ...own }, allowPositionals: true, strict: true });
  } catch (cause) {
    const known = Object.keys({ ...COMMON, ...own }).map((name) => `--${name}`);
    const [reason] = (cause as Error).message.split('. ');
    throw usageError(`${command}: ${reason}. Expected options: ${known.join(' ')}. See: outwitness ${command} --help`);
  }
  const { values } = parsed;
  const data = (values['data'] as string | undefined) ?? process.env['OUTWITNESS_DATA'] ?? '.outwitness';
  const dir: DataDirOptions = { data };
  for (const part of ['keys', 'checkpoints', 'spool'] as const) {
    if (typeof values[part] === 'string') dir[part] = values[part];
  }
  return {
    dir,
    config: values['config'] as string | undefined,
    json: values['json'] === true,
    help: values['help'] === true,
    positionals: parsed.positionals,
    string: (name) => values[name] as string | undefined,
    strings: (name) => (values[name] as string[] | undefined) ?? [],
    flag: (name) => values[name] === true,
  };
}

/** A whole number given as an option. @throws OutwitnessError `usage` */
export function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw usageError(`--${option}: expected a whole number >= ${least}, got ${JSON.stringify(text)}`);
}

/** A bound of `--from` or `--to`: an integer is a sequence number, an ISO 8601 text a time in µs. */
export type Bound = { seq: number } | { time: number };

/** @throws OutwitnessError `usage` */
export function bound(option: string, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { seq: Number(text) };
  const time = /^\d{4}-\d{2}-\d{2}([T ]|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return { time: time * 1_000 };
  throw usageError(
    `--${option}: expected a sequence number or an ISO 8601 time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(text)}`,
  );
}
