import { readShownSettings } from '@outwitness/collector';
import { printJson, printResult } from '../output.ts';
import { momentary, request } from '../request.ts';
import { usageError } from '../usage-error.ts';
import { expectOperands, type Task } from './task.ts';

export const settings: Task = {
  options: [],
  async run({ dir, options, operands, version }) {
    expectOperands('settings', operands, 0, 64);
    const shown = (): ReturnType<typeof readShownSettings> => readShownSettings(momentary(dir, options, version));
    if (operands.length > 0) {
      const changes = Object.fromEntries(operands.map((text) => assignment(text, shown().settings)));
      await request(dir, options, { do: 'settings', changes: JSON.stringify(changes), actor: 'cli', by: '' }, version);
    }
    const now = shown();
    if (options.json) return printJson(now);
    const lines = now.settings.map(
      ({ name, value, origin, fixed }) =>
        `${name.padEnd(18)} ${JSON.stringify(value)}  (${origin}${fixed ? ', fixed' : ''})`,
    );
    printResult([...lines, `changes go to ${now.file}`].join('\n'));
  },
};

type Shown = ReturnType<typeof readShownSettings>['settings'];

/** `NAME=VALUE`, the value as in the environment: lists with commas. */
function assignment(text: string, known: Shown): [string, unknown] {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  const setting = known.find((one) => one.name === name);
  if (at < 1 || setting === undefined)
    throw usageError(
      `admin settings: expected NAME=VALUE with a name out of ${known.map((one) => one.name).join(', ')}, got ${JSON.stringify(text)}`,
    );
  return [name, valueOf(setting.value, text.slice(at + 1))];
}

/** Of the type that the setting has; what does not fit is refused where settings are checked. */
function valueOf(before: Shown[number]['value'], text: string): unknown {
  if (typeof before === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (typeof before === 'number') return /^\d+$/.test(text) ? Number(text) : text;
  if (!Array.isArray(before)) return text;
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
