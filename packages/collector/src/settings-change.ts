import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SettingJson, SettingsJson } from '@outwitness/server';
import { collectorError } from './errors.ts';
import {
  checkSetting,
  type EffectiveSettings,
  parseFile,
  type SettingName,
  SETTING_NAMES,
  type SettingsInput,
} from './settings.ts';

/** Read again each second, so a change takes effect while programs run. The others are read when a collector starts, or say where things are. */
const CHANGEABLE: ReadonlySet<SettingName> = new Set<SettingName>([
  'enabled',
  'strict',
  'disabledChannels',
  'attribution',
  'context',
  'learnDays',
  'retentionDays',
  'hosts',
  'witnessServe',
]);

type Value = SettingJson['value'];

/** A change that may be made, and the words for its row. */
export interface PlannedChange {
  readonly text: string;
  /** New values by their names in the file. */
  readonly values: { readonly [name: string]: Value };
}

/** Where a change is written: the file that was named, or the one in the folder where the program started. */
export function settingsPath(input: SettingsInput): string {
  return resolve(input.cwd, input.file ?? 'outwitness.config.json');
}

/**
 * Looks whether settings may be changed so.
 *
 * @param changes text of a JSON object: names as in the file and their new values
 * @returns `text` is empty if everything is so already
 * @throws OutwitnessError `settings-invalid` `setting-fixed`
 */
export function planChange(current: EffectiveSettings, changes: string): PlannedChange {
  const wanted = parseFile('the change', changes);
  const words: string[] = [];
  for (const [file, value] of Object.entries(wanted)) {
    const name = (Object.keys(SETTING_NAMES) as SettingName[]).find((one) => SETTING_NAMES[one].file === file);
    if (name === undefined) continue; // parseFile has refused it
    refuseFixed(name, current);
    checkSetting(name, value, file);
    const before = JSON.stringify(current.values[name]);
    if (before !== JSON.stringify(value)) words.push(`${file} ${before} → ${JSON.stringify(value)}`);
  }
  return { text: words.join(', '), values: wanted as PlannedChange['values'] };
}

/** Writes new values; the file is whole at every moment, and what it holds beside them stays. */
export function writeChange(path: string, values: PlannedChange['values']): void {
  let text: string | undefined;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(path, cause);
  }
  const held = text === undefined ? {} : parseFile(path, text);
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644;
    rmSync(`${path}.new`, { force: true });
    writeFileSync(`${path}.new`, `${JSON.stringify({ ...held, ...values }, null, 2)}\n`, { mode, flag: 'wx' });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** The settings as people see them. */
export function shownSettings(effective: EffectiveSettings, file: string, generation: number): SettingsJson {
  const settings = (Object.keys(SETTING_NAMES) as SettingName[]).map((name) => {
    const origin = effective.origins[name];
    const fixed = !CHANGEABLE.has(name) || origin === 'flag' || origin === 'env';
    return { name: SETTING_NAMES[name].file, value: effective.values[name], origin, fixed };
  });
  return { schemaVersion: 1, generation, file, settings };
}

function refuseFixed(name: SettingName, { origins, values }: EffectiveSettings): void {
  const { file, env } = SETTING_NAMES[name];
  const origin = origins[name];
  const where = origin === 'flag' ? `--${file}` : origin === 'env' ? env : undefined;
  if (where !== undefined) {
    throw collectorError(
      'setting-fixed',
      `${file} is ${JSON.stringify(values[name])} by ${where}: that goes before the file. Start the collector without it.`,
    );
  }
  if (CHANGEABLE.has(name)) return;
  throw collectorError(
    'setting-fixed',
    `${file} is read when the collector starts: expected one of ${changeableNames().join(', ')}. Edit the file and start again.`,
  );
}

function changeableNames(): string[] {
  return [...CHANGEABLE].map((name) => SETTING_NAMES[name].file);
}

function unwritable(path: string, cause: unknown): Error {
  return collectorError(
    'settings-unreadable',
    `cannot write the settings file ${path}: ${(cause as Error).message}. Correct its rights; the row of the change is there, the change is not.`,
    cause,
  );
}
