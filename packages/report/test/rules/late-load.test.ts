import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lateLoad } from '../../src/rules/late-load.ts';
import { facts, fired, group, NOW, reason } from '../sample.ts';

const loaded = (...late: string[]) => ({
  controls: [group('late-load', { newest: [{ seq: 4, time: NOW, app: 'shop', pid: 4711, late }] })],
});

for (const [what, late, fires] of [
  ['an open socket', ['socket 10.0.0.1:5432'], true],
  ['two sockets', ['dotenv', 'sockets 2'], true],
  ['undici', ['undici'], true],
  ['nodemailer among others', ['dotenv', 'nodemailer'], true],
  ['harmless modules', ['dotenv', 'source-map-support'], false],
  ["Node's own modules, below which the watcher sees", ['node:http', 'node:net', 'http'], false],
] as const) {
  test(`${fires ? 'fires' : 'does not fire'} for ${what}`, () => {
    assert.equal(lateLoad.evaluate(facts(loaded(...late))) !== undefined, fires);
  });
}

test('fires for a package with an egress manifest: it asks to be watched', () => {
  const manifest = { package: '@acme/licence', version: '1', manifest: '{"endpoints":[]}' };
  const change = { ...loaded('@acme/licence'), packages: new Map([['@acme/licence', manifest]]) };
  assert.equal(fired(lateLoad, change).count, 1);
  assert.equal(lateLoad.evaluate(facts(loaded('@acme/licence'))), undefined);
});

test('names process and what was there', () => {
  const finding = fired(lateLoad, loaded('undici', 'socket 10.0.0.1:5432'));
  assert.deepEqual(finding.cases, [
    {
      text: 'shop, process 4711: already there were undici and socket 10.0.0.1:5432',
      count: 1,
      link: { where: { kind: 'control', event: 'late-load' }, fromSeq: 4, toSeq: 4 },
      app: 'shop',
      seq: 4,
      time: NOW,
    },
  ]);
});

test('does not fire without such rows', () => assert.equal(lateLoad.evaluate(facts()), undefined));
test('is attention', () => assert.equal(reason('late-load', loaded('undici'))?.severity, 'attention'));
