import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inbound, outbound } from './memory/shop.ts';
import { serve } from './served.ts';

test('the catalogue and what was seen of it are handed through untouched, for the application asked for', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const now = Date.now() * 1000;
  backend.commit(outbound(now, 0), outbound(now, 4), outbound(now, 5), inbound(now, 0));
  const cookie = await signIn('viewer');
  const { status, json } = await ask('GET', '/api/components?app=shop', { cookie });
  assert.equal(status, 200);
  const expected = await backend.components({ app: 'shop' });
  assert.deepEqual({ ...json, generatedAt: '' }, { ...expected, generatedAt: '' });
  assert.deepEqual([json.app, json.vendors[0].seen.events, json.outbound.events], ['shop', 1, 3]);
});

test('a bound that is none is refused, and so is who is not signed in', async (t) => {
  const { ask, signIn } = await serve(t);
  const cookie = await signIn('viewer');
  const { status, json } = await ask('GET', '/api/components?to=soon', { cookie });
  assert.equal(status, 400);
  assert.match(json.error.message, /"to" is "soon": expected a sequence number or an ISO 8601 time/);
  assert.equal((await ask('GET', '/api/components')).status, 401);
});
