import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureBlinded } from '../../src/rules/capture-blinded.ts';
import { hookChanged } from '../../src/rules/hook-changed.ts';
import { facts, fired, group, reason } from '../sample.ts';

for (const [event, says] of [
  ['changed', /what the watcher stands on in Node\.js was changed, or somebody tried to/],
  ['close-without-connect', /a connection was closed whose beginning the watcher never saw/],
  ['levitated', /levitated/],
] as const) {
  test(`hook-changed fires on ${event}`, () => {
    const finding = fired(hookChanged, { hooks: [group(event, { rows: 2 })] });
    assert.match(finding.text, says);
    assert.match(finding.text, /\(2 times\)/);
    assert.equal(finding.count, 2);
    assert.equal(captureBlinded.evaluate(facts({ hooks: [group(event)] })), undefined);
  });
}

test('capture-blinded fires on blinded, and hook-changed does not', () => {
  const hooks = [group('blinded', { rows: 3 })];
  assert.equal(fired(captureBlinded, { hooks }).count, 3);
  assert.match(fired(captureBlinded, { hooks }).text, /\(3 times\): destinations are still recorded/);
  assert.equal(hookChanged.evaluate(facts({ hooks })), undefined);
});

test('neither fires on a quiet day', () => {
  assert.equal(hookChanged.evaluate(facts()), undefined);
  assert.equal(captureBlinded.evaluate(facts()), undefined);
});

test('the newest row speaks and can be found', () => {
  const [one] = fired(hookChanged, { hooks: [group('changed')] }).cases;
  assert.equal(one?.text, 'text of changed');
  assert.equal(one.seq, 50);
  assert.deepEqual(one.link.where, { kind: 'hook', event: 'changed' });
});

test('both are alarms', () => {
  const hooks = [group('changed'), group('blinded')];
  assert.equal(reason('hook-changed', { hooks })?.severity, 'alarm');
  assert.equal(reason('capture-blinded', { hooks })?.severity, 'alarm');
});
