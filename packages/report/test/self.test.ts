import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isOwnPackage, isSelf, selfDeclares } from '../src/self.ts';

for (const [name, own] of [
  ['outwitness', true],
  ['@outwitness/agent', true],
  ['@outwitness/', true],
  ['outwitness-plugin', false],
  ['@outwitnesses/agent', false],
  ['', false],
  [undefined, false],
] as const) {
  test(`${name ?? '(absent)'} is ${own ? 'ours' : 'not ours'}`, () => assert.equal(isOwnPackage(name), own));
}

test('a call is ours by its application or by its package', () => {
  assert.ok(isSelf({ app: 'outwitness' }));
  assert.ok(isSelf({ app: 'shop', package: '@outwitness/agent' }));
  assert.ok(!isSelf({ app: 'shop', package: 'client' }));
});

test('an announcement covers what it names and nothing beside it', () => {
  const declared = [
    { channel: 'process', path: 'node' },
    { channel: 'http', host: '127.0.0.1' },
  ];
  assert.ok(selfDeclares(declared, { channel: 'process', path: 'node' }));
  assert.ok(selfDeclares(declared, { channel: 'http', host: '127.0.0.1', port: 1 }));
  assert.ok(!selfDeclares(declared, { channel: 'process', path: 'curl' }));
  assert.ok(!selfDeclares(declared, { channel: 'undici', host: '127.0.0.1' }));
  assert.ok(!selfDeclares(declared, { channel: 'http', host: '127.0.0.2' }));
  assert.ok(!selfDeclares([], { channel: 'process', path: 'node' }));
});
