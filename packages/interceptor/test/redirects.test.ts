import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Redirects } from '../src/redirects.ts';
import type { Origin } from '../src/ports.ts';

const from = { scheme: 'http', host: 'a.test', port: 80, rawPath: '/start' };
const to = { scheme: 'http', host: 'a.test', port: 80, rawPath: '/end?x=1' };
const headers = ['Content-Length', '0', 'Location', '/end?x=1'];
const nobody: Origin = { basis: 'none' };
const client: Origin = { package: 'follow-redirects', via: ['follow-redirects'], basis: 'transport' };
const shop: Origin = { package: 'shop', via: ['follow-redirects', 'axios'], basis: 'stack' };

describe('the next hop of a redirect', () => {
  it('is by whoever made the first call, if the stack names nobody or the client that carried it', () => {
    for (const caller of [nobody, client]) {
      const redirects = new Redirects();
      redirects.remember(shop, from, headers, 0);
      assert.deepEqual(redirects.inherit(to, caller, 1000), { ...shop, basis: 'async' });
      assert.equal(redirects.inherit(to, caller, 1000), caller, 'one hop is one call');
    }
  });

  it('stays with whom the stack names', () => {
    const redirects = new Redirects();
    redirects.remember(shop, from, headers, 0);
    const other: Origin = { package: 'other', basis: 'stack' };
    assert.equal(redirects.inherit(to, other, 1000), other);
  });

  it('is nobody else’s: not of another client, another place or a later time', () => {
    const redirects = new Redirects();
    const got: Origin = { package: 'got', via: ['got'], basis: 'transport' };
    redirects.remember(shop, from, headers, 0);
    assert.equal(redirects.inherit(to, got, 1000), got);
    redirects.remember(shop, from, headers, 0);
    assert.equal(redirects.inherit({ ...to, rawPath: '/end' }, client, 1000), client);
    assert.equal(redirects.inherit(to, client, 10_000_000), client);
  });

  it('is nobody’s where two callers were sent to one place', () => {
    const redirects = new Redirects();
    redirects.remember(shop, from, headers, 0);
    redirects.remember({ ...shop, package: 'other' }, from, headers, 0);
    assert.equal(redirects.inherit(to, client, 1000), client);
  });

  it('forgets the oldest of many, and takes no nonsense for a place', () => {
    const redirects = new Redirects();
    redirects.remember(shop, from, ['Location', 'http://['], 0);
    redirects.remember(shop, from, headers, 0);
    for (let i = 0; i < 300; i++) redirects.remember(shop, from, ['location', `/${i}`], 0);
    assert.equal(redirects.inherit(to, client, 1000), client);
    assert.equal(redirects.inherit({ ...to, rawPath: '/299' }, client, 1000).package, 'shop');
  });
});
