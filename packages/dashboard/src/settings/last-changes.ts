/** Who changed which setting when: read from the rows that were written before each change. */
import type { RowJson } from '@outwitness/server';

export interface SettingsRow {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly text: string;
}

/** The rows that hold a text, newest first as they came. */
export function settingsRows(rows: readonly RowJson[]): SettingsRow[] {
  return rows.flatMap(({ seq, leaf }) => {
    if (leaf === null) return [];
    const { time, actor, text } = JSON.parse(leaf) as { time: number; actor: string; text: string };
    return [{ seq, at: new Date(time / 1000).toISOString(), actor, text }];
  });
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const VALUE = String.raw`(?:${STRING}|\[(?:${STRING}(?:,${STRING})*)?\]|true|false|\d+)`;
/** `NAME old → new`, one after the other; read as a whole, since a value may hold what looks like another change. */
const CHANGE = new RegExp(`(?:, )?([A-Za-z.]+) ${VALUE} → ${VALUE}`, 'y');

/** The newest row that changed this setting. */
export function lastChangeOf(name: string, rows: readonly SettingsRow[]): SettingsRow | undefined {
  return rows.find(({ text }) => namesIn(text).includes(name));
}

function namesIn(text: string): string[] {
  const names: string[] = [];
  CHANGE.lastIndex = 0;
  for (let found = CHANGE.exec(text); found !== null; found = CHANGE.exec(text)) names.push(found[1] ?? '');
  return names;
}

/** `eve (admin)`, `the command line`; an actor that the collector does not know is said to be so. */
export function whoIs({ actor, text }: SettingsRow): string {
  const user = /, by ([A-Za-z0-9][A-Za-z0-9._@:-]{0,63})$/.exec(text)?.[1];
  if (user !== undefined) return `${user} (${actor})`;
  if (actor === 'cli') return 'the command line';
  if (actor === 'collector') return 'the settings file';
  return actor === 'unknown' ? 'somebody unknown' : `somebody as ${actor}`;
}
