import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { NetDraft } from '@outwitness/event';
import fc from 'fast-check';

import { gather } from '../src/gather.ts';
import type { ReportJson, TotalsJson } from '../src/report-json.ts';
import { buildReport } from '../src/report.ts';
import { MemorySource } from './memory-source.ts';
import { CATALOGUE, cell, DAY, facts, HOUR, LEDGER, NOW, SETTINGS } from './sample.ts';

const LICENCE = {
  package: '@acme/licence',
  version: '2.3.0',
  author: 'Acme Ltd',
  manifest: JSON.stringify({
    endpoints: [
      { host: 'licence.acme.test', port: 443, purpose: 'Licence check', data: ['licence key'], maxBytesOutPerDay: 100 },
      { host: 'spare.acme.test', port: 443, purpose: 'If the other is down' },
      { host: '*.cdn.test', purpose: 'Downloads' },
    ],
  }),
};
const CHECK = { package: '@acme/licence', host: 'licence.acme.test', method: 'POST', path: '/v1/check' };
const INBOUND = {
  direction: 'in',
  host: 'shop.test',
  localPort: 80,
  peerAddress: '10.0.0.9',
  package: 'fastify',
} as const;

function shop(): MemorySource {
  const source = new MemorySource();
  source.packageFacts = [LICENCE];
  return source;
}

async function report(source: MemorySource, change: { app?: string; from?: number } = {}): Promise<ReportJson> {
  return buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE, ...change }));
}

function assertAddsUp(totals: TotalsJson): void {
  assert.equal(totals.vendor + totals.thirdParty + totals.internal + totals.unclassified, totals.events);
}

test('a working shop is all-clear, and every number can be found in its rows', async () => {
  const source = shop();
  source.net({ ...INBOUND, bytesIn: 100, bytesOut: 900, time: NOW - HOUR });
  source.net({ ...CHECK, bytesOut: 40, bytesIn: 60, packageVersion: '2.3.0', site: 'index.js:9:3 check' });
  source.net({ ...CHECK, bytesOut: 40, bytesIn: 60, outcome: 'timeout' });
  source.net({ host: 'db', port: 5432, channel: 'tcp', package: 'pg', bytesOut: 7, bytesIn: 8 });
  source.net({ host: 'smtp.mailer.test', port: 587, channel: 'smtp', package: 'mailer', outcome: 'local' });
  const found = await report(source);
  assert.equal(found.verdict, 'all-clear');
  assert.deepEqual(found.reasons, []);
  assert.deepEqual(found.totals, { events: 4, vendor: 2, thirdParty: 0, internal: 2, unclassified: 0 });
  assert.deepEqual(found.cards, {
    in: { events: 1, vendor: 0, thirdParty: 0, internal: 1, unclassified: 0, errors: 0, bytesOut: 900, bytesIn: 100 },
    out: { events: 3, vendor: 2, thirdParty: 0, internal: 1, unclassified: 0, errors: 1, bytesOut: 87, bytesIn: 128 },
    destinations: 2,
    packages: 2,
    unattributed: 0,
  });
  assert.deepEqual(found.distribution, [
    { class: 'vendor', events: 2, bytesOut: 80, bytesIn: 120 },
    { class: 'third-party', events: 0, bytesOut: 0, bytesIn: 0 },
    { class: 'internal', events: 1, bytesOut: 7, bytesIn: 8 },
    { class: 'unclassified', events: 0, bytesOut: 0, bytesIn: 0 },
  ]);
  assert.deepEqual(found.bytes, [
    { host: 'licence.acme.test', class: 'vendor', bytesOut: 80, bytesIn: 120 },
    { host: 'db', class: 'internal', bytesOut: 7, bytesIn: 8 },
  ]);
  assert.deepEqual(found.timeline, {
    step: 'hour',
    points: [
      { at: '2026-03-02T09:00:00.000Z', in: 1, out: 0, bytesOut: 900, bytesIn: 100 },
      { at: '2026-03-02T10:00:00.000Z', in: 0, out: 3, bytesOut: 87, bytesIn: 128 },
    ],
  });
});

test('a destination says who sent what for which purpose, and whether that was announced', async () => {
  const source = shop();
  source.net({ ...CHECK, time: NOW - HOUR, bytesOut: 40, packageVersion: '2.3.0', packageAuthor: 'Acme Ltd' });
  source.net({
    ...CHECK,
    channel: 'undici',
    outcome: 'error',
    bytesOut: 41,
    packageVersion: '2.3.1',
    site: 'i.js:9:3 check',
  });
  const [only, ...others] = (await report(source)).destinations;
  assert.equal(others.length, 0);
  assert.deepEqual(only, {
    app: 'shop',
    direction: 'out',
    package: '@acme/licence',
    packageVersion: '2.3.1',
    packageAuthor: 'Acme Ltd',
    host: 'licence.acme.test',
    port: 443,
    channels: ['http', 'undici'],
    class: 'vendor',
    vendor: 'Acme',
    component: 'licence',
    declared: 'yes',
    purpose: 'Licence check',
    data: ['licence key'],
    acknowledged: false,
    events: 2,
    errors: 1,
    bytesOut: 81,
    bytesIn: 0,
    firstSeen: '2026-03-02T09:15:00.000Z',
    lastSeen: '2026-03-02T10:15:00.000Z',
    firstSeq: 0,
    lastSeq: 1,
    site: 'i.js:9:3 check',
  });
});

test('a destination of which one call was outside is shown by that call', async () => {
  const source = shop()
    .net(CHECK)
    .net({ ...CHECK, path: '/v1/leak' })
    .net(CHECK);
  const found = await report(source);
  assert.equal(found.destinations[0]?.declared, 'beyond');
  assert.equal(found.verdict, 'alarm');
  assert.deepEqual(
    found.vendors.map(({ vendor, events, outside }) => ({ vendor, events, outside })),
    [{ vendor: 'Acme', events: 3, outside: 1 }],
  );
});

test('watched vendors are listed without traffic too, others are not', async () => {
  const { vendors } = await report(new MemorySource());
  assert.deepEqual(vendors, [
    {
      vendor: 'Acme',
      events: 0,
      outside: 0,
      bytesOut: 0,
      bytesIn: 0,
      components: [
        { id: 'licence', name: 'Licence check', hosts: ['licence.acme.test'], purpose: 'Allows the shop to run' },
        { id: 'rest', name: 'Everything else of Acme', hosts: ['*.acme.test'], purpose: null },
      ],
    },
  ]);
});

test('the purpose comes from the catalogue where no manifest gives one', async () => {
  const [mail] = (await report(new MemorySource().net({ host: 'smtp.mailer.test', channel: 'smtp' }))).destinations;
  assert.deepEqual([mail?.class, mail?.vendor, mail?.purpose], ['third-party', 'Mailer', 'Mail']);
});

test('destinations stand worst class first, then by calls', async () => {
  const source = new MemorySource()
    .net({ host: 'db' })
    .net({ host: 'smtp.mailer.test' })
    .net({ host: 'b.test' })
    .net({ host: 'b.test' })
    .net({ host: 'a.test' })
    .net({ host: 'x.acme.test' });
  assert.deepEqual(
    (await report(source)).destinations.map(({ host }) => host),
    ['x.acme.test', 'b.test', 'a.test', 'smtp.mailer.test', 'db'],
  );
});

test('an acknowledged pair is marked', async () => {
  const source = new MemorySource().net({ package: 'known', host: 'seen.example.test' }).net(INBOUND);
  const { destinations } = await report(source);
  assert.deepEqual(
    destinations.map(({ host, acknowledged }) => [host, acknowledged]),
    [
      ['seen.example.test', true],
      ['shop.test', false],
    ],
  );
});

test('a package is shown with what it declares beside what it does', async () => {
  const source = shop();
  source.net({ ...CHECK, bytesOut: 90 }).net({ ...CHECK, bytesOut: 90, time: NOW - HOUR });
  source.net({ ...CHECK, host: 'collect.acme.test' }).net({ ...CHECK, method: 'GET' });
  source.net({ ...INBOUND, package: '@acme/licence' });
  const [licence] = (await report(source)).packages;
  assert.deepEqual(licence, {
    package: '@acme/licence',
    version: '2.3.0',
    author: 'Acme Ltd',
    apps: ['shop'],
    manifest: true,
    events: 5,
    errors: 0,
    bytesOut: 180,
    bytesIn: 0,
    destinations: 2,
    classes: { events: 5, vendor: 4, thirdParty: 0, internal: 1, unclassified: 0 },
    declared: { yes: 2, no: 1, beyond: 1, none: 0 },
    declaredUnused: ['spare.acme.test:443', '*.cdn.test'],
    overDailyLimit: [{ day: '2026-03-02', host: 'licence.acme.test', bytesOut: 180, limit: 100 }],
  });
});

test('a package without a word of its own has the version of its newest row', async () => {
  const [client] = (await report(new MemorySource().net({ packageVersion: '1.0.0', packageAuthor: 'Ada' }))).packages;
  assert.deepEqual([client?.version, client?.author, client?.manifest], ['1.0.0', 'Ada', false]);
});

test('calls that nobody could be named for are a package of their own', async () => {
  const found = await report(new MemorySource().net({ package: '' }));
  assert.equal(found.packages[0]?.package, null);
  assert.equal(found.destinations[0]?.package, null);
  assert.equal(found.cards.unattributed, 1);
  assert.equal(found.coverage.attribution.unattributed, 1);
});

test('what Outwitness does is in no total', async () => {
  const found = await report(new MemorySource().net({ app: 'outwitness', host: 'home.test' }).net({ host: 'db' }));
  assert.equal(found.totals.events, 1);
  assert.deepEqual(found.apps, ['shop']);
  assert.deepEqual(found.self, {
    events: 1,
    undeclared: 1,
    destinations: [{ channel: 'http', host: 'home.test', port: 443, declared: 'no', events: 1, lastSeq: 0 }],
  });
  assert.equal(found.verdict, 'alarm');
});

test('a row that is gone is replaced by the hour of its cell', async () => {
  const source = new MemorySource().net({ host: 'db' });
  source.leaves.length = 0;
  const [only] = (await report(source)).destinations;
  assert.equal(only?.firstSeen, '2026-03-02T10:00:00.000Z');
  assert.equal(only.site, null);
});

test('more than 1,000 destinations and packages are cut, and it says so', async () => {
  const cells = Array.from({ length: 1003 }, (_, i) => cell({ host: `h${i}`, package: `p${i}`, lastSeq: i }));
  const found = buildReport(facts({ cells }));
  assert.deepEqual([found.destinations.length, found.destinationsOmitted], [1000, 3]);
  assert.deepEqual([found.packages.length, found.packagesOmitted], [1000, 3]);
  assert.equal(found.totals.events, 1003);
});

test('a long period is drawn by days', async () => {
  const source = new MemorySource()
    .net({ time: NOW - 20 * DAY })
    .net({ time: NOW - 20 * DAY + HOUR })
    .net();
  const { timeline } = await report(source, { from: NOW - 30 * DAY });
  assert.equal(timeline.step, 'day');
  assert.deepEqual(
    timeline.points.map(({ at, out }) => [at, out]),
    [
      ['2026-02-10T00:00:00.000Z', 2],
      ['2026-03-02T00:00:00.000Z', 1],
    ],
  );
});

test('a class or direction of a later version falls out of no total', () => {
  const [quiet] = facts().cells;
  assert.ok(quiet);
  const found = buildReport(facts({ cells: [{ ...quiet, class: 'galactic', direction: 'up', declared: 'maybe' }] }));
  assert.deepEqual(found.totals, { events: 1, vendor: 0, thirdParty: 0, internal: 0, unclassified: 1 });
  assert.equal(found.cards.out.events, 1);
  assert.equal(found.destinations[0]?.class, 'unclassified');
  assert.equal(found.packages[0]?.declared.none, 1);
});

test('period, application, learning window and time stand in the report', async () => {
  const source = new MemorySource().net();
  source.ledgerFact = { ...LEDGER, firstRowAt: NOW - DAY };
  const found = await report(source, { app: 'shop', from: NOW - HOUR });
  assert.equal(found.schemaVersion, 1);
  assert.equal(found.generatedAt, '2026-03-02T10:15:00.000Z');
  assert.deepEqual(found.period, { from: '2026-03-02T09:00:00.000Z', to: '2026-03-02T11:00:00.000Z' });
  assert.equal(found.app, 'shop');
  assert.deepEqual(found.learning, {
    days: 7,
    active: true,
    since: '2026-03-01T10:15:00.000Z',
    until: '2026-03-08T10:15:00.000Z',
  });
  assert.equal(found.verdict, 'insufficient-data');
});

const anyCall = fc.record({
  time: fc.constantFrom(NOW, NOW - HOUR, NOW - 2 * HOUR),
  app: fc.constantFrom('shop', 'admin', 'outwitness'),
  direction: fc.constantFrom('in' as const, 'out' as const),
  host: fc.constantFrom('db', 'x.acme.test', 'smtp.mailer.test', 'a.test', '8.8.8.8'),
  package: fc.constantFrom('client', '@acme/licence', ''),
  peerAddress: fc.constantFrom('10.0.0.1', '198.51.100.7'),
  outcome: fc.constantFrom<NonNullable<NetDraft['outcome']>>('ok', 'error', 'local'),
  phase: fc.constantFrom('whole' as const, 'open' as const, 'end' as const),
  bytesOut: fc.nat(1000),
});

test('whatever happened, all totals add up and agree with the rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 40 }), async (calls) => {
      const source = shop();
      for (const call of calls) source.net(call);
      const found = await report(source);
      const counted = calls.filter((one) => one.app !== 'outwitness' && one.outcome !== 'local' && one.phase !== 'end');
      assert.equal(found.totals.events, counted.length);
      for (const totals of [found.totals, found.cards.in, found.cards.out]) assertAddsUp(totals);
      assert.equal(found.cards.in.events + found.cards.out.events, found.totals.events);
      const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
      assert.equal(sum(found.destinations.map((one) => one.events)), found.totals.events);
      assert.equal(sum(found.packages.map((one) => one.events)), found.totals.events);
      assert.equal(sum(found.timeline.points.map((one) => one.in + one.out)), found.totals.events);
      assert.equal(sum(found.distribution.map((one) => one.events)), found.cards.out.events);
      for (const one of found.packages) assertAddsUp(one.classes);
    }),
    { numRuns: 60 },
  );
});

test('the object survives JSON: nothing in it is undefined, NaN or a class of ours', async () => {
  const source = shop()
    .net(CHECK)
    .net({ ...CHECK, path: '/leak' })
    .net(INBOUND)
    .other({ kind: 'gap', event: 'fault', time: NOW });
  const found = await report(source);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
});

test('every member is described in the reference', async () => {
  const reference = readFileSync(new URL('../../../docs/reference/json.md', import.meta.url), 'utf8');
  for (const name of Object.keys(await report(new MemorySource()))) {
    assert.ok(
      reference.includes(`\`${name}`) || reference.includes(`"${name}"`),
      `docs/reference/json.md lacks ${name}`,
    );
  }
});
