import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Call } from '../src/call-limits.ts';
import { declaredBy, endpointsFor, parseManifest } from '../src/manifest.ts';

const MANIFEST = parseManifest(
  JSON.stringify({
    endpoints: [
      {
        host: 'licence.acme.test',
        port: 443,
        scheme: 'HTTPS',
        methods: ['post'],
        paths: ['/v1/check', '/v1/renew/*'],
        purpose: 'Licence',
        data: ['licence key'],
        maxBytesOut: 1000,
        maxBytesOutPerDay: 5000,
      },
      { host: '*.cdn.test', purpose: 'Downloads', data: 'nothing' },
      { host: 'special.cdn.test', purpose: 'Uploads', methods: ['PUT'] },
      { host: 'smtp.mailer.test', purpose: 'Mail' },
    ],
  }),
);

const call = (change: Partial<Call>): Call => ({
  channel: 'http',
  scheme: 'https',
  method: 'POST',
  host: 'licence.acme.test',
  port: 443,
  path: '/v1/check',
  bytesOut: 500,
  ...change,
});

for (const [what, change, declared] of [
  ['the declared call', {}, 'yes'],
  ['another declared path', { path: '/v1/renew/{uuid}' }, 'yes'],
  ['exactly the size allowed', { bytesOut: 1000 }, 'yes'],
  ['one byte more', { bytesOut: 1001 }, 'beyond'],
  ['another path', { path: '/v1/collect' }, 'beyond'],
  ['a tunnel to the host, in which nobody sees what is asked for', { method: 'CONNECT', path: '' }, 'yes'],
  ['another method', { method: 'GET' }, 'beyond'],
  ['a lower-case method', { method: 'post' }, 'yes'],
  ['another scheme', { scheme: 'http' }, 'beyond'],
  ['another port', { port: 8443 }, 'no'],
  ['another host', { host: 'collect.acme.test' }, 'no'],
  ['a host that the pattern covers', { host: 'eu.cdn.test', method: 'DELETE' }, 'yes'],
  ['the bare suffix of a pattern', { host: 'cdn.test' }, 'no'],
  ['one of two endpoints allows it', { host: 'special.cdn.test', method: 'GET' }, 'yes'],
  ['a call without a host', { host: undefined, channel: 'unix' }, 'none'],
] as const) {
  test(`${what}: ${declared}`, () => {
    const { host, ...rest } = { ...call({}), ...change };
    assert.equal(declaredBy(MANIFEST, { ...rest, ...(host === undefined ? {} : { host }) }), declared);
  });
}

test('what is not known of a call contradicts nothing', () => {
  assert.equal(declaredBy(MANIFEST, { channel: 'http', host: 'licence.acme.test' }), 'yes');
  assert.equal(declaredBy(MANIFEST, { channel: 'tls', host: 'licence.acme.test', port: 443 }), 'yes');
});

test('a look-up is judged by its host alone: its method is a record type', () => {
  const lookup = { channel: 'dns', host: 'licence.acme.test', method: 'A' };
  assert.equal(declaredBy(MANIFEST, lookup), 'yes');
  assert.equal(declaredBy(MANIFEST, { ...lookup, host: 'x.acme.test' }), 'no');
});

test('the size of a connection counts as well', () => {
  const connection = { channel: 'tls', host: 'licence.acme.test', port: 443, bytesOut: 5000 };
  assert.equal(declaredBy(MANIFEST, connection), 'beyond');
});

test('without a manifest there is nothing to compare with', () => {
  assert.equal(declaredBy(undefined, call({})), 'none');
});

test('an empty manifest declares that the package sends nothing', () => {
  assert.equal(declaredBy(parseManifest('{"endpoints":[]}'), call({})), 'no');
});

test('the closest endpoint comes first', () => {
  const found = endpointsFor(MANIFEST, 'special.cdn.test', 443);
  assert.deepEqual(
    found.map((endpoint) => endpoint.host),
    ['special.cdn.test', '*.cdn.test'],
  );
});

test('purpose, kinds of data and ceilings are kept', () => {
  assert.deepEqual(MANIFEST.endpoints[0], {
    host: 'licence.acme.test',
    port: 443,
    schemes: ['https'],
    methods: ['POST'],
    paths: ['/v1/check', '/v1/renew/*'],
    purpose: 'Licence',
    data: ['licence key'],
    maxBytesOut: 1000,
    maxBytesOutPerDay: 5000,
  });
  assert.deepEqual(MANIFEST.endpoints[1]?.data, ['nothing']);
});

test('members that this version does not know are no error: authors do not wait for us', () => {
  const text = '{"since":"2.0","endpoints":[{"host":"a.test","purpose":"x","retention":"1 day"}]}';
  assert.equal(parseManifest(text).endpoints.length, 1);
});

for (const [what, text, message] of [
  ['no endpoints', '{}', /egress\.json: endpoints: expected an array of endpoints, got nothing/],
  ['an array', '[]', /expected an object, got an array/],
  ['no purpose', '{"endpoints":[{"host":"a.test"}]}', /endpoints\[0\]\.purpose: expected a text/],
  ['no host', '{"endpoints":[{"purpose":"x"}]}', /endpoints\[0\]\.host: expected a text/],
  ['a URL', '{"endpoints":[{"host":"http://a","purpose":"x"}]}', /endpoints\[0\]\.host: expected a host name/],
  [
    'a negative ceiling',
    '{"endpoints":[{"host":"a","purpose":"x","maxBytesOut":-1}]}',
    /maxBytesOut: expected an integer/,
  ],
  ['a text as port', '{"endpoints":[{"host":"a","purpose":"x","port":"443"}]}', /port: expected an integer.*got "443"/],
  ['a method as text', '{"endpoints":[{"host":"a","purpose":"x","methods":"GET"}]}', /methods: expected an array/],
  [
    'more endpoints than anybody reads',
    JSON.stringify({ endpoints: Array.from({ length: 1001 }, () => ({ host: 'a', purpose: 'x' })) }),
    /at most 1000 endpoints/,
  ],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseManifest(text), { code: 'manifest-invalid', message });
  });
}

test('no text whatever makes the parser fail otherwise than by its own error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      try {
        parseManifest(text);
      } catch (error) {
        assert.equal((error as { code: string }).code, 'manifest-invalid');
      }
    }),
  );
});
