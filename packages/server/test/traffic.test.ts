import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inbound, outbound } from './memory/shop.ts';
import { serve } from './served.ts';

test('traffic is grouped, filtered and sorted as the address says, and handed through untouched', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const now = Date.now() * 1000;
  backend.commit(outbound(now, 0), outbound(now, 4), outbound(now, 6), inbound(now, 0));
  const cookie = await signIn('viewer');
  const query = 'by=package&by=direction&not=class%3Dvendor&sort=events&order=desc&app=shop';
  const { status, json } = await ask('GET', `/api/traffic?${query}`, { cookie });
  assert.equal(status, 200);
  const expected = await backend.traffic({
    app: 'shop',
    by: ['package', 'direction'],
    where: [],
    not: [{ field: 'class', value: 'vendor' }],
    sort: 'events',
    order: 'desc',
  });
  assert.deepEqual({ ...json, generatedAt: '' }, { ...expected, generatedAt: '' });
  assert.equal(json.totals.events, 3);
  assert.deepEqual(json.groups[0].key, { package: 'stripe', direction: 'out' });
});

test('a dimension named twice is one, none at all are package, host and class', async (t) => {
  const { ask, signIn } = await serve(t);
  const cookie = await signIn('viewer');
  const by = async (query: string): Promise<unknown> => (await ask('GET', `/api/traffic?${query}`, { cookie })).json.by;
  assert.deepEqual(await by('by=app&by=app'), ['app']);
  assert.deepEqual(await by(''), ['package', 'host', 'class']);
});

for (const [query, said] of [
  ['by=colour', /by/],
  ['by=day&by=hour', /both day and hour: expected one of them/],
  ['sort=colour', /sort/],
  ['by=app&sort=host', /"sort" is host: expected one of app, events, errors, bytesOut, bytesIn, firstSeen, lastSeen\./],
  ['order=up', /order/],
  ['where=site%3Da.js', /traffic is counted by app, direction, .*, not by site\. Use one of these/],
  ['not=host', /"not" is "host": expected FIELD=VALUE/],
  ['from=yesterday', /"from" is "yesterday": expected a sequence number or an ISO 8601 time/],
  [`where=${'host%3Dx&where='.repeat(64)}host%3Dx`, /where/],
] as const) {
  test(`asked for ${query.slice(0, 40)}, the API says what it expected`, async (t) => {
    const { ask, signIn } = await serve(t);
    const { status, json } = await ask('GET', `/api/traffic?${query}`, { cookie: await signIn('viewer') });
    assert.equal(status, 400);
    assert.equal(json.error.code, 'bad-request');
    assert.match(json.error.message, said);
  });
}

test('who is not signed in counts nothing', async (t) => {
  const { ask } = await serve(t);
  assert.equal((await ask('GET', '/api/traffic')).status, 401);
});
