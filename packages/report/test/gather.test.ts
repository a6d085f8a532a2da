import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gather, type ReportRequest } from '../src/gather.ts';
import { MemorySource } from './memory-source.ts';
import { CATALOGUE, DAY, HOUR, NOW, NOW_HOUR, SETTINGS, writer } from './sample.ts';

const request = (change: Partial<ReportRequest> = {}): ReportRequest => ({
  now: NOW,
  settings: SETTINGS,
  catalogue: CATALOGUE,
  ...change,
});

test('without bounds the period is the last 24 hours, widened to whole hours, with the hour that runs', async () => {
  const { fromHour, toHour } = await gather(new MemorySource(), request());
  assert.deepEqual([fromHour, toHour], [NOW_HOUR - 24, NOW_HOUR + 1]);
});

for (const [what, from, to, hours] of [
  ['whole hours stay as they are', NOW_HOUR * HOUR - 3 * HOUR, NOW_HOUR * HOUR, [NOW_HOUR - 3, NOW_HOUR]],
  ['parts of hours are widened', NOW - 3 * HOUR, NOW, [NOW_HOUR - 3, NOW_HOUR + 1]],
  ['an empty period is one hour', NOW_HOUR * HOUR, NOW_HOUR * HOUR, [NOW_HOUR, NOW_HOUR + 1]],
  ['a period the wrong way round is one hour', NOW, NOW - 5 * HOUR, [NOW_HOUR, NOW_HOUR + 1]],
] as const) {
  test(what, async () => {
    const { fromHour, toHour } = await gather(new MemorySource(), request({ from, to }));
    assert.deepEqual([fromHour, toHour], hours);
  });
}

test('what lies outside the period is left out of cells and events, but known as a pair', async () => {
  const source = new MemorySource()
    .net({ time: NOW - 3 * DAY, host: 'old.test' })
    .net({ host: 'new.test' })
    .other({ kind: 'gap', event: 'fault', time: NOW - 3 * DAY })
    .other({ kind: 'gap', event: 'damaged', time: NOW });
  const facts = await gather(source, request());
  assert.deepEqual(
    facts.cells.map((cell) => cell.host),
    ['new.test'],
  );
  assert.deepEqual(
    facts.pairs.map((pair) => pair.host),
    ['old.test', 'new.test'],
  );
  assert.deepEqual(
    facts.gaps.map((gap) => gap.event),
    ['damaged'],
  );
});

test('what Outwitness does is kept apart; a package of ours in the application stands on both sides', async () => {
  const source = new MemorySource()
    .net({ app: 'outwitness' })
    .net({ package: '@outwitness/agent' })
    .net({ app: 'shop' });
  source.writerFacts = [writer(), writer({ app: 'outwitness' })];
  const facts = await gather(source, request());
  assert.deepEqual(facts.apps, ['shop']);
  assert.equal(facts.cells.length, 2);
  assert.equal(facts.self.length, 2);
  assert.equal(facts.writers.length, 1);
});

test('an application asked for has its own cells, writers and events; Outwitness is judged all the same', async () => {
  const source = new MemorySource()
    .net({ app: 'shop' })
    .net({ app: 'admin' })
    .net({ app: 'outwitness' })
    .other({ kind: 'gap', event: 'fault', time: NOW, app: 'admin' })
    .other({ kind: 'gap', event: 'damaged', time: NOW });
  source.writerFacts = [writer(), writer({ app: 'admin' })];
  const facts = await gather(source, request({ app: 'shop' }));
  assert.deepEqual(facts.apps, ['admin', 'shop']);
  assert.deepEqual(
    facts.cells.map((cell) => cell.app),
    ['shop'],
  );
  assert.equal(facts.self.length, 1);
  assert.equal(facts.writers.length, 1);
  assert.deepEqual(
    facts.gaps.map((gap) => gap.event),
    ['damaged'],
  );
});

test('rows are fetched once each, ascending: first and last of a destination and what rules quote', async () => {
  const source = new MemorySource();
  for (let i = 0; i < 10; i++) source.net({ time: NOW - i });
  source.net({ host: 'x.acme.test', path: '/leak' });
  const facts = await gather(source, request());
  assert.deepEqual(source.asked, [0, 9, 10]);
  assert.deepEqual([...facts.rows.keys()], [0, 9, 10]);
});

test('the newest word on a package counts', async () => {
  const source = new MemorySource();
  source.packageFacts = [
    { package: 'a', version: '1' },
    { package: 'a', version: '2' },
  ];
  assert.equal((await gather(source, request())).packages.get('a')?.version, '2');
});
