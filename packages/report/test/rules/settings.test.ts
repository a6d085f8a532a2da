import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bodyCapture } from '../../src/rules/body-capture.ts';
import { disabledChannel } from '../../src/rules/disabled-channel.ts';
import { settingsChanged } from '../../src/rules/settings-changed.ts';
import { facts, fired, group, ledger, reason, SETTINGS, writer } from '../sample.ts';

test('disabled-channel fires for channels that the settings switch off', () => {
  const finding = fired(disabledChannel, { settings: { ...SETTINGS, disabledChannels: ['tcp', 'dns'] } });
  assert.match(finding.text, /^Recording is switched off for dns and tcp:/);
  assert.equal(finding.count, 2);
  assert.deepEqual(
    finding.cases.map((one) => one.text),
    ['dns is switched off', 'tcp is switched off'],
  );
});

test('disabled-channel fires for a running process that says so itself, and names it', () => {
  for (const state of ['live', 'silent'] as const) {
    assert.equal(fired(disabledChannel, { writers: [writer({ state, disabled: ['dns'] })] }).count, 1);
  }
  const finding = fired(disabledChannel, { writers: [writer({ disabled: ['dns'] })] });
  assert.equal(finding.cases[0]?.text, 'dns is switched off in process 4711');
});

test('disabled-channel fires if all recording is off, in the settings or in a live process', () => {
  const text = /^Recording is switched off: nothing that happens now is on record\./;
  assert.match(fired(disabledChannel, { settings: { ...SETTINGS, enabled: false } }).text, text);
  assert.match(fired(disabledChannel, { writers: [writer({ enabled: false })] }).text, text);
});

test('disabled-channel fires for an interruption that is over', () => {
  assert.match(
    fired(disabledChannel, { gaps: [group('disabled')] }).text,
    /was switched off for a time in this period/,
  );
});

test('disabled-channel does not fire for a process that is gone', () => {
  const writers = [
    writer({ state: 'ended', disabled: ['dns'], enabled: false }),
    writer({ state: 'killed', enabled: false }),
  ];
  assert.equal(disabledChannel.evaluate(facts({ writers })), undefined);
  assert.equal(disabledChannel.evaluate(facts()), undefined);
});

test('body-capture fires while an order is active', () => {
  assert.match(fired(bodyCapture, ledger({ bodyCapture: true })).text, /^An officer has ordered/);
  assert.equal(bodyCapture.evaluate(facts()), undefined);
});

test('both are attention', () => {
  assert.equal(reason('body-capture', ledger({ bodyCapture: true }))?.severity, 'attention');
  assert.equal(reason('disabled-channel', { gaps: [group('disabled')] })?.severity, 'attention');
});

test('settings-changed fires when somebody other than the collector wrote agent.json, and links to those rows', () => {
  const finding = fired(settingsChanged, { intrusions: [group('settings', { rows: 2 })] });
  assert.match(finding.text, /agent\.json 2 times/);
  assert.deepEqual(finding.link.where, { kind: 'control', event: 'settings', actor: 'unknown' });
  assert.equal(finding.count, 2);
  assert.equal(settingsChanged.evaluate(facts({})), undefined);
  assert.equal(reason('settings-changed', { intrusions: [group('settings')] })?.severity, 'attention');
});
