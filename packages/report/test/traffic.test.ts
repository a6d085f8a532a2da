import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildReport } from '../src/report.ts';
import { gather } from '../src/gather.ts';
import type { PeriodAsked } from '../src/period-cells.ts';
import { trafficOf } from '../src/traffic.ts';
import { trafficColumns, type TrafficQuery } from '../src/traffic-groups.ts';
import {
  TRAFFIC_FIELDS,
  TRAFFIC_MEASURES,
  type TrafficDimension,
  type TrafficGroupJson,
  type TrafficJson,
  type TrafficMeasure,
} from '../src/traffic-json.ts';
import { MemorySource } from './memory-source.ts';
import { CATALOGUE, DAY, draft, HOUR, NOW, omit, SETTINGS } from './sample.ts';

type Asked = Partial<PeriodAsked & TrafficQuery>;

const count = (source: MemorySource, change: Asked = {}): Promise<TrafficJson> => {
  const asked = { now: NOW, by: ['host'] as const, where: [], not: [], ...change };
  return trafficOf(source, asked, asked);
};

/** Two days of a shop: every class, both directions, failures, calls that end later, calls without package or port. */
function busy(): MemorySource {
  const source = new MemorySource();
  for (let i = 0; i < 40; i++) {
    const time = NOW - i * HOUR;
    source
      .net({ time, host: 'api.example.test', bytesOut: 100 + i, bytesIn: 10 })
      .net({ time, host: 'licence.acme.test', method: 'POST', path: '/v1/check', package: 'acme', bytesOut: 7 })
      .net({ time, host: 'smtp.mailer.test', channel: 'smtp', port: 25, package: 'mailer', bytesOut: 4000 })
      .net({ time, host: 'db', channel: 'tcp', port: 5432, outcome: i % 4 === 0 ? 'refused' : 'ok' })
      .net({ time, direction: 'in', host: 'shop.test', peerAddress: '10.0.0.9', localPort: 8080, bytesIn: 50 })
      .net({ time, phase: 'open', channel: 'websocket', host: 'push.example.test' })
      .net({
        time: time + 1,
        phase: 'end',
        channel: 'websocket',
        host: 'push.example.test',
        bytesOut: 9,
        outcome: 'lost',
      });
  }
  source.call(omit(draft({ host: 'x.test', app: 'admin' }), 'package'));
  return source.net({ outcome: 'local', host: 'mocked.test' }).net({ app: 'outwitness', host: 'own.test' });
}

const sum = (groups: readonly TrafficGroupJson[], measure: TrafficMeasure): number =>
  groups.reduce((total, group) => total + group[measure], 0);

test('however it is grouped, groups add up to the totals, and totals are those of the report', async () => {
  const source = busy();
  const period = { now: NOW, from: NOW - 3 * DAY };
  const report = buildReport(await gather(source, { ...period, settings: SETTINGS, catalogue: CATALOGUE }));
  assert.equal(report.totals.events, 241);
  const dimensions: TrafficDimension[][] = [
    ...TRAFFIC_FIELDS.map((field) => [field]),
    ['day'],
    ['hour', 'package'],
    ['day', ...TRAFFIC_FIELDS],
    ['hour', ...TRAFFIC_FIELDS],
  ];
  for (const by of dimensions) {
    const { totals, groups, groupsOmitted, timeline } = await count(source, { ...period, by });
    const { in: inbound, out } = report.cards;
    assert.deepEqual(
      totals,
      {
        events: report.totals.events,
        errors: inbound.errors + out.errors,
        bytesOut: inbound.bytesOut + out.bytesOut,
        bytesIn: inbound.bytesIn + out.bytesIn,
      },
      by.join(),
    );
    assert.equal(groupsOmitted, 0);
    for (const measure of TRAFFIC_MEASURES) assert.equal(sum(groups, measure), totals[measure], measure);
    const drawn = timeline.points.reduce((all, { values, rest }) => all + values.reduce((a, b) => a + b, rest), 0);
    assert.equal(drawn, totals.events);
  }
});

test('classes and directions are those of the report', async () => {
  const source = busy();
  const { cards } = buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE }));
  const { groups } = await count(source, { by: ['direction', 'class'] });
  const events = (direction: string, found: string): number =>
    sum(
      groups.filter(({ key }) => key.direction === direction && key.class === found),
      'events',
    );
  for (const direction of ['in', 'out'] as const) {
    const { vendor, thirdParty, internal, unclassified } = cards[direction];
    assert.deepEqual(
      ['vendor', 'third-party', 'internal', 'unclassified'].map((found) => events(direction, found)),
      [vendor, thirdParty, internal, unclassified],
    );
  }
});

test('host and port are told apart by direction, also where they are only filtered by', async () => {
  const source = new MemorySource()
    .net({ host: '10.0.0.1', port: 80 })
    .net({ direction: 'in', localAddress: '10.0.0.1', localPort: 80 });
  const { by, groups } = await count(source, { by: ['host'] });
  assert.deepEqual(by, ['host', 'direction']);
  assert.deepEqual(new Set(groups.map(({ key }) => key.direction)), new Set(['in', 'out']));
  const filtered = await count(source, { by: ['package'], where: [{ field: 'port', value: '80' }] });
  assert.deepEqual(filtered.by, ['package', 'direction']);
  assert.equal(filtered.groups.length, 2);
});

test('groups are sorted by a column that they have', () => {
  assert.deepEqual(trafficColumns({ by: ['hour', 'port'], where: [], not: [] }), [
    'hour',
    'port',
    'direction',
    'events',
    'errors',
    'bytesOut',
    'bytesIn',
    'firstSeen',
    'lastSeen',
  ]);
});

test('values of one field are alternatives, fields must all match, and what is excluded is left out', async () => {
  const source = busy();
  const hosts = async (change: Asked): Promise<string[]> =>
    (await count(source, change)).groups.map(({ key }) => key.host ?? '').toSorted();
  const where = [
    { field: 'host', value: 'db' },
    { field: 'host', value: 'api.example.test' },
    { field: 'channel', value: 'tcp' },
  ] as const;
  assert.deepEqual(await hosts({ where }), ['db']);
  assert.deepEqual(await hosts({ where: where.slice(0, 2) }), ['api.example.test', 'db']);
  assert.deepEqual(await hosts({ where: where.slice(0, 2), not: [{ field: 'class', value: 'internal' }] }), [
    'api.example.test',
  ]);
  assert.deepEqual(
    await hosts({
      where: [
        { field: 'package', value: '' },
        { field: 'direction', value: 'out' },
      ],
    }),
    ['x.test'],
  );
  assert.deepEqual((await count(source, { where: [{ field: 'host', value: 'nobody.test' }] })).totals, {
    events: 0,
    errors: 0,
    bytesOut: 0,
    bytesIn: 0,
  });
});

test('sorted by calls unless time is a dimension, by any column when asked, names from A, numbers from the most', async () => {
  const source = busy();
  const first = async (change: Asked): Promise<TrafficGroupJson['key'] | undefined> =>
    (await count(source, change)).groups[0]?.key;
  const out = [{ field: 'direction', value: 'out' }] as const;
  assert.equal((await first({ by: ['hour', 'app'] }))?.hour, '2026-03-02T10:00:00.000Z');
  assert.equal((await first({ by: ['day'], order: 'asc' }))?.day, '2026-03-01T00:00:00.000Z');
  assert.equal((await first({ sort: 'host', where: out }))?.host, 'api.example.test');
  assert.equal((await first({ sort: 'host', where: out, order: 'desc' }))?.host, 'x.test');
  assert.equal((await first({ by: ['package'], sort: 'bytesOut' }))?.package, 'mailer');
  assert.equal((await first({ by: ['package'], sort: 'bytesOut', order: 'asc' }))?.package, null);
  assert.equal((await first({ by: ['port'], sort: 'port', where: out }))?.port, 25);
  assert.equal((await first({ sort: 'firstSeen' }))?.host, 'x.test');
});

test('first and last seen are the times of the rows, or the hours of what is gone', async () => {
  const source = new MemorySource()
    .net({ time: NOW - 2 * HOUR })
    .net({ time: NOW - 5 })
    .net({ time: NOW - HOUR });
  const seen = async (): Promise<unknown[]> => {
    const [group] = (await count(source)).groups;
    return [group?.firstSeen, group?.lastSeen, group?.firstSeq, group?.lastSeq];
  };
  assert.deepEqual(await seen(), ['2026-03-02T08:15:00.000Z', '2026-03-02T09:15:00.000Z', 0, 2]);
  source.leaves.length = 0;
  assert.deepEqual(await seen(), ['2026-03-02T08:00:00.000Z', '2026-03-02T10:00:00.000Z', 0, 2]);
});

test('a thousand groups are listed, the rest is counted and stays in the totals', async () => {
  const source = new MemorySource();
  for (let i = 0; i < 1_003; i++) source.net({ host: `h${i}.test` });
  const { groups, groupsOmitted, totals } = await count(source);
  assert.deepEqual([groups.length, groupsOmitted, totals.events], [1_000, 3, 1_003]);
});

test('over time the five with the most stand for themselves, the others together', async () => {
  const source = new MemorySource();
  for (let i = 0; i < 7; i++) for (let n = 0; n <= i; n++) source.net({ package: `p${i}`, time: NOW - n * HOUR });
  const { timeline } = await count(source, { by: ['hour', 'package'] });
  assert.deepEqual([timeline.step, timeline.measure, timeline.by], ['hour', 'events', 'package']);
  assert.deepEqual(timeline.names, ['p6', 'p5', 'p4', 'p3', 'p2']);
  assert.deepEqual(timeline.points.at(-1), { at: '2026-03-02T10:00:00.000Z', values: [1, 1, 1, 1, 1], rest: 2 });
  const days = await count(source, { by: ['day'], from: NOW - 8 * DAY });
  assert.deepEqual([days.timeline.step, days.timeline.by, days.timeline.names], ['day', null, []]);
});

test('calls to hosts beyond what the rollup keeps are counted and told', async () => {
  const source = new MemorySource().net({ host: 'a.test' });
  const [key] = [...source.table.keys()];
  const entry = source.table.get(key ?? '');
  assert.ok(entry !== undefined);
  source.table.set('other', { ...entry, host: '(other)', events: 4 });
  const { otherHosts, groups } = await count(source);
  assert.equal(otherHosts, 4);
  assert.equal(groups[0]?.key.host, '(other)');
});
