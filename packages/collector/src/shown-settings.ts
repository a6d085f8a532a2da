import type { SettingsJson } from '@outwitness/server';
import { readAlive } from './alive-file.ts';
import type { CollectorOptions } from './collector.ts';
import { settingsOf } from './read-only.ts';
import { readSettings } from './settings.ts';
import { settingsPath, shownSettings } from './settings-change.ts';

/** The settings of the collector that runs, or those that one would have that is started here. */
export function readShownSettings({ dir, settings: input }: Pick<CollectorOptions, 'dir' | 'settings'>): SettingsJson {
  const alive = readAlive(dir.alive, Date.now());
  if (alive?.running === true) return alive.settings;
  return shownSettings(readSettings(input), settingsPath(input), settingsOf(dir, alive).generation);
}
