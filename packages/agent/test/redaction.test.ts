import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { restrictRedaction } from '../src/redaction/host-policy.ts';
import { CurrentRedaction } from '../src/redaction/current.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { Redaction } from '../src/redaction/policy.ts';

const KEY = { bytes: Buffer.alloc(32, 7), own: false };
const policy = new Redaction({ strict: false, key: KEY });
const strict = new Redaction({ strict: true, key: KEY });

function target(
  rawPath: string,
  host = 'api.example.com',
): { method: string; scheme: string; host: string; port: number; rawPath: string } {
  return { method: 'GET', scheme: 'https', host, port: 443, rawPath };
}

for (const [raw, path, keys] of [
  ['/', '/', []],
  ['/v1/orders/4711', '/v1/orders/{n}', []],
  ['/v1beta1/users/me/messages', '/v1beta1/users/me/messages', []],
  ['/api/chat.postMessage', '/api/chat.postMessage', []],
  ['/users/alice', '/users/{s}', []],
  ['/users/alice@example.com/', '/users/{email}/', []],
  ['/users/alice%40example.com', '/users/{email}', []],
  ['/files/3f6c2f0e-6b9e-4a58-9d2a-0c0f7e1f2a3b/download', '/files/{uuid}/download', []],
  ['/commit/9b1c819aa41', '/commit/{hex}', []],
  ['/bot123456:AAF-xyz_0123456789/sendMessage', '/{token}/sendMessage', []],
  ['/services/T024BE7LD/B0/abcDEFghiJKLmnoPQRstu', '/services/{s}/{s}/{token}', []],
  ['/2024-05-01/report.json', '/{n}/report.json', []],
  ['/a/b/..;/c', '/a/{s}/{s}/{s}', []],
  ['/correct-horse-battery-staple', '/{s}', []],
  ['/order-item-list-export', '/{s}', []],
  ['/.well-known/openid-configuration', '/.well-known/openid-configuration', []],
  ['/search?q=secret&page=2&q=again', '/search', ['q', 'page']],
  ['/search?token', '/search', ['{value}']],
  ['/search?sk_live_4eC39HqLyjWDarjtT1=1&a[b]=2&&=3', '/search', ['{value}', 'a[b]']],
  ['/search#fragment?x=1', '/search', []],
  ['https://user:password@proxied.example/v1/items?x=1', '/v1/items', ['x']],
  ['proxied.example:443', '{token}', []],
  ['*', '*', []],
  ['', '', []],
  ['/%E0%A4%A', '/{s}', []],
  ['//double//', '//{s}//', []],
] as const) {
  test(`by default ${JSON.stringify(raw)} is kept as ${path} ${keys.join(' ')}`, () => {
    const kept = policy.target(target(raw));
    assert.equal(kept.path, path);
    assert.deepEqual(kept.queryKeys, keys);
  });
}

test('in strict mode only the depth of a path and the number of query keys remain', () => {
  const kept = strict.target(target('/v1/orders/4711/?page=1&q=2'));
  assert.equal(kept.path, '/{s}/{s}/{s}/');
  assert.deepEqual(kept.queryKeys, ['{value}', '{value}']);
});

test('a path of a thousand segments is kept as its first 64 and one more', () => {
  assert.equal(policy.target(target('/order'.repeat(1000))).path, `${'/order'.repeat(64)}/{s}`);
});

/** Secrets as they occur: keys, passwords, names, mail addresses, ids; each unlike any listed word. */
const canary = fc.oneof(
  fc.stringMatching(/^[a-z]{3}zq[a-z]{2,12}$/),
  fc.stringMatching(/^[A-Za-z0-9]{20,40}$/).filter((text) => /\d/.test(text)),
  fc.uuid(),
  fc.stringMatching(/^[a-z]{2,8}zq@[a-z]{2,8}\.com$/),
  fc.stringMatching(/^[0-9]{6,16}$/),
  fc.stringMatching(/^zq[äöüß]{2,9}$/),
);
const encoded = fc.boolean();

function secretsIn(kept: unknown, secret: string): boolean {
  const text = JSON.stringify(kept).toLowerCase();
  return text.includes(secret.toLowerCase()) || text.includes(encodeURIComponent(secret).toLowerCase());
}

test('a secret in a path segment, query value, bare query, fragment or userinfo is in nothing that is kept', () => {
  fc.assert(
    fc.property(canary, encoded, fc.boolean(), (secret, encode, isStrict) => {
      const text = encode ? encodeURIComponent(secret) : secret;
      const kept = isStrict ? strict : policy;
      for (const raw of [
        `/v1/${text}`,
        `/v1/${text}/orders`,
        `/v1/order-${text}`,
        `/v1/order;id=${text}`,
        `/?q=${text}`,
        `/?${text}`,
        `/?a&${text}&b=1`,
        `/#${text}`,
        `/?a=1#${text}`,
        `https://${text}:${text}@host.example/v1`,
        `https://host.example/${text}?x=${text}`,
        text,
      ]) {
        const { path, queryKeys } = kept.target(target(raw));
        assert.ok(!secretsIn([path, queryKeys], secret), `${raw} → ${path} ${queryKeys.join(' ')}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('in strict mode a secret in a query key, a header name, a local path is in nothing that is kept', () => {
  fc.assert(
    fc.property(canary, (secret) => {
      assert.ok(!secretsIn(strict.target(target(`/?${secret}=1&x${secret}=2`)), secret));
      assert.ok(!secretsIn(strict.headerNames([secret, `x-${secret}`, 'Accept']), secret));
      assert.ok(!secretsIn(strict.localPath(`/run/${secret}/${secret}.sock`), secret));
    }),
    { numRuns: 300 },
  );
});

test('by default an id in a query key, a header name or a local path is masked', () => {
  const id = fc.oneof(
    fc.uuid(),
    fc.stringMatching(/^[0-9]{6,16}$/),
    fc.stringMatching(/^[0-9a-f]{16,40}$/).filter((text) => /\d/.test(text)),
  );
  fc.assert(
    fc.property(id, (secret) => {
      assert.ok(!secretsIn(policy.target(target(`/?${secret}=1&key_${secret}=2`)).queryKeys, secret));
      assert.ok(!secretsIn(policy.headerNames([`x-user-${secret}`, secret]), secret));
      assert.ok(!secretsIn(policy.localPath(`/run/app-${secret}/${secret}.sock`), secret));
    }),
    { numRuns: 300 },
  );
});

test('what is kept is made of listed words, API versions and placeholders alone, whatever comes', () => {
  const kept = /^(\{(n|uuid|hex|email|token|s)\}|v\d[\d.a-z]*|[A-Za-z0-9._-]*|\*)$/;
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webPath({ size: 'medium' })), (raw) => {
      for (const segment of policy.target(target(`/${raw}`)).path.split('/')) assert.match(segment, kept);
      for (const segment of strict.target(target(`/${raw}`)).path.split('/')) assert.match(segment, /^(\{s\})?$/);
    }),
    { numRuns: 500 },
  );
});

test('header names become lower-case RFC tokens, each once, ids in them masked, others left out', () => {
  const names = [
    'Content-Type',
    'content-type',
    'X-Request-4f9a8b7c6d5e',
    ':path',
    'bad name',
    'x'.repeat(65),
    'X-Api-Key',
    'X-12345-Y',
  ];
  assert.deepEqual(policy.headerNames(names), ['content-type', 'x-request-*', 'x-api-key', 'x-*-y']);
  assert.deepEqual(strict.headerNames(names), ['content-type']);
});

for (const [raw, kept, keptStrict] of [
  ['/var/run/docker.sock', '/var/run/docker.sock', '/{s}/{s}/{s}'],
  ['/home/alice/app/server.sock', '/home/{s}/app/server.sock', '/{s}/{s}/{s}/{s}'],
  ['/run/user/1000/bus', '/run/user/{n}/bus', '/{s}/{s}/{s}/{s}'],
  ['C:\\Users\\alice\\pipe', 'C:/Users/{s}/pipe', '{s}/{s}/{s}/{s}'],
  ['/tmp/3f6c2f0e-6b9e-4a58-9d2a-0c0f7e1f2a3b.sock', '/tmp/{token}', '/{s}/{s}'],
  ['\0abstract-name', '@abstract-name', '{s}'],
  ['git', 'git', 'git'],
  ['git+curl', 'git+curl', 'git+curl'],
  ['tool', 'tool', '{s}'],
  ['./bin/some tool', './bin/{s}', './{s}/{s}'],
] as const) {
  test(`the local path ${JSON.stringify(raw)} is kept as ${kept}`, () => {
    assert.equal(policy.localPath(raw), kept);
    assert.equal(strict.localPath(raw), keptStrict);
  });
}

test('the fingerprint is HMAC-SHA-256 over length-prefixed fields, whatever the mode', () => {
  const raw = '/v1/gr%C3%B6%C3%9Fe/ö?a=1#x';
  const text = '3:GET5:https15:api.example.com3:44322:/v1/gr%C3%B6%C3%9Fe/ö3:a=1';
  const expected = createHmac('sha256', KEY.bytes).update(text).digest('hex').slice(0, 32);
  assert.equal(policy.target(target(raw)).fingerprint, expected);
  assert.equal(strict.target(target(raw)).fingerprint, policy.target(target(raw)).fingerprint);
});

test('fingerprints differ when anything differs, and say when the key was made by the process', () => {
  const print = (raw: string, host?: string): string => policy.target(target(raw, host)).fingerprint;
  assert.notEqual(print('/a?b=1'), print('/a?b=2'));
  assert.notEqual(print('/a'), print('/a', 'other.example'));
  const own = new Redaction({ strict: false, key: { bytes: Buffer.alloc(100, 1), own: true } });
  assert.match(own.target(target('/a')).fingerprint, /^p\.[0-9a-f]{32}$/);
});

for (const [host, kept] of [
  ['api.example.com', 'api.example.com'],
  ['9b1c819aa41d.example.com', '{hex}.example.com'],
  ['3f6c2f0e-6b9e-4a58-9d2a-0c0f7e1f2a3b.data.example.co.uk', '{uuid}.data.example.co.uk'],
  ['9b1c819aa41d.com', '9b1c819aa41d.com'],
  ['10.20.30.4000', '10.20.30.4000'],
  ['2001:db8::12345678', '2001:db8::12345678'],
  ['localhost', 'localhost'],
] as const) {
  test(`in strict mode the host ${host} is kept as ${kept}, by default as it is`, () => {
    assert.equal(strict.hostName(host), kept);
    assert.equal(policy.hostName(host), host);
  });
}

test("an application's policy can take away more, and one that returns everything gives nothing back", () => {
  const current = new CurrentRedaction(DEFAULT_SETTINGS);
  const raw = target('/v1/orders/alice/secretzq?page=1&customer=2');
  const built = { path: '/v1/orders/{s}/{s}', queryKeys: ['page', 'customer'] };
  const keptOf = (): unknown => {
    const { path, queryKeys } = current.target(raw);
    return { path, queryKeys };
  };
  assert.deepEqual(keptOf(), built);
  const shown: string[] = [];
  const all = restrictRedaction({
    path: (_host, path) => {
      shown.push(path);
      return '/v1/orders/alice/secretzq/and/more';
    },
    queryKey: () => true,
    headerName: () => true,
  });
  assert.deepEqual(keptOf(), built);
  assert.deepEqual(shown, [built.path], 'it is shown what is left only');
  all();
  const less = restrictRedaction({
    path: (_host, path) => path.replace('orders', '{token}'),
    queryKey: (_host, key) => key !== 'customer',
    headerName: (name) => name !== 'x-tenant',
  });
  assert.deepEqual(keptOf(), { path: '/v1/{token}/{s}/{s}', queryKeys: ['page'] });
  assert.deepEqual(current.headerNames(['Accept', 'X-Tenant']), ['accept']);
  less();
  const broken = restrictRedaction({
    path: () => {
      throw new Error('broken');
    },
  });
  assert.deepEqual(keptOf(), { ...built, path: '/{s}/{s}/{s}/{s}' });
  broken();
});
