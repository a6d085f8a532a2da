import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { pathMatch } from '../src/path-pattern.ts';

for (const [pattern, path, matches] of [
  ['/v1/check', '/v1/check', true],
  ['/v1/check', '/v1/check/', true],
  ['/v1/check', '/v1/checks', false],
  ['/v1/check', '/v1', false],
  ['/v1/check', '/v1/check/more', false],
  ['/v1/check', '/v2/check', false],
  ['/', '/', true],
  ['/', '', true],
  ['/', '/a', false],
  ['/*', '/a', true],
  ['/*', '/', false],
  ['/v1/*', '/v1/a/b/c', true],
  ['/v1/*', '/v1', false],
  ['/v1/*/items', '/v1/a/items', true],
  ['/v1/*/items', '/v1/a/b/items', false],
  ['/v1/{id}/items', '/v1/{n}/items', true],
  ['/v1/{id}', '/v1/a/b', false],
  ['/v1/check', '/v1/{s}', true],
  ['/v1/check', '/{s}/{s}', true],
  ['/v1/check', '/{s}/{s}/{s}', false],
  ['/v1/check', '/v1/{n}', false],
  ['/v1/42', '/v1/{n}', true],
  ['/v1/check', '/v1/{uuid}', false],
  ['/v1/deadbeef', '/v1/{hex}', true],
  ['/v1/check', '/v1/{hex}', false],
  ['/v1/a@b.test', '/v1/{email}', true],
  ['/v1/check', '/v1/{email}', false],
  ['/v1/check', '/v1/{token}', false],
  ['/v1/abcdefgh12', '/v1/{token}', true],
] as const) {
  test(`${pattern} ${matches ? 'covers' : 'does not cover'} ${path}`, () => {
    assert.equal(pathMatch(pattern, path), matches);
  });
}

const segment = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
const segments = fc.array(segment, { minLength: 1, maxLength: 5 });

test('a path covers itself, and is covered when its last segments become a wildcard', () => {
  fc.assert(
    fc.property(segments, fc.nat(4), (parts, at) => {
      const path = `/${parts.join('/')}`;
      assert.ok(pathMatch(path, path));
      const kept = parts.slice(0, at % parts.length);
      assert.ok(pathMatch(`/${[...kept, '*'].join('/')}`, path));
    }),
  );
});

test('strict redaction, which keeps the depth only, contradicts no path of the same depth', () => {
  fc.assert(
    fc.property(segments, (parts) => {
      assert.ok(pathMatch(`/${parts.join('/')}`, `/${parts.map(() => '{s}').join('/')}`));
      assert.ok(!pathMatch(`/${parts.join('/')}`, `/${[...parts, 'x'].map(() => '{s}').join('/')}`));
    }),
  );
});
