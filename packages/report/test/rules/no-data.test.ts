import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noData } from '../../src/rules/no-data.ts';
import { cell, facts, fired, reason } from '../sample.ts';

test('fires without a row, and names the application asked for', () => {
  assert.match(fired(noData, { cells: [] }).text, /^No network call of any audited application/);
  assert.match(fired(noData, { cells: [], app: 'shop' }).text, /^No network call of the application shop/);
});

test('fires if only the ends of earlier calls lie in the period', () => {
  assert.equal(fired(noData, { cells: [cell({ events: 0 })] }).count, 0);
});

test('rows of Outwitness itself are no data', () => {
  assert.ok(fired(noData, { cells: [], self: [cell({ app: 'outwitness', declared: 'yes' })] }));
});

test('does not fire with one call', () => assert.equal(noData.evaluate(facts()), undefined));
test('is insufficient data', () => assert.equal(reason('no-data', { cells: [] })?.severity, 'insufficient-data'));
