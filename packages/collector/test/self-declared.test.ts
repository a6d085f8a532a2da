/** What a package of ours may call from inside an audited process: the report of this collector, and nothing beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfDeclares } from '@outwitness/report';
import { askedByAddon, SELF_DECLARED } from '../src/self-declared.ts';

const CALL = { channel: 'urllib', host: '127.0.0.1', port: 4711, path: '/issuer/link', package: 'outwitness' };

test('the add-on is announced at the address and port of the report, on each channel that it may show on', () => {
  const announced = askedByAddon('http://127.0.0.1:4711');
  for (const channel of ['urllib', 'tls', 'tcp']) assert.ok(selfDeclares(announced, { ...CALL, channel }), channel);
  assert.ok(selfDeclares(announced, { ...CALL, path: '/{s}/{s}' }), 'in strict mode');
  assert.ok(!selfDeclares(SELF_DECLARED, CALL), 'where no report is shown');
});

test('another port, address, channel or package is not', () => {
  const announced = [...SELF_DECLARED, ...askedByAddon('http://127.0.0.1:4711')];
  for (const other of [
    { port: 4712 },
    { host: '127.0.0.2' },
    { host: 'report.example' },
    { channel: 'requests' },
    { channel: 'udp' },
    { package: 'vendor_insight' },
  ])
    assert.ok(!selfDeclares(announced, { ...CALL, ...other }), JSON.stringify(other));
});

test('an address without a port, or of six groups, is read as it is', () => {
  assert.ok(selfDeclares(askedByAddon('https://localhost'), { ...CALL, host: 'localhost', port: 443 }));
  assert.ok(selfDeclares(askedByAddon('http://[::1]:4711'), { ...CALL, host: '::1' }));
});
