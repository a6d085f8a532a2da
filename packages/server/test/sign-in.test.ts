import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LIMITS } from '../src/limits.ts';
import { cookieOf, serve } from './served.ts';

test('a token signs in once, and the row that says so is committed before the session exists', async (t) => {
  const { backend, server, ask } = await serve(t);
  const { token, url } = await server.issueToken('operator');
  assert.equal(url, `${server.url}/#token=${token}`);
  assert.equal((await ask('GET', '/api/report')).json.error.code, 'signed-out');

  let rowsWhenRecorded = 0;
  const commit = backend.commit.bind(backend);
  backend.commit = (...rows) => {
    const [{ event, actor, text } = {}] = rows;
    assert.deepEqual(
      [event, actor, text],
      ['sign-in', 'operator', 'Signed in to the Trust Report as operator from 127.0.0.1'],
    );
    assert.deepEqual(backend.access.people().sessions, [], 'a session without its row');
    rowsWhenRecorded = backend.ledger.rows.length;
    return commit(...rows);
  };
  const first = await ask('POST', '/api/session', { body: { token } });
  assert.equal(first.status, 201);
  assert.equal(first.json.role, 'operator');
  assert.equal(first.json.origin, backend.origin);
  assert.ok(rowsWhenRecorded > 0);
  const cookie = String(first.headers['set-cookie']);
  assert.match(
    cookie,
    new RegExp(`^outwitness-${server.port}=[\\w-]{43}; Max-Age=86400; Path=/; HttpOnly; SameSite=Strict$`),
  );
  assert.equal((await ask('GET', '/api/session', { cookie: cookieOf(first) })).status, 200);

  const second = await ask('POST', '/api/session', { body: { token } });
  assert.equal(second.status, 401);
  assert.deepEqual(second.json, {
    error: {
      code: 'token-refused',
      message: 'This token is unknown, was used before, or is too old. Use the newest link that Outwitness printed.',
    },
  });
  assert.ok(!backend.ledger.rows.some(({ leaf }) => leaf.includes(token)), 'the token is in the record');
});

test('without the row there is no session, and the token stays good', async (t) => {
  const { backend, server, ask } = await serve(t);
  const { token } = await server.issueToken('admin');
  backend.refusesControl = true;
  const refused = await ask('POST', '/api/session', { body: { token } });
  assert.equal(refused.status, 503);
  assert.equal(refused.json.error.code, 'not-recorded');
  assert.equal(refused.headers['set-cookie'], undefined);
  backend.refusesControl = false;
  assert.equal((await ask('POST', '/api/session', { body: { token } })).status, 201);
});

test('of two sign-ins with one token at the same time only one gets in', async (t) => {
  const { server, ask } = await serve(t);
  const { token } = await server.issueToken('viewer');
  const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/api/session', { body: { token } })));
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 401, 401],
  );
});

test('wrong tokens are slowed down', async (t) => {
  let now = Date.now();
  const { server, ask } = await serve(t, { now: () => now });
  for (let i = 0; i < LIMITS.guesses; i++) {
    assert.equal((await ask('POST', '/api/session', { body: { token: `guess-${i}` } })).status, 401);
  }
  const { token } = await server.issueToken('viewer');
  const slowed = await ask('POST', '/api/session', { body: { token } });
  assert.equal(slowed.status, 429);
  assert.equal(slowed.json.error.code, 'too-many-guesses');
  assert.equal(slowed.headers['retry-after'], '60');
  now += LIMITS.guessWindowMs + 1;
  assert.equal((await ask('POST', '/api/session', { body: { token } })).status, 201);
});

test('tokens and sessions end: by age, by idleness, by signing out, by revocation', async (t) => {
  let now = Date.now();
  const { backend, server, ask, signIn } = await serve(t, { now: () => now });
  const alive = async (cookie: string): Promise<boolean> =>
    (await ask('GET', '/api/session', { cookie })).status === 200;

  const { token } = await server.issueToken('viewer');
  now += LIMITS.startLinkMinutes * 60_000;
  assert.equal((await ask('POST', '/api/session', { body: { token } })).status, 401);

  const idle = await signIn();
  now += LIMITS.sessionIdleMs - 1;
  assert.ok(await alive(idle));
  now += LIMITS.sessionIdleMs;
  assert.ok(!(await alive(idle)));

  const busy = await signIn();
  for (let past = 0; past < LIMITS.sessionMs - 3_600_000; past += 3_600_000) {
    now += 3_600_000;
    assert.ok(await alive(busy));
  }
  now += 3_600_000;
  assert.ok(!(await alive(busy)));

  const left = await signIn();
  const signOut = await ask('DELETE', '/api/session', { cookie: left });
  assert.equal(signOut.status, 204);
  assert.match(String(signOut.headers['set-cookie']), /=; Max-Age=0;/);
  assert.ok(!(await alive(left)));

  const revoked = await signIn();
  const [{ id } = { id: '' }] = backend.access.people().sessions;
  await backend.access.revoke({ session: id }, { role: 'admin', user: '' });
  assert.ok(!(await alive(revoked)));
});

test('signing in again ends the session before', async (t) => {
  const { server, ask, signIn } = await serve(t);
  const before = await signIn();
  const { token } = await server.issueToken('viewer');
  assert.equal((await ask('POST', '/api/session', { cookie: before, body: { token } })).status, 201);
  assert.equal((await ask('GET', '/api/session', { cookie: before })).status, 401);
});
