import assert from 'node:assert/strict';
import { test } from 'node:test';

import { agentSilent } from '../../src/rules/agent-silent.ts';
import { facts, fired, group, NOW, reason, writer } from '../sample.ts';

test('fires while a process runs and says nothing, and names it', () => {
  const finding = fired(agentSilent, { writers: [writer(), writer({ pid: 99, state: 'silent', lastSeen: NOW })] });
  assert.match(finding.text, /^The watcher in shop \(process 99\) has been silent for more than 20 seconds/);
  assert.equal(finding.count, 1);
  assert.equal(finding.cases[0]?.text, 'shop, process 99: silent since 2026-03-02T10:15:00.000Z');
});

test('a silent thread is told from its process', () => {
  const [one] = fired(agentSilent, { writers: [writer({ state: 'silent', thread: 3 })] }).cases;
  assert.match(one?.text ?? '', /process 4711, thread 3: silent/);
});

test('fires for a silence that is over, as long as it lies in the period', () => {
  const finding = fired(agentSilent, { gaps: [group('silent', { rows: 2 })] });
  assert.match(finding.text, /^The watcher of 2 processes fell silent .* and came back or ended/);
  assert.equal(finding.count, 2);
});

for (const state of ['live', 'ended', 'killed'] as const) {
  test(`does not fire for a writer that is ${state}`, () => {
    assert.equal(agentSilent.evaluate(facts({ writers: [writer({ state })] })), undefined);
  });
}

test('is attention', () => {
  assert.equal(reason('agent-silent', { writers: [writer({ state: 'silent' })] })?.severity, 'attention');
});
