import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCatalogue } from '../../src/catalogue.ts';
import { unattributed } from '../../src/rules/unattributed.ts';
import { cell, facts, fired, reason } from '../sample.ts';

const nobody = { package: '', host: 'api.example.test', class: 'unclassified' };

test('fires on calls that no package could be named for, and counts them', () => {
  const finding = fired(unattributed, {
    cells: [cell({ ...nobody, events: 4 }), cell({ ...nobody, host: 'b.test', events: 1 }), cell()],
  });
  assert.match(
    finding.text,
    /^5 outbound calls could not be attributed to any package: .* api\.example\.test:443 and b/,
  );
  assert.equal(finding.count, 5);
  assert.deepEqual(finding.link.where, { kind: 'net', direction: 'out', package: '' });
});

test('one call is one call', () => {
  assert.match(fired(unattributed, { cells: [cell(nobody)] }).text, /^1 outbound call could not .*It went to/);
});

test('inside the house counts as well, unix sockets too', () => {
  assert.equal(fired(unattributed, { cells: [cell({ ...nobody, class: 'internal', host: 'db' })] }).count, 1);
  assert.equal(fired(unattributed, { cells: [cell({ ...nobody, host: '', port: -1, channel: 'unix' })] }).count, 1);
});

for (const [what, change] of [
  ['a package is named', { package: 'client' }],
  ["it is the application's own code", { package: '(app)' }],
  ['it is Node itself', { package: '(node)' }],
  ['it was inbound', { direction: 'in' }],
  ['only the end of a call counted before lies in the cell', { events: 0 }],
  ['it is a child process', { host: '', channel: 'process' }],
] as const) {
  test(`does not fire if ${what}`, () => {
    assert.equal(unattributed.evaluate(facts({ cells: [cell({ ...nobody, ...change })] })), undefined);
  });
}

test('does not fire for an acknowledged destination', () => {
  const catalogue = parseCatalogue('{"version":1,"acknowledged":["(none) -> api.example.test:443"]}');
  assert.equal(unattributed.evaluate(facts({ catalogue, cells: [cell(nobody)] })), undefined);
  assert.equal(fired(unattributed, { catalogue, cells: [cell({ ...nobody, port: 80 })] }).count, 1);
});

test('is attention', () => assert.equal(reason('unattributed', { cells: [cell(nobody)] })?.severity, 'attention'));
