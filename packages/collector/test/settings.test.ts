import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { DEFAULTS } from '../src/defaults.ts';
import { type EffectiveSettings, readSettings, type SettingsInput } from '../src/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(input: Partial<SettingsInput> & { json?: unknown }): EffectiveSettings {
  if (input.json !== undefined) writeFileSync(join(folder, 'outwitness.config.json'), JSON.stringify(input.json));
  return readSettings({ flags: {}, env: {}, file: undefined, cwd: folder, ...input });
}

test('without a file, environment or flags the defaults hold', () => {
  const { values, origins, file } = read({});
  assert.deepEqual(values, DEFAULTS);
  assert.deepEqual(new Set(Object.values(origins)), new Set(['default']));
  assert.equal(file, undefined);
});

test('a flag beats the environment, the environment the file, the file the default', () => {
  const json = { port: 1, learn: 1, operator: 'file' };
  const env = { OUTWITNESS_PORT: '2', OUTWITNESS_LEARN: '2' };
  const { values, origins } = read({ json, env, flags: { port: 3 } });
  assert.deepEqual([values.port, values.learnDays, values.operator, values.strict], [3, 2, 'file', false]);
  assert.deepEqual(
    [origins.port, origins.learnDays, origins.operator, origins.strict],
    ['flag', 'env', 'file', 'default'],
  );
});

test('an empty list of disabled channels in the environment means that all are on', () => {
  const json = { disabledChannels: ['dns'] };
  assert.deepEqual(read({ json }).values.disabledChannels, ['dns']);
  assert.deepEqual(read({ json, env: { OUTWITNESS_DISABLED_CHANNELS: '' } }).values.disabledChannels, []);
  assert.deepEqual(read({ env: { OUTWITNESS_DISABLED_CHANNELS: 'dns, tcp' } }).values.disabledChannels, ['dns', 'tcp']);
});

test('a catalogue named in the file lies beside the file, one named elsewhere below the working directory', () => {
  assert.equal(read({ json: { catalogue: 'c.json' } }).values.catalogue, join(folder, 'c.json'));
  assert.equal(read({ env: { OUTWITNESS_CATALOGUE: 'd.json' } }).values.catalogue, join(folder, 'd.json'));
});

for (const [what, input, expected] of [
  [
    'an unknown channel',
    { env: { OUTWITNESS_DISABLED_CHANNELS: 'dns,smoke' } },
    /OUTWITNESS_DISABLED_CHANNELS: expected channels out of http.*got \["dns","smoke"\]/,
  ],
  [
    'a port that is no number',
    { env: { OUTWITNESS_PORT: 'http' } },
    /OUTWITNESS_PORT: expected a port from 0 to 65535, got "http"/,
  ],
  [
    'a port out of range',
    { json: { port: 65_536 } },
    /port in .*outwitness\.config\.json: expected a port from 0 to 65535, got 65536/,
  ],
  [
    'a setting that does not exist',
    { json: { colour: 'red' } },
    /unknown setting "colour": expected one of app, operator/,
  ],
  ['an operator with a space', { json: { operator: 'a b' } }, /expected 1 to 64 letters/],
  ['a word for a switch', { json: { enabled: 'yes' } }, /expected true or false, got "yes"/],
  ['a fraction of a day', { json: { learn: 0.5 } }, /expected a number of days/],
  ['a list instead of an object', { json: [] }, /expected one JSON object/],
] as const) {
  test(`${what} is refused with the place, what was expected and what came`, () => {
    assert.throws(() => read(input), { code: 'settings-invalid', message: expected });
  });
}

test('a file that is no JSON is refused, one that was named and is missing too', () => {
  writeFileSync(join(folder, 'outwitness.config.json'), '{');
  assert.throws(() => read({}), { code: 'settings-invalid', message: /is not JSON/ });
  assert.throws(() => read({ file: 'other.json' }), { code: 'settings-unreadable', message: /other\.json/ });
});
