/** What a program may ask that signs its own users in: with its secret, from this machine, by itself. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Issued, IssuedWanted, Issuer } from '../src/index.ts';
import { digestOf, LIMITS } from '../src/index.ts';
import { type Ask, builtDashboard, serve } from './served.ts';

const SECRET = 'a-secret-of-an-issuer';

/** A server whose backend knows one issuer; what it is asked to issue is kept. */
async function served(t: TestContext, issuer: Issuer = { name: 'odoo', role: 'operator', settings: false }) {
  let now = Date.now();
  const parts = await serve(t, { now: () => now, dashboard: builtDashboard(t) });
  const { access } = parts.backend;
  const asked: IssuedWanted[] = [];
  access.issuer = (digest?: string) => (digest === digestOf(SECRET) ? issuer : undefined);
  access.issueFor = async (_secret?: string, token = '', wanted?: IssuedWanted): Promise<Issued> => {
    if (wanted === undefined) throw new Error('nothing was wanted');
    asked.push(wanted);
    await access.issue(token, { role: wanted.role, user: '', minutes: 1 });
    return { role: wanted.role, user: `odoo:${wanted.user}`, issuer: 'odoo', expires: now + LIMITS.issuedLinkMs };
  };
  const ask = (method: string, path: string, { headers, body }: Ask = {}) =>
    parts.ask(method, path, {
      body,
      headers: { 'sec-fetch-site': undefined, origin: undefined, authorization: `Bearer ${SECRET}`, ...headers },
    });
  return { ...parts, asked, askAs: ask, pass: (ms: number) => (now += ms) };
}

const WANTED = { role: 'viewer', user: 'anna' };

test('an issuer gets a token that signs in once; no answer may be kept by a cache', async (t) => {
  const { askAs, ask } = await served(t);
  const made = await askAs('POST', '/issuer/link', { body: WANTED });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(
    [made.json.role, made.json.user, made.headers['cache-control']],
    ['viewer', 'odoo:anna', 'no-store'],
  );
  const body = { token: made.json.token };
  assert.equal((await ask('POST', '/api/session', { body })).status, 201);
  assert.equal((await ask('POST', '/api/session', { body })).status, 401);
});

test('without the secret, from a page, through a proxy or under another name nothing is issued', async (t) => {
  const { askAs, asked } = await served(t);
  const refused: [Record<string, string | undefined>, number, string][] = [
    [{ authorization: undefined }, 401, 'issuer-refused'],
    [{ authorization: 'Bearer other' }, 401, 'issuer-refused'],
    [{ authorization: SECRET }, 401, 'issuer-refused'],
    [{ authorization: `Basic ${SECRET}` }, 401, 'issuer-refused'],
    [{ origin: 'http://127.0.0.1:1' }, 401, 'issuer-refused'],
    [{ 'sec-fetch-site': 'same-origin' }, 401, 'issuer-refused'],
    [{ cookie: 'outwitness-1=x' }, 401, 'issuer-refused'],
    [{ 'x-forwarded-for': '192.0.2.1' }, 401, 'issuer-refused'],
    [{ forwarded: 'for=192.0.2.1' }, 401, 'issuer-refused'],
    [{ via: '1.1 proxy' }, 401, 'issuer-refused'],
    [{ host: 'rebound.example' }, 421, 'wrong-host'],
  ];
  for (const [headers, status, code] of refused) {
    const answer = await askAs('POST', '/issuer/link', { headers, body: WANTED });
    assert.deepEqual([answer.status, answer.json.error.code], [status, code], JSON.stringify(headers));
    const settings = await askAs('GET', '/issuer/settings', { headers });
    assert.deepEqual([settings.status, settings.json.error.code], [status, code], JSON.stringify(headers));
  }
  assert.deepEqual(asked, []);
});

test('no admin, no strange name and nothing beside is asked for', async (t) => {
  const { askAs, asked } = await served(t);
  const bad = [
    { ...WANTED, role: 'admin' },
    { ...WANTED, user: 'odoo:anna' },
    { ...WANTED, user: '' },
    { ...WANTED, user: 'a b' },
    { ...WANTED, user: '#x' },
    { ...WANTED, user: 'x'.repeat(48) },
    { user: 'anna' },
    'viewer',
  ];
  for (const body of bad) {
    const answer = await askAs('POST', '/issuer/link', { body });
    assert.deepEqual([answer.status, answer.json.error.code], [400, 'bad-request'], JSON.stringify(body));
  }
  assert.deepEqual(asked, []);
  for (const user of ['#7', 'anna@shop.example', 'x'.repeat(47)])
    assert.equal((await askAs('POST', '/issuer/link', { body: { role: 'viewer', user } })).status, 201, user);
});

test('wrong secrets are slowed down with all other guesses, and an issuer that asks too often has to wait', async (t) => {
  const { askAs, pass } = await served(t);
  for (let i = 0; i < LIMITS.issuerAsks; i++)
    assert.equal((await askAs('POST', '/issuer/link', { body: WANTED })).status, 201);
  const waits = await askAs('POST', '/issuer/link', { body: WANTED });
  assert.deepEqual([waits.status, waits.json.error.code, waits.headers['retry-after']], [429, 'too-many-asked', '60']);
  pass(LIMITS.issuerWindowMs + 1);
  assert.equal((await askAs('POST', '/issuer/link', { body: WANTED })).status, 201);
  const wrong = { headers: { authorization: 'Bearer guess' }, body: WANTED };
  for (let i = 0; i < LIMITS.guesses; i++) assert.equal((await askAs('POST', '/issuer/link', wrong)).status, 401);
  assert.equal((await askAs('POST', '/issuer/link', { body: WANTED })).json.error.code, 'too-many-guesses');
});

test('a server that has no issuer, as one of evidence, issues nothing', async (t) => {
  const { ask } = await serve(t);
  const headers = { 'sec-fetch-site': undefined, origin: undefined, authorization: `Bearer ${SECRET}` };
  assert.equal((await ask('POST', '/issuer/link', { headers, body: WANTED })).json.error.code, 'issuer-refused');
});
