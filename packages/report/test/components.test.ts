import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Catalogue, parseCatalogue } from '../src/catalogue.ts';
import { componentsOf } from '../src/components.ts';
import type { ComponentsJson, SightJson } from '../src/components-json.ts';
import { gather } from '../src/gather.ts';
import type { PeriodAsked } from '../src/period-cells.ts';
import { buildReport } from '../src/report.ts';
import { MemorySource } from './memory-source.ts';
import { CATALOGUE, DAY, draft, HOUR, NOW, omit, SETTINGS } from './sample.ts';

const FROM = {
  digest: 'c'.repeat(64),
  since: { seq: 1, at: '2026-03-01T00:00:00.000Z' },
  file: '/c.json',
  settings: '/s.json',
};

const seen = (
  source: MemorySource,
  catalogue: Catalogue = CATALOGUE,
  asked: Partial<PeriodAsked> = {},
): Promise<ComponentsJson> => componentsOf(source, { now: NOW, ...asked }, { catalogue, source: FROM });

const component = (
  components: ComponentsJson,
  vendor: string,
  id: string,
): ComponentsJson['vendors'][0]['components'][0] => {
  const found = components.vendors.find(({ name }) => name === vendor)?.components.find((one) => one.id === id);
  assert.ok(found !== undefined, `${vendor} ${id}`);
  return found;
};

const figures = ({ events, bytesOut, bytesIn, packages }: SightJson): unknown[] => [
  events,
  bytesOut,
  bytesIn,
  packages,
];

/** One call of each kind that the catalogue knows. */
function each(): MemorySource {
  const source = new MemorySource();
  source.packageFacts = [
    {
      package: 'client',
      version: '1.2.0',
      author: 'Cleo',
      manifest: JSON.stringify({
        endpoints: [
          {
            host: '*.example.test',
            port: 443,
            purpose: 'items',
            data: ['ids'],
            maxBytesOutPerDay: 500,
            methods: ['GET'],
          },
          { host: 'unused.test', purpose: 'never' },
        ],
      }),
    },
  ];
  return source
    .net({ host: 'licence.acme.test', method: 'POST', path: '/v1/check', package: 'acme', bytesOut: 10, bytesIn: 1 })
    .net({ host: 'x.acme.test', package: 'acme', bytesOut: 20, time: NOW - HOUR })
    .net({ host: 'smtp.mailer.test', channel: 'smtp', port: 25, package: 'mailer' })
    .net({ host: 'api.example.test', package: 'client', bytesOut: 300 })
    .net({ host: 'api.example.test', package: 'client', bytesOut: 100, time: NOW - DAY / 2 })
    .net({ host: 'api.example.test', port: 8443, package: 'client' })
    .net({ host: 'seen.example.test', package: 'known' })
    .net({ host: 'git.corp.test' })
    .net({ host: '10.0.0.7', channel: 'tcp', port: 5432 })
    .net({ host: 'nobody.test', package: 'other' })
    .call(omit(draft({ host: 'nobody.test' }), 'package'))
    .net({ direction: 'in', host: 'a.shop.test', peerAddress: '10.0.0.9' })
    .net({ app: 'outwitness', host: 'own.test' });
}

test('what explains the outbound calls adds up, and is what the report says', async () => {
  const source = each();
  const { cards } = buildReport(await gather(source, { now: NOW, settings: SETTINGS, catalogue: CATALOGUE }));
  const { outbound } = await seen(source);
  const { events, watched, vendors, declared, internal, unclassified } = outbound;
  assert.equal(watched + vendors + declared + internal + unclassified, events);
  assert.deepEqual(
    [events, watched, vendors + declared, internal, unclassified],
    [cards.out.events, cards.out.vendor, cards.out.thirdParty, cards.out.internal, cards.out.unclassified],
  );
  assert.deepEqual([vendors, declared, internal], [1, 3, 2]);
});

test('each component has the calls to its hosts, each pattern its own, and the time of the newest', async () => {
  const components = await seen(each());
  const licence = component(components, 'Acme', 'licence');
  assert.deepEqual(figures(licence.seen), [1, 10, 1, ['acme']]);
  assert.deepEqual(licence.hosts, [{ pattern: 'licence.acme.test', events: 1 }]);
  assert.deepEqual([licence.ports, licence.methods, licence.paths], [[443], ['POST'], ['/v1/check']]);
  assert.equal(licence.seen.lastSeen, '2026-03-02T10:15:00.000Z');
  const rest = component(components, 'Acme', 'rest');
  assert.deepEqual([rest.seen.events, rest.seen.lastSeen, rest.shared], [1, '2026-03-02T09:15:00.000Z', false]);
  const [acme, mailer] = components.vendors;
  assert.deepEqual([acme?.watched, acme?.listed, acme?.seen.events, acme?.elsewhere], [true, true, 2, 0]);
  assert.deepEqual([mailer?.watched, mailer?.seen.events], [false, 1]);
});

test('an entry that nothing was sent to stands there with nothing', async () => {
  const { vendors, unclassified, acknowledged } = await seen(new MemorySource());
  assert.deepEqual(
    vendors.map(({ name, seen: of }) => [name, of.events, of.lastSeen, of.lastSeq]),
    [
      ['Acme', 0, null, null],
      ['Mailer', 0, null, null],
    ],
  );
  assert.deepEqual(unclassified, []);
  assert.equal(acknowledged.length, 2);
});

test('components that differ by path alone count the same calls, and say so', async () => {
  const catalogue = parseCatalogue(
    JSON.stringify({
      version: 1,
      vendors: [
        {
          name: 'Acme',
          components: [
            { id: 'a', hosts: ['acme.test'], paths: ['/a'], ports: [443] },
            { id: 'b', hosts: ['acme.test'], paths: ['/b'], ports: [443] },
            { id: 'c', hosts: ['acme.test'], ports: [80] },
          ],
        },
      ],
    }),
  );
  const source = new MemorySource(catalogue)
    .net({ host: 'acme.test', path: '/a' })
    .net({ host: 'acme.test', path: '/b' })
    .net({ host: 'acme.test', port: 80 });
  const { vendors } = await seen(source, catalogue);
  assert.deepEqual(
    vendors[0]?.components.map(({ id, seen: of, shared }) => [id, of.events, shared]),
    [
      ['a', 2, true],
      ['b', 2, true],
      ['c', 1, false],
    ],
  );
  assert.equal(vendors[0]?.seen.events, 3);
});

test('rows keep what they were judged: a vendor that left the catalogue is listed, a host that came into it stays unclassified', async () => {
  const source = each();
  const changed = parseCatalogue(
    JSON.stringify({
      version: 1,
      vendors: [
        { name: 'Newcomer', watched: true, components: [{ id: 'n', hosts: ['nobody.test'] }] },
        { name: 'Acme', watched: true, components: [{ id: 'licence', hosts: ['licence.acme.test'] }] },
      ],
    }),
  );
  const { vendors, unclassified } = await seen(source, changed);
  assert.deepEqual(
    vendors.map(({ name, listed, seen: of, elsewhere }) => [name, listed, of.events, elsewhere]),
    [
      ['Newcomer', true, 0, 0],
      ['Acme', true, 2, 1],
      ['Mailer', false, 1, 1],
    ],
  );
  assert.deepEqual(
    unclassified.map(({ host, now }) => [host, now]),
    [
      ['nobody.test', { kind: 'vendor', vendor: 'Newcomer' }],
      ['api.example.test', null],
    ],
  );
});

test('a host that nothing explains has its senders; what is internal or accepted by now says so', async () => {
  const { unclassified } = await seen(each());
  assert.deepEqual(
    unclassified.map(({ host, port, now }) => [host, port, now]),
    [
      ['nobody.test', 443, null],
      ['api.example.test', 8443, null],
    ],
  );
  assert.deepEqual(unclassified[0]?.seen.packages, [null, 'other']);
  const now = async (change: object): Promise<unknown> => {
    const catalogue = parseCatalogue(JSON.stringify({ version: 1, ...change }));
    return (await seen(each(), catalogue)).unclassified[0]?.now;
  };
  assert.deepEqual(await now({ internal: ['nobody.test'] }), { kind: 'internal', vendor: null });
  const pairs = ['other -> nobody.test:443', '(none) -> nobody.test'];
  assert.deepEqual(await now({ acknowledged: pairs }), { kind: 'acknowledged', vendor: null });
  assert.equal(await now({ acknowledged: pairs.slice(0, 1) }), null);
});

test('internal patterns, names of listeners and acknowledged pairs have their calls', async () => {
  const { internal, internalByName, hosts, acknowledged } = await seen(each());
  assert.deepEqual(
    internal.map(({ pattern, seen: of }) => [pattern, of.events]),
    [
      ['*.corp.test', 1],
      ['shared.acme.test', 0],
      ['203.0.113.0/24', 0],
    ],
  );
  assert.equal(internalByName.events, 1);
  assert.deepEqual(
    hosts.map(({ pattern, seen: of }) => [pattern, of.events]),
    [
      ['shop.test', 0],
      ['*.shop.test', 1],
    ],
  );
  assert.deepEqual(
    acknowledged.map(({ pair, why, seen: of }) => [pair, why, of?.events]),
    [
      ['known -> seen.example.test:443', 'discussed', 1],
      ['known -> any.example.test', '', 0],
    ],
  );
  const started = parseCatalogue('{"version": 1, "acknowledged": ["client -> process:curl"]}');
  assert.equal((await seen(each(), started)).acknowledged[0]?.seen, null);
});

test('what a package declares stands beside what it did', async () => {
  const { manifests } = await seen(each());
  assert.equal(manifests.length, 1);
  const [client] = manifests;
  assert.ok(client !== undefined);
  assert.deepEqual([client.package, client.version, client.author, client.problem], ['client', '1.2.0', 'Cleo', null]);
  assert.deepEqual(client.declared, { yes: 2, no: 3, beyond: 0, none: 0 });
  const [items, unused] = client.endpoints;
  assert.ok(items !== undefined && unused !== undefined);
  assert.deepEqual(
    [items.host, items.port, items.purpose, items.data, items.methods],
    ['*.example.test', 443, 'items', ['ids'], ['GET']],
  );
  assert.deepEqual(
    [items.seen.events, items.seen.bytesOut, items.maxBytesOutPerDay, items.maxBytesOut],
    [2, 400, 500, null],
  );
  assert.equal(items.mostBytesOutPerDay, 300);
  assert.equal(unused.seen.events, 0);
  assert.deepEqual(
    new Set(client.undeclared.map(({ host, port, events }) => `${host}:${port} ${events}`)),
    new Set(['10.0.0.7:5432 1', 'api.example.test:8443 1', 'git.corp.test:443 1']),
  );
});

test('an endpoint of another port does not hide a wider one that has the port, as the judge sees it', async () => {
  const source = new MemorySource();
  const endpoints = [
    { host: 'api.test', port: 443, purpose: 'narrow' },
    { host: '*.test', purpose: 'wide' },
  ];
  source.packageFacts = [{ package: 'client', version: '1', manifest: JSON.stringify({ endpoints }) }];
  source.net({ host: 'api.test', port: 80 }).net({ host: 'api.test', port: 443 });
  const [client] = (await seen(source)).manifests;
  assert.equal(client?.declared.yes, 2);
  assert.deepEqual(
    client?.endpoints.map(({ seen: of }) => of.events),
    [1, 1],
  );
});

test('a manifest that cannot be read says why, and declares nothing', async () => {
  const source = new MemorySource();
  source.packageFacts = [
    { package: 'b', version: '1', manifest: '{"endpoints": 7}' },
    { package: 'a', version: '1', manifest: '{"endpoints": []}' },
    { package: 'none', version: '1' },
  ];
  const { manifests } = await seen(source);
  assert.deepEqual(
    manifests.map((one) => [one.package, one.problem === null]),
    [
      ['a', true],
      ['b', false],
    ],
  );
  assert.match(manifests[1]?.problem ?? '', /endpoints: expected/);
});

test('only the period and the application asked for are counted', async () => {
  const source = new MemorySource()
    .net({ host: 'x.acme.test', time: NOW - 3 * DAY })
    .net({ host: 'x.acme.test', app: 'admin' });
  const { apps, vendors } = await seen(source);
  assert.deepEqual([apps, vendors[0]?.seen.events], [['admin'], 1]);
  assert.equal((await seen(source, CATALOGUE, { from: NOW - 7 * DAY })).vendors[0]?.seen.events, 2);
  assert.equal((await seen(source, CATALOGUE, { from: NOW - 7 * DAY, app: 'shop' })).vendors[0]?.seen.events, 1);
});

test('a thousand unclassified destinations are listed, the rest is counted', async () => {
  const source = new MemorySource();
  for (let i = 0; i < 1_002; i++) source.net({ host: `h${i}.test` });
  const { unclassified, unclassifiedOmitted } = await seen(source);
  assert.deepEqual([unclassified.length, unclassifiedOmitted], [1_000, 2]);
});
