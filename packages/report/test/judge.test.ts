import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CHANNELS, CLASSES, DECLARED, type Judgement, type NetDraft } from '@outwitness/event';
import fc from 'fast-check';

import { makeJudge } from '../src/judge.ts';
import { CATALOGUE, draft, omit } from './sample.ts';

const DIGEST = 'c'.repeat(64);
const judge = makeJudge({
  catalogue: CATALOGUE,
  digest: DIGEST,
  self: [
    { channel: 'process', path: 'node' },
    { channel: 'http', host: '127.0.0.1', port: 4000 },
  ],
});

const MANIFEST = JSON.stringify({
  endpoints: [
    { host: 'api.example.test', port: 443, methods: ['GET'], purpose: 'Items' },
    { host: 'licence.acme.test', purpose: 'Licence', paths: ['/v1/check', '/v1/other'], maxBytesOut: 100 },
  ],
});

function judged(change: Partial<NetDraft>, manifest?: string): Partial<Judgement> {
  const { catalogue, ...rest } = judge(draft(change), manifest);
  assert.equal(catalogue, DIGEST);
  return rest;
}

const withoutHost = (change: Partial<NetDraft>): NetDraft => omit(draft(change), 'host', 'port');

for (const [host, expected] of [
  ['api.example.test', 'unclassified'],
  ['8.8.8.8', 'unclassified'],
  ['2001:db8::1', 'unclassified'],
  ['134744072', 'unclassified'],
  ['localhost', 'internal'],
  ['db', 'internal'],
  ['127.0.0.1', 'internal'],
  ['10.1.2.3', 'internal'],
  ['::1', 'internal'],
  ['::ffff:192.168.0.9', 'internal'],
  ['2130706433', 'internal'],
  ['wiki.corp.test', 'internal'],
  ['203.0.113.9', 'internal'],
  ['smtp.mailer.test', 'third-party'],
  ['other.acme.test', 'vendor'],
] as const) {
  test(`${host} is ${expected}`, () => assert.equal(judged({ host }).class, expected));
}

test('a name with a dot is never internal because of its address', () => {
  for (const peerAddress of ['127.0.0.1', '10.0.0.1', '::1']) {
    assert.equal(judged({ host: 'tracker.test', peerAddress }).class, 'unclassified');
  }
});

test('a name without a dot that was connected to a public address is not internal', () => {
  assert.equal(judged({ host: 'ai', peerAddress: '209.59.119.34' }).class, 'unclassified');
  assert.equal(judged({ host: 'db', peerAddress: '10.0.0.7' }).class, 'internal');
});

test('behind a proxy the address is that of the proxy and says nothing of the name', () => {
  assert.equal(judged({ host: 'db', peerAddress: '203.0.112.1', proxy: 'proxy.test:3128' }).class, 'internal');
});

test('the longest match of the catalogue wins, be it a vendor or the organisation', () => {
  assert.deepEqual(judged({ host: 'licence.acme.test', method: 'POST', path: '/v1/check' }), {
    class: 'vendor',
    vendor: 'Acme',
    component: 'licence',
    declared: 'none',
  });
  assert.deepEqual(judged({ host: 'x.acme.test' }), {
    class: 'vendor',
    vendor: 'Acme',
    component: 'rest',
    declared: 'none',
  });
  assert.deepEqual(judged({ host: 'shared.acme.test' }), { class: 'internal', declared: 'none' });
});

test('the catalogue beats what the name itself would say', () => {
  assert.equal(judged({ host: '203.0.113.200' }).class, 'internal');
});

for (const [what, change] of [
  ['path', { method: 'POST', path: '/v1/collect' }],
  ['method', { method: 'PUT', path: '/v1/check' }],
  ['port', { method: 'POST', path: '/v1/check', port: 8443 }],
] as const) {
  test(`a watched vendor called by a ${what} that its component does not have is beyond its declaration`, () => {
    const judgement = judged({ host: 'licence.acme.test', ...change });
    assert.equal(judgement.class, 'vendor');
    assert.equal(judgement.declared, 'beyond');
  });
}

test('a manifest cannot allow what the catalogue does not', () => {
  const call = { host: 'licence.acme.test', method: 'POST', path: '/v1/other' };
  assert.equal(judged(call, MANIFEST).declared, 'beyond');
  assert.equal(judged({ ...call, path: '/v1/check' }, MANIFEST).declared, 'yes');
  assert.equal(judged({ ...call, path: '/v1/check', bytesOut: 101 }, MANIFEST).declared, 'beyond');
});

test('a vendor host that the manifest does not name is undeclared, whatever the catalogue allows', () => {
  assert.equal(judged({ host: 'x.acme.test' }, MANIFEST).declared, 'no');
});

test('an endpoint of the own manifest is a third party, also beyond its limits', () => {
  assert.deepEqual(judged({}, MANIFEST), { class: 'third-party', declared: 'yes' });
  assert.deepEqual(judged({ method: 'POST' }, MANIFEST), { class: 'third-party', declared: 'beyond' });
  assert.deepEqual(judged({ host: 'else.example.test' }, MANIFEST), { class: 'unclassified', declared: 'no' });
});

test('an unreadable manifest is as if there were none', () => {
  for (const text of ['', '{', '{"endpoints":7}']) {
    assert.deepEqual(judged({}, text), { class: 'unclassified', declared: 'none' });
  }
});

test('an acknowledged pair is a third party, for that package and port alone', () => {
  const seen = { host: 'seen.example.test', package: 'known' };
  assert.equal(judged(seen).class, 'third-party');
  assert.equal(judged({ ...seen, port: 80 }).class, 'unclassified');
  assert.equal(judged({ ...seen, package: 'other' }).class, 'unclassified');
  assert.equal(judged({ host: 'any.example.test', package: 'known', port: 9 }).class, 'third-party');
});

for (const channel of ['unix', 'process', 'worker', 'native']) {
  test(`a ${channel} row without a host ends on this machine`, () => {
    assert.deepEqual(judge(withoutHost({ channel }), MANIFEST), {
      class: 'internal',
      declared: 'none',
      catalogue: DIGEST,
    });
  });
}

test('a network row without a host is unclassified', () => {
  assert.equal(judge(withoutHost({ channel: 'tcp' }), undefined).class, 'unclassified');
});

test('the class of an inbound call is that of the client, its listener never what the client wrote', () => {
  const inbound = {
    direction: 'in',
    host: 'evil.example.test',
    localAddress: '::ffff:10.0.0.5',
    localPort: 80,
  } as const;
  assert.deepEqual(judged({ ...inbound, peerAddress: '10.0.0.9' }), {
    class: 'internal',
    declared: 'none',
    listener: '10.0.0.5',
  });
  assert.equal(judged({ ...inbound, peerAddress: '198.51.100.7' }).class, 'unclassified');
  assert.equal(judged({ ...inbound, peerAddress: '203.0.113.7' }).class, 'internal');
});

test('a listed host is the listener; one that a pattern lists is the pattern, so that strangers choose no name', () => {
  const inbound = { direction: 'in', localAddress: '127.0.0.1', peerAddress: '127.0.0.1' } as const;
  assert.equal(judged({ ...inbound, host: 'shop.test' }).listener, 'shop.test');
  assert.equal(judged({ ...inbound, host: 'a1b2c3.shop.test' }).listener, '*.shop.test');
  assert.equal(judged({ ...inbound, host: 'shop.test.evil.test' }).listener, '127.0.0.1');
});

test('an inbound call of which nothing is known is unclassified at (other)', () => {
  assert.deepEqual(judge(withoutHost({ direction: 'in' }), MANIFEST), {
    class: 'unclassified',
    declared: 'none',
    catalogue: DIGEST,
    listener: '(other)',
  });
  assert.equal(judged({ direction: 'in', channel: 'unix', localAddress: '/run/shop.sock' }).class, 'internal');
});

test('what Outwitness does itself is declared only if it was announced, in whatever process', () => {
  assert.equal(judged({ app: 'outwitness' }).declared, 'no');
  assert.equal(judged({ app: 'outwitness', host: '127.0.0.1', port: 4000 }).declared, 'yes');
  assert.equal(judged({ app: 'outwitness', host: '127.0.0.1', port: 4001 }).declared, 'no');
  assert.equal(judged({ package: '@outwitness/agent', channel: 'process', path: 'node' }).declared, 'yes');
  assert.equal(judged({ package: '@outwitness/agent', channel: 'process', path: 'curl' }).declared, 'no');
  assert.equal(judged({ package: 'outwitness' }, MANIFEST).declared, 'no');
});

test('no draft whatever makes the judge throw or leave its vocabulary', () => {
  const text = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('', '.', '*.acme.test', '[', '%'),
  );
  const hostile = fc.record(
    {
      direction: fc.constantFrom('in', 'out', 'sideways'),
      channel: fc.oneof(fc.constantFrom(...CHANNELS), fc.string()),
      host: text,
      port: fc.integer(),
      path: text,
      method: fc.string(),
      scheme: fc.string(),
      peerAddress: text,
      localAddress: text,
      package: fc.string(),
      bytesOut: fc.maxSafeNat(),
    },
    { requiredKeys: [] },
  );
  const manifest = fc.option(fc.oneof(fc.json(), fc.constant(MANIFEST)), { nil: undefined });
  fc.assert(
    fc.property(hostile, manifest, (change, manifestText) => {
      const judgement = judge(draft(change as Partial<NetDraft>), manifestText);
      assert.ok(CLASSES.includes(judgement.class));
      assert.ok(DECLARED.includes(judgement.declared));
      assert.equal(judgement.listener === undefined, change.direction !== 'in');
    }),
  );
});
