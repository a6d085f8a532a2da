import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCatalogue } from '../../src/catalogue.ts';
import { childProcess } from '../../src/rules/child-process.ts';
import { nativeAddon } from '../../src/rules/native-addon.ts';
import { facts, fired, ledger, NOW, program, reason } from '../sample.ts';

for (const [name, fires] of [
  ['curl', true],
  ['CURL.EXE', true],
  ['ssh', true],
  ['git', true],
  ['git+curl', true],
  ['g++', false],
  ['node', false],
  ['convert', false],
  ['sh', false],
] as const) {
  test(`child-process ${fires ? 'fires' : 'does not fire'} for ${name}`, () => {
    assert.equal(childProcess.evaluate(facts({ programs: [program({ program: name })] })) !== undefined, fires);
  });
}

test('child-process names package and program and counts starts', () => {
  const finding = fired(childProcess, { programs: [program({ events: 2 }), program({ program: 'wget', events: 1 })] });
  assert.match(finding.text, /package client started curl and package client started wget \(3 times\)/);
  assert.equal(finding.count, 3);
  assert.deepEqual(finding.cases[0]?.link.where, {
    kind: 'net',
    app: 'shop',
    channel: 'process',
    package: 'client',
    path: 'curl',
  });
});

const addon = program({ channel: 'native', program: 'build/Release/sharp.node', package: 'sharp', events: 1 });

test('native-addon fires after the learning window, for each addon once', () => {
  const finding = fired(nativeAddon, { programs: [addon, program()] });
  assert.match(finding.text, /^1 native addon was loaded \(sharp\)/);
  assert.equal(finding.count, 1);
  assert.equal(nativeAddon.evaluate(facts({ programs: [addon], ...ledger({ firstRowAt: NOW }) })), undefined);
});

test('native-addon does not fire for the allocator of a threaded Odoo, but for an addon that loads the C library', () => {
  const libc = program({ channel: 'native', program: 'libc.so.6', package: '(odoo)', events: 1 });
  assert.equal(nativeAddon.evaluate(facts({ programs: [libc] })), undefined);
  assert.equal(fired(nativeAddon, { programs: [libc, { ...libc, package: 'vendor_licence' }] }).count, 1);
  assert.equal(fired(nativeAddon, { programs: [{ ...libc, program: 'libcurl.so.4' }] }).count, 1);
});

test('neither fires for what is acknowledged', () => {
  const catalogue = parseCatalogue(
    JSON.stringify({
      version: 1,
      acknowledged: ['client -> process:curl', 'sharp -> native:build/Release/sharp.node'],
    }),
  );
  const change = { catalogue, programs: [program(), addon] };
  assert.equal(childProcess.evaluate(facts(change)), undefined);
  assert.equal(nativeAddon.evaluate(facts(change)), undefined);
  assert.ok(childProcess.evaluate(facts({ catalogue, programs: [program({ package: 'other' })] })));
});

test('neither fires for what Outwitness starts itself, nor for another application than asked for', () => {
  const own = [program({ app: 'outwitness' }), program({ package: '@outwitness/agent' })];
  assert.equal(childProcess.evaluate(facts({ programs: own })), undefined);
  assert.equal(childProcess.evaluate(facts({ programs: [program()], app: 'admin' })), undefined);
  assert.equal(nativeAddon.evaluate(facts()), undefined);
});

test('both are attention', () => {
  assert.equal(reason('child-process', { programs: [program()] })?.severity, 'attention');
  assert.equal(reason('native-addon', { programs: [addon] })?.severity, 'attention');
});
