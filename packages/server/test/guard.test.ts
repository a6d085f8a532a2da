import assert from 'node:assert/strict';
import { createServer as createNetServer } from 'node:net';
import { test } from 'node:test';

import { createServer } from '../src/index.ts';
import { MemoryBackend } from './memory/backend.ts';
import { builtDashboard, serve } from './served.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

test('every answer carries the headers that shut the page in', async (t) => {
  const { ask } = await serve(t);
  for (const path of ['/', '/log', '/assets/main-abc123.js', '/api/session', '/api/nothing', '/no.thing']) {
    const { headers } = await ask('GET', path);
    assert.equal(headers['content-security-policy'], POLICY, path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['x-frame-options'], 'DENY', path);
    if (path.startsWith('/api')) assert.equal(headers['cache-control'], 'no-store', path);
  }
});

test('a rebound name is refused, on pages and API alike', async (t) => {
  const { server, ask } = await serve(t);
  for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1', `127.0.0.2:${server.port}`]) {
    for (const path of ['/', '/api/session']) {
      const answer = await ask('GET', path, { headers: { host } });
      assert.equal(answer.status, 421, `${host} ${path}`);
      assert.equal(answer.json.error.code, 'wrong-host');
    }
  }
  assert.equal((await ask('GET', '/', { headers: { host: `LOCALHOST:${server.port}` } })).status, 200);
});

test('a request from another site is refused', async (t) => {
  const { server, ask, signIn } = await serve(t);
  const cookie = await signIn();
  const foreign: [string, Record<string, string | undefined>][] = [
    ['GET', { 'sec-fetch-site': 'cross-site' }],
    ['GET', { 'sec-fetch-site': 'same-site' }],
    ['GET', { origin: 'https://evil.example' }],
    ['GET', { origin: 'null' }],
    ['DELETE', { origin: undefined }],
    ['DELETE', { origin: `http://localhost:${server.port + 1}` }],
    ['DELETE', { 'sec-fetch-site': 'none' }],
  ];
  for (const [method, headers] of foreign) {
    const answer = await ask(method, '/api/session', { cookie, headers });
    assert.equal(answer.status, 403, `${method} ${JSON.stringify(headers)}`);
    assert.equal(answer.json.error.code, 'cross-site');
  }
  assert.equal((await ask('GET', '/api/session', { cookie, headers: { 'sec-fetch-site': undefined } })).status, 200);
  assert.equal((await ask('GET', '/', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 200);
});

test('the dashboard is served from a table of its files', async (t) => {
  const { ask } = await serve(t);
  for (const path of ['/', '/log', '/rows/17?x=1']) {
    const page = await ask('GET', path);
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(page.headers['cache-control'], 'no-cache');
  }
  const asset = await ask('GET', '/assets/main-abc123.js');
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  for (const path of ['/secret.key', '/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fetc/passwd.txt']) {
    const answer = await ask('GET', path);
    assert.notEqual(answer.status, 200, path);
    assert.ok(!answer.text.includes('not for anybody'), path);
  }
});

test('an unforeseen failure gives away nothing', async (t) => {
  const { backend, ask, signIn } = await serve(t);
  const cookie = await signIn();
  backend.broken = new Error('SELECT secret FROM /srv/keys/log.key');
  const answer = await ask('GET', '/api/report', { cookie });
  assert.equal(answer.status, 500);
  assert.deepEqual(answer.json, {
    error: {
      code: 'internal',
      message: 'The server could not answer. The collector may be busy or stopped; try again.',
    },
  });
});

test('malformed requests are told what was expected', async (t) => {
  const { ask, signIn } = await serve(t);
  const cookie = await signIn();
  for (const path of [
    '/api/rows?limit=501',
    '/api/rows?limit=x',
    '/api/rows?where=host',
    '/api/rows?where=1x=2',
    '/api/rows?from=yesterday',
    '/api/rows?order=random',
    '/api/rows/minus',
    '/api/rows/-1',
    '/api/rows/at?time=2026-03-02T10:15:00',
    '/api/report?from=12%3A00',
  ]) {
    const answer = await ask('GET', path, { cookie });
    assert.equal(answer.status, 400, path);
    assert.equal(answer.json.error.code, 'bad-request', path);
  }
  for (const body of [{}, { token: '' }, { token: 'x'.repeat(200) }, { token: 'x'.repeat(5_000) }]) {
    const answer = await ask('POST', '/api/session', { body });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.error.code, 'bad-request');
  }
  assert.equal((await ask('GET', '/api/nothing', { cookie })).json.error.code, 'not-found');
  assert.equal((await ask('PUT', '/api/session', { cookie, body: {} })).json.error.code, 'not-found');
});

test('what cannot be served is said before anything is', async (t) => {
  const backend = new MemoryBackend();
  const dashboard = builtDashboard(t);
  const taken = createNetServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await assert.rejects(createServer({ backend, dashboard, port }), {
    code: 'port-in-use',
    message: `Port ${port} of 127.0.0.1 is taken by another program. Choose another with --port N, or leave --port out to get a free one.`,
  });
  taken.close();
  await assert.rejects(createServer({ backend, dashboard: '/nowhere' }), { code: 'dashboard-missing' });
  await assert.rejects(createServer({ backend, dashboard, address: '0.0.0.0' }), { code: 'listen-insecure' });
  await assert.rejects(createServer({ backend, dashboard, publicOrigin: 'http://audit.example' }), {
    code: 'listen-insecure',
  });
});

test('behind a proxy that ends TLS the cookie demands it', async (t) => {
  const { server, ask } = await serve(t, { publicOrigin: 'https://audit.example' });
  const { token, url } = await server.issueToken('viewer');
  assert.ok(url.startsWith('https://audit.example/#token='));
  const headers = { host: 'audit.example', origin: 'https://audit.example' };
  const answer = await ask('POST', '/api/session', { headers, body: { token } });
  assert.equal(answer.status, 201);
  assert.match(String(answer.headers['set-cookie']), /^__Host-outwitness-\d+=.*; Secure$/);
});
