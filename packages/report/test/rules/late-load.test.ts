import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lateLoad } from '../../src/rules/late-load.ts';
import { facts, fired, group, NOW, reason } from '../sample.ts';

const loaded = (...late: string[]) => ({
  controls: [group('late-load', { newest: [{ seq: 4, time: NOW, app: 'shop', pid: 4711, late }] })],
});

for (const [what, late, fires] of [
  ['an open socket', ['socket TCPSocketWrap 1'], true],
  ['a client library', ['module axios'], true],
  ['one among others', ['preload dotenv', 'module nodemailer'], true],
  ['anything that makes no calls', ['preload dotenv', 'socketless', 'modules'], false],
  ['nothing', [], false],
] as const) {
  test(`${fires ? 'fires' : 'does not fire'} for ${what}`, () => {
    assert.equal(lateLoad.evaluate(facts(loaded(...late))) !== undefined, fires);
  });
}

test('names process and what was there', () => {
  const finding = fired(lateLoad, loaded('module undici', 'socket TCPSocketWrap 2'));
  assert.deepEqual(finding.cases, [
    {
      text: 'shop, process 4711: already there were module undici and socket TCPSocketWrap 2',
      count: 1,
      link: { where: { kind: 'control', event: 'late-load' }, fromSeq: 4, toSeq: 4 },
      app: 'shop',
      seq: 4,
      time: NOW,
    },
  ]);
});

test('does not fire without such rows', () => assert.equal(lateLoad.evaluate(facts()), undefined));
test('is attention', () => assert.equal(reason('late-load', loaded('module undici'))?.severity, 'attention'));
