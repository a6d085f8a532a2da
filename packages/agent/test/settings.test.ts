import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DEFAULT_SETTINGS, parseSettings, SettingsFile } from '../src/settings.ts';
import { temporary } from './layout.ts';

test('agent.json is taken over member by member', () => {
  const text = JSON.stringify({
    generation: 3,
    enabled: false,
    strict: true,
    disabledChannels: ['dns', 'made-up', 7],
    fingerprintKey: 'ab'.repeat(32),
    attribution: 'exact',
    context: 'on',
  });
  assert.deepEqual(parseSettings(text), {
    generation: 3,
    enabled: false,
    strict: true,
    disabled: ['dns'],
    attribution: 'exact',
    context: 'on',
    fingerprintKey: Buffer.alloc(32, 0xab),
  });
});

test('members that are missing or of the wrong type have their defaults', () => {
  for (const text of [
    '{}',
    '{"generation":-1,"enabled":"no","strict":1,"disabledChannels":"dns","attribution":7,"context":true,"fingerprintKey":"xyz"}',
  ]) {
    assert.deepEqual(parseSettings(text), DEFAULT_SETTINGS);
  }
});

test('a text that is no object changes nothing', () => {
  for (const text of ['', '{', '[]', 'null', '3']) assert.equal(parseSettings(text), undefined);
});

test('a file is read when it changes, and only then', (t) => {
  const file = path.join(temporary(t), 'agent.json');
  const watched = new SettingsFile(file);
  assert.equal(watched.poll(), undefined);
  fs.writeFileSync(file, '{"generation":1}');
  assert.equal(watched.poll()?.generation, 1);
  assert.equal(watched.poll(), undefined);
  fs.writeFileSync(`${file}.new`, '{"generation":2}');
  fs.renameSync(`${file}.new`, file);
  assert.equal(watched.poll()?.generation, 2);
  fs.writeFileSync(file, '{"gener');
  assert.equal(watched.poll(), undefined);
  fs.rmSync(file);
  assert.equal(watched.poll(), undefined);
});
