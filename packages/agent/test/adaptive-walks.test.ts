import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Attributor, CallKey, Origin } from '@outwitness/interceptor';
import { AdaptiveWalks } from '../src/attribution/adaptive-walks.ts';
import { randomBytes } from '../src/attribution/random-byte.ts';

const KEY: CallKey = { method: 'GET', scheme: 'https', host: 'a.test', port: 443, path: '/v1', agent: undefined };

/** Answers what it is told to, and counts. */
class Walker implements Attributor {
  walks = 0;
  answer: Origin = { package: 'one', packageVersion: '1.0.0', site: 'a.js:1:1 f', chain: ['one'], basis: 'stack' };

  capture(): Origin {
    this.walks++;
    return { ...this.answer };
  }
}

let walker: Walker;
let clock: number;
let dice: number;
let walks: AdaptiveWalks;
beforeEach(() => {
  walker = new Walker();
  clock = 0;
  dice = 1;
  walks = new AdaptiveWalks({ exact: walker, now: () => clock, randomByte: () => dice });
});

function capture(times: number, key: CallKey | undefined = KEY): Origin[] {
  return Array.from({ length: times }, () => walks.capture(undefined, key));
}

/** So many walks in windows of their own that the key is known well. */
function makeKnown(key: CallKey = KEY): void {
  for (let i = 0; i < 32; i++) {
    clock += 100_000;
    walks.capture(undefined, key);
  }
  clock += 100_000;
}

describe('while there are few calls', () => {
  it('every one is walked, however well it is known', () => {
    for (let i = 0; i < 100; i++) {
      clock += 5_001;
      assert.equal(walks.capture(undefined, KEY).basis, 'stack');
    }
    assert.equal(walker.walks, 100);
  });
});

describe('above 20 walks in 100 ms', () => {
  it('a key walked 32 times with one answer is reused, and says so', () => {
    const bases = capture(100).map(({ basis }) => basis);
    assert.deepEqual(bases, [...Array<string>(32).fill('stack'), ...Array<string>(68).fill('cached')]);
    assert.equal(walker.walks, 32);
    assert.deepEqual(walks.capture(undefined, KEY), { ...walker.answer, basis: 'cached' });
  });

  it('the next window has its walks again', () => {
    capture(100);
    clock += 100_000;
    walker.walks = 0;
    assert.equal(capture(100).filter(({ basis }) => basis === 'stack').length, 20);
    assert.equal(walker.walks, 20);
  });

  it('a call without a key is walked, and counts', () => {
    makeKnown();
    for (let i = 0; i < 20; i++) walks.capture(undefined);
    assert.equal(walks.capture(undefined, KEY).basis, 'cached');
    assert.equal(walks.capture(undefined).basis, 'stack');
  });

  it('a known key is walked all the same when chance says so: 1 in 32', () => {
    makeKnown();
    capture(20);
    walker.walks = 0;
    for (dice = 0; dice < 256; dice++) walks.capture(undefined, KEY);
    assert.equal(walker.walks, 8);
  });

  for (const [member, other] of Object.entries({
    method: 'POST',
    scheme: 'http',
    host: 'b.test',
    port: 8443,
    path: '/v2',
    agent: {},
  })) {
    it(`calls that differ in ${member} are no known ones`, () => {
      makeKnown();
      capture(20);
      assert.equal(walks.capture(undefined, KEY).basis, 'cached');
      assert.equal(walks.capture(undefined, { ...KEY, [member]: other }).basis, 'stack');
    });
  }

  it('another Agent instance is another key, the same one is the same', () => {
    const key = { ...KEY, agent: { keepAlive: true } };
    makeKnown(key);
    capture(20, key);
    assert.equal(walks.capture(undefined, { ...key }).basis, 'cached');
    assert.equal(walks.capture(undefined, { ...key, agent: { keepAlive: true } }).basis, 'stack');
  });
});

describe('a key that more than one caller uses', () => {
  for (const [what, other] of [
    ['another package', { package: 'two' }],
    ['another version', { packageVersion: '2.0.0' }],
    ['another place in the package', { site: 'b.js:1:1 g' }],
    ['other packages around it', { chain: ['one', 'three'] }],
    ['another transport', { via: ['axios'] }],
    ['nobody', { basis: 'none' }],
  ] satisfies [string, Partial<Origin>][]) {
    it(`is walked for ever once a walk finds ${what}`, () => {
      makeKnown();
      capture(20);
      const before = walker.answer;
      walker.answer = { ...before, ...other };
      dice = 32;
      assert.deepEqual(walks.capture(undefined, KEY), walker.answer);
      assert.equal(walks.mixed, 1);
      walker.answer = before;
      dice = 1;
      assert.ok(capture(500).every(({ basis }) => basis === 'stack'));
      assert.equal(walks.mixed, 1);
    });
  }

  it('stays mixed when thousands of other keys are forgotten', () => {
    const first = walker.answer;
    walks.capture(undefined, KEY);
    walker.answer = { ...first, package: 'two' };
    walks.capture(undefined, KEY);
    walker.answer = first;
    for (let i = 0; i < 5000; i++) walks.capture(undefined, { ...KEY, host: `h${i}.test` });
    assert.ok(capture(500).every(({ basis }) => basis === 'stack'));
  });
});

for (const basis of ['none', 'transport', 'host', 'context'] as const) {
  it(`an answer by ${basis} is never reused`, () => {
    walker.answer = { ...walker.answer, basis };
    assert.ok(capture(500).every((origin) => origin.basis === basis));
  });
}

it('exact walks for every call, and the choice can change while it runs', () => {
  capture(100);
  walks.adaptive = false;
  walker.walks = 0;
  capture(100);
  assert.equal(walker.walks, 100);
  walks.adaptive = true;
  assert.equal(walks.capture(undefined, KEY).basis, 'cached');
});

it('an answer that is reused cannot be changed by whoever gets it', () => {
  capture(50);
  assert.throws(() => {
    walks.capture(undefined, KEY).package = 'other';
  }, TypeError);
});

it('random bytes are filled in bulk, and each is given once', () => {
  let fills = 0;
  const next = randomBytes((bytes) => {
    fills++;
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i + fills) & 255;
  });
  const given = Array.from({ length: 3000 }, next);
  assert.equal(fills, 3);
  assert.deepEqual(given.slice(0, 3), [1, 2, 3]);
  assert.equal(given[1024], 2);
  const real = randomBytes();
  assert.ok(new Set(Array.from({ length: 4096 }, real)).size > 200);
});
