import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { acknowledge, type Catalogue, catalogueText, parseCatalogue, withHosts } from '../src/catalogue.ts';
import { DEFAULT_CATALOGUE } from '../src/default-catalogue.ts';
import { parsePair } from '../src/pair.ts';
import { CATALOGUE } from './sample.ts';

const vendor = (component: object, more: object = {}): string =>
  JSON.stringify({
    version: 1,
    vendors: [{ name: 'Acme', watched: true, components: [{ id: 'a', hosts: ['a.test'], ...component }], ...more }],
  });

test('a catalogue may be nothing but its version', () => {
  assert.deepEqual(parseCatalogue('{"version":1}'), DEFAULT_CATALOGUE);
});

test('hosts are lower case, methods upper case, a name may be left out', () => {
  const catalogue = parseCatalogue(vendor({ hosts: ['A.Test', '*.A.test'], methods: ['post'], ports: [443] }));
  assert.deepEqual(catalogue.vendors, [
    {
      name: 'Acme',
      watched: true,
      components: [{ id: 'a', name: 'a', hosts: ['a.test', '*.a.test'], ports: [443], methods: ['POST'] }],
    },
  ]);
});

test('a vendor is not watched unless the catalogue says so', () => {
  const [first] = parseCatalogue('{"version":1,"vendors":[{"name":"A","components":[]}]}').vendors;
  assert.equal(first?.watched, false);
});

for (const [what, text, message] of [
  ['no JSON', '{', /^my\.json: expected JSON, got .*Correct the file\.$/],
  ['no object', '[]', /^my\.json: expected an object, got an array/],
  ['no version', '{}', /my\.json: version: expected 1, got nothing/],
  ['another version', '{"version":2}', /version: expected 1, got 2/],
  ['a misspelt member', '{"version":1,"vendor":[]}', /vendor: expected one of the members version, vendors.*unknown/],
  ['vendors as object', '{"version":1,"vendors":{}}', /vendors: expected an array, got an object/],
  ['a vendor without name', '{"version":1,"vendors":[{}]}', /vendors\[0\]\.name: expected a text.*got nothing/],
  ['watched as text', vendor({}, { watched: 'yes' }), /vendors\[0\]\.watched: expected true or false, got "yes"/],
  ['a misspelt limit', vendor({ path: ['/'] }), /components\[0\]\.path: expected one of the members id/],
  ['no hosts', vendor({ hosts: [] }), /components\[0\]\.hosts: expected at least one host/],
  [
    'a URL for a host',
    vendor({ hosts: ['https://a.test'] }),
    /hosts\[0\]: expected a host name.*got "https:\/\/a\.test"/,
  ],
  ['a port out of range', vendor({ ports: [65536] }), /ports\[0\]: expected an integer from 0 to 65535, got 65536/],
  ['a path without slash', vendor({ paths: ['v1'] }), /paths\[0\]: expected a path that begins with "\/"/],
  ['a path with a query', vendor({ paths: ['/v1?x'] }), /paths\[0\]: expected a path/],
  ['a method with a space', vendor({ methods: ['GET /'] }), /methods\[0\]: expected a method such as "POST"/],
  ['a long name', vendor({ id: 'x'.repeat(65) }), /id: expected at most 64 bytes/],
  ['a control character', vendor({ id: 'a\u0007' }), /id: expected at most 64 bytes without control/],
  ['internal as number', '{"version":1,"internal":[7]}', /internal\[0\]: expected a text that is not empty, got 7/],
  ['an empty host', '{"version":1,"hosts":[""]}', /hosts\[0\]: expected a text that is not empty, got ""/],
] as const) {
  test(`refuses ${what} and says where, what was expected and what was there`, () => {
    assert.throws(() => parseCatalogue(text, 'my.json'), { code: 'catalogue-invalid', message });
  });
}

test('refuses an acknowledged pair that is none', () => {
  assert.throws(() => parseCatalogue('{"version":1,"acknowledged":["x"]}'), { code: 'pair-invalid' });
});

test('one host has one owner, be it a vendor or the organisation; components of one vendor may share it', () => {
  const two = (b: object): string =>
    JSON.stringify({
      version: 1,
      vendors: [
        {
          name: 'A',
          components: [
            { id: 'x', hosts: ['a.test'] },
            { id: 'y', hosts: ['a.test'], paths: ['/y'] },
          ],
        },
      ],
      ...b,
    });
  assert.equal(parseCatalogue(two({})).vendors[0]?.components.length, 2);
  assert.throws(() => parseCatalogue(two({ internal: ['a.test'] })), {
    message: /a host that A does not already list/,
  });
});

test('acknowledged pairs are written as text, as pair with a reason, or in members', () => {
  const { acknowledged } = parseCatalogue(
    JSON.stringify({
      version: 1,
      acknowledged: ['a -> x.test:443', { pair: 'b -> y.test', why: 'ok' }, { package: '', host: 'Z.test', port: 1 }],
    }),
  );
  assert.deepEqual(acknowledged, [
    { package: 'a', host: 'x.test', port: 443, why: '' },
    { package: 'b', host: 'y.test', port: -1, why: 'ok' },
    { package: '', host: 'z.test', port: 1, why: '' },
  ]);
});

test('the text of a catalogue is read back to the same catalogue', () => {
  for (const catalogue of [CATALOGUE, DEFAULT_CATALOGUE]) {
    assert.deepEqual(parseCatalogue(catalogueText(catalogue)), catalogue);
  }
});

test('the text does not depend on the order of members or on white space', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, member]) => [name, shuffled(member)]),
    );
  };
  const other = parseCatalogue(JSON.stringify(shuffled(JSON.parse(catalogueText(CATALOGUE))), undefined, 3));
  assert.equal(catalogueText(other), catalogueText(CATALOGUE));
});

test('no text whatever makes the parser fail otherwise than by its own error', () => {
  const json = fc.oneof(fc.json(), fc.string());
  const nearly = fc.record({ version: fc.constant(1), vendors: fc.jsonValue(), internal: fc.jsonValue() });
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        nearly.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        try {
          parseCatalogue(text);
        } catch (error) {
          assert.match((error as { code: string }).code, /^(?:catalogue|pair)-invalid$/);
        }
      },
    ),
  );
});

test('hosts of the settings join the catalogue sorted and once, so that its text explains the judgement', () => {
  const joined = withHosts({ ...DEFAULT_CATALOGUE, hosts: ['b.test'] }, ['B.test', 'a.test']);
  assert.deepEqual(joined.hosts, ['a.test', 'b.test']);
  assert.throws(() => withHosts(DEFAULT_CATALOGUE, ['a b']), {
    code: 'catalogue-invalid',
    message: /^hosts: expected/,
  });
});

test('an acknowledgement replaces the earlier one of the same pair', () => {
  const pair = parsePair('a -> x.test:443');
  const once: Catalogue = acknowledge(DEFAULT_CATALOGUE, pair, 'first');
  const twice = acknowledge(once, pair, 'second');
  assert.deepEqual(twice.acknowledged, [{ ...pair, why: 'second' }]);
  assert.deepEqual(parseCatalogue(catalogueText(twice)), twice);
});
