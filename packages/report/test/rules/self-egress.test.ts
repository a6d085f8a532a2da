import assert from 'node:assert/strict';
import { test } from 'node:test';

import { selfEgress } from '../../src/rules/self-egress.ts';
import { cell, facts, fired, reason, rowsOf } from '../sample.ts';

const own = { app: 'outwitness', package: '(app)', host: 'home.test', declared: 'no', class: 'unclassified' };

test('fires when Outwitness contacts anything that it does not announce', () => {
  const finding = fired(selfEgress, { self: [cell({ ...own, events: 3 })] });
  assert.match(finding.text, /^Outwitness itself made network calls .*in outwitness contacted home\.test:443/);
  assert.equal(finding.count, 3);
  assert.equal(finding.link.where['app'], 'outwitness');
});

test('fires for a package of ours inside the audited application, and names the place', () => {
  const finding = fired(selfEgress, {
    self: [cell({ package: '@outwitness/agent', host: 'home.test', declared: 'no', lastSeq: 7 })],
    ...rowsOf({ seq: 7, site: 'dist/send.js:4:2 send', time: 1 }),
  });
  assert.match(finding.text, /package @outwitness\/agent in shop contacted home\.test:443 in dist\/send\.js, line 4/);
  assert.equal(finding.cases[0]?.site, 'dist/send.js:4:2 send');
});

test('names the program of an undeclared child process', () => {
  const finding = fired(selfEgress, {
    self: [cell({ ...own, channel: 'process', host: '', port: -1, lastSeq: 8 })],
    ...rowsOf({ seq: 8, path: 'curl' }),
  });
  assert.match(finding.text, /contacted the program curl/);
});

test('asks for the rows that it quotes', () => {
  assert.deepEqual(selfEgress.evidence?.(facts({ self: [cell({ ...own, lastSeq: 8 })] })), [8]);
});

for (const [what, change] of [
  ['nothing was done', []],
  ['the call is declared', [cell({ ...own, declared: 'yes' })]],
  ['it was inbound: somebody opened the report', [cell({ ...own, direction: 'in', declared: 'none' })]],
] as const) {
  test(`does not fire if ${what}`, () => assert.equal(selfEgress.evaluate(facts({ self: [...change] })), undefined));
}

test('is an alarm', () => assert.equal(reason('self-egress', { self: [cell(own)] })?.severity, 'alarm'));
