import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NODE_CHANNELS } from '@outwitness/event';
import { DEFAULTS } from './defaults.ts';
import { collectorError } from './errors.ts';

/** What can be set. Precedence: flag, then environment, then file, then default. */
export interface Settings {
  /** Name of the audited application; `''`: the agent finds one. */
  app: string;
  /** First part of the ledger's origin. */
  operator: string;
  enabled: boolean;
  strict: boolean;
  disabledChannels: string[];
  attribution: 'exact' | 'adaptive';
  /** Follow the asynchronous context where Node makes that cheap, or everywhere. */
  context: 'auto' | 'on';
  /** Learning window in days; 0 = none. */
  learnDays: number;
  /** Days after which texts of rows are dropped; 0 = never. */
  retentionDays: number;
  /** An epoch closes after so many hours, or rows, whichever comes first. */
  epochHours: number;
  epochRows: number;
  /** Names under which the audited servers may be reached: told apart in the rollup of inbound calls. */
  hosts: string[];
  /** Path of the catalogue file, `''` = the built-in one. */
  catalogue: string;
  /** Port of the report, 0 = any free one. */
  port: number;
  /** Hand checkpoints and tiles to witnesses that know the token. */
  witnessServe: boolean;
}

export type SettingName = keyof Settings;
export type SettingOrigin = 'flag' | 'env' | 'file' | 'default';

/** Effective settings and where each value came from. */
export interface EffectiveSettings {
  values: Settings;
  origins: { [name in SettingName]: SettingOrigin };
  /** The file that was read, absent if there is none. */
  file?: string;
}

/** Names in `outwitness.config.json` and in the environment. */
export const SETTING_NAMES: { readonly [name in SettingName]: { file: string; env: string } } = {
  app: { file: 'app', env: 'OUTWITNESS_APP' },
  operator: { file: 'operator', env: 'OUTWITNESS_OPERATOR' },
  enabled: { file: 'enabled', env: 'OUTWITNESS_ENABLED' },
  strict: { file: 'strict', env: 'OUTWITNESS_STRICT' },
  disabledChannels: { file: 'disabledChannels', env: 'OUTWITNESS_DISABLED_CHANNELS' },
  attribution: { file: 'attribution', env: 'OUTWITNESS_ATTRIBUTION' },
  context: { file: 'context', env: 'OUTWITNESS_CONTEXT' },
  learnDays: { file: 'learn', env: 'OUTWITNESS_LEARN' },
  retentionDays: { file: 'retention', env: 'OUTWITNESS_RETENTION' },
  epochHours: { file: 'epochHours', env: 'OUTWITNESS_EPOCH_HOURS' },
  epochRows: { file: 'epochRows', env: 'OUTWITNESS_EPOCH_ROWS' },
  hosts: { file: 'hosts', env: 'OUTWITNESS_HOSTS' },
  catalogue: { file: 'catalogue', env: 'OUTWITNESS_CATALOGUE' },
  port: { file: 'port', env: 'OUTWITNESS_PORT' },
  witnessServe: { file: 'witness.serve', env: 'OUTWITNESS_WITNESS_SERVE' },
};

export interface SettingsInput {
  flags: Partial<Settings>;
  env: NodeJS.ProcessEnv;
  /** `--config`, or undefined for `outwitness.config.json` in `cwd` if it exists. */
  file: string | undefined;
  cwd: string;
}

/**
 * Reads the effective settings.
 *
 * @throws OutwitnessError `settings-unreadable`, `settings-invalid`: the message names the setting, where it was set, expected and got
 */
export function readSettings(input: SettingsInput): EffectiveSettings {
  const path = resolve(input.cwd, input.file ?? 'outwitness.config.json');
  const text = readText(path, input.file !== undefined);
  const file = text === undefined ? {} : parseFile(path, text);
  const values = { ...DEFAULTS } as { [name in SettingName]: unknown };
  const origins = {} as { [name in SettingName]: SettingOrigin };
  for (const name of Object.keys(SETTING_NAMES) as SettingName[]) {
    const names = SETTING_NAMES[name];
    const fromEnv = input.env[names.env];
    if (input.flags[name] !== undefined) {
      values[name] = checkSetting(name, input.flags[name], `--${names.file}`);
      origins[name] = 'flag';
    } else if (fromEnv !== undefined) {
      values[name] = checkSetting(name, fromText(name, fromEnv), names.env);
      origins[name] = 'env';
    } else if (file[names.file] !== undefined) {
      values[name] = checkSetting(name, file[names.file], `${names.file} in ${path}`);
      if (name === 'catalogue') values[name] = resolve(path, '..', file[names.file] as string);
      origins[name] = 'file';
    } else {
      origins[name] = 'default';
    }
  }
  const settings: EffectiveSettings = { values: values as Settings, origins };
  if (settings.values.catalogue !== '' && origins.catalogue !== 'file') {
    settings.values.catalogue = resolve(input.cwd, settings.values.catalogue);
  }
  if (text !== undefined) settings.file = path;
  return settings;
}

function readText(path: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw collectorError(
      'settings-unreadable',
      `cannot read the settings file ${path}: ${(cause as Error).message}. Correct --config or the file's rights.`,
      cause,
    );
  }
}

/** @throws OutwitnessError `settings-invalid` */
export function parseFile(path: string, text: string): { [name: string]: unknown } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw collectorError(
      'settings-invalid',
      `${path} is not JSON: ${(cause as Error).message}. Correct the file.`,
      cause,
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw collectorError('settings-invalid', `${path}: expected one JSON object. Correct the file.`);
  }
  const known = Object.values(SETTING_NAMES).map((names) => names.file);
  for (const name of Object.keys(parsed)) {
    if (!known.includes(name)) {
      throw collectorError(
        'settings-invalid',
        `${path} has an unknown setting "${name}": expected one of ${known.join(', ')}. Remove or rename it.`,
      );
    }
  }
  return parsed as { [name: string]: unknown };
}

function fromText(name: SettingName, text: string): unknown {
  const example = DEFAULTS[name];
  if (typeof example === 'number') return /^\d+$/.test(text) ? Number(text) : text;
  if (typeof example === 'boolean')
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
  if (Array.isArray(example))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return text;
}

/** @throws OutwitnessError `settings-invalid` */
export function checkSetting(name: SettingName, value: unknown, where: string): unknown {
  const expected = expectation(name, value);
  if (expected === undefined) return value;
  throw collectorError(
    'settings-invalid',
    `${where}: expected ${expected}, got ${JSON.stringify(value)}. Correct it and start again.`,
  );
}

/** What the value should have been, or undefined if it is right. */
function expectation(name: SettingName, value: unknown): string | undefined {
  switch (name) {
    case 'enabled':
    case 'strict':
    case 'witnessServe':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'learnDays':
      return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 365
        ? undefined
        : 'a number of days from 0 to 365';
    case 'retentionDays':
      return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 36_500
        ? undefined
        : 'a number of days from 0 (for good) to 36500';
    case 'epochHours':
      return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 8_760
        ? undefined
        : 'a number of hours from 1 to 8760';
    case 'epochRows':
      return Number.isSafeInteger(value) && (value as number) >= 100_000 && (value as number) <= 1_000_000_000
        ? undefined
        : 'a number of rows from 100000 to 1000000000';
    case 'port':
      return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 65_535
        ? undefined
        : 'a port from 0 to 65535';
    case 'attribution':
      return value === 'exact' || value === 'adaptive' ? undefined : '"exact" or "adaptive"';
    case 'context':
      return value === 'auto' || value === 'on' ? undefined : '"auto" or "on"';
    case 'operator':
      return typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value)
        ? undefined
        : '1 to 64 letters, digits, dots and dashes';
    case 'hosts':
      return isStrings(value) ? undefined : 'a list of host names';
    case 'disabledChannels': {
      const unknown = isStrings(value) ? value.find((one) => !(NODE_CHANNELS as readonly string[]).includes(one)) : '';
      return unknown === undefined ? undefined : `channels out of ${NODE_CHANNELS.join(', ')}`;
    }
    case 'app':
    case 'catalogue':
      return typeof value === 'string' && value.length <= 4096 ? undefined : 'a string';
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
