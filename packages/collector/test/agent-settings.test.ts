import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type AgentSettings, AgentSettingsFile } from '../src/agent-settings.ts';
import { DEFAULTS } from '../src/defaults.ts';

const DAY = Date.parse('2026-03-01T10:00:00Z');
const NEXT_DAY = DAY + 86_400_000;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-agent-json-'));
  path = join(folder, 'agent.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function written(): AgentSettings {
  return JSON.parse(readFileSync(path, 'utf8')) as AgentSettings;
}

test('the file holds the settings of its generation and is readable by the group only', () => {
  assert.equal(new AgentSettingsFile(path).write({ ...DEFAULTS, disabledChannels: ['tcp', 'dns'] }, DAY), true);
  const { generation, disabledChannels, fingerprintKey, fingerprintDay } = written();
  assert.deepEqual([generation, disabledChannels, fingerprintDay], [1, ['dns', 'tcp'], '2026-03-01']);
  assert.match(fingerprintKey, /^[0-9a-f]{64}$/);
  assert.equal(statSync(path).mode & 0o777, 0o640);
});

test('the generation grows with each change and with nothing else', () => {
  const file = new AgentSettingsFile(path);
  file.write(DEFAULTS, DAY);
  assert.equal(file.write(DEFAULTS, DAY + 1_000), false);
  assert.equal(file.write({ ...DEFAULTS, strict: true }, DAY), true);
  assert.equal(file.write({ ...DEFAULTS, strict: true, context: 'on' }, DAY), true);
  assert.equal(file.current?.context, 'on');
  assert.equal(written().generation, 3);
});

test('a restart goes on counting and keeps the key of the day', () => {
  new AgentSettingsFile(path).write(DEFAULTS, DAY);
  const { fingerprintKey } = written();
  new AgentSettingsFile(path).write(DEFAULTS, DAY);
  assert.equal(written().fingerprintKey, fingerprintKey);
  assert.equal(written().generation, 2);
});

test('the next day has another key, which follows from the one before and from nothing else', () => {
  const file = new AgentSettingsFile(path);
  file.write(DEFAULTS, DAY);
  const today = readFileSync(path);
  file.write(DEFAULTS, NEXT_DAY);
  const tomorrow = written().fingerprintKey;
  writeFileSync(path, today);
  new AgentSettingsFile(path).write(DEFAULTS, NEXT_DAY);
  assert.equal(written().fingerprintKey, tomorrow);
  assert.notEqual(tomorrow, (JSON.parse(today.toString()) as AgentSettings).fingerprintKey);
});

test('a change or removal by somebody else is noticed', () => {
  const file = new AgentSettingsFile(path);
  file.write(DEFAULTS, DAY);
  assert.equal(file.changedBySomeoneElse(), false);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"enabled": true', '"enabled": false'));
  assert.equal(file.changedBySomeoneElse(), true);
  rmSync(path);
  assert.equal(file.changedBySomeoneElse(), true);
  file.forget();
  assert.equal(file.write(DEFAULTS, DAY), true);
  assert.equal(written().enabled, true);
});

test('a damaged file is replaced with a fresh key', () => {
  writeFileSync(path, '{"generation":"x"');
  assert.equal(new AgentSettingsFile(path).write(DEFAULTS, DAY), true);
  assert.equal(written().generation, 1);
});
