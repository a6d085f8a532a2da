import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseCatalogue } from '../../src/catalogue.ts';
import { newPair } from '../../src/rules/new-pair.ts';
import {
  DAY,
  facts,
  fired,
  HOUR,
  LEDGER,
  ledger,
  NOW,
  NOW_HOUR,
  omit,
  pair,
  reason,
  rowsOf,
  SETTINGS,
} from '../sample.ts';

test('fires once per pair, names package, version, destination and place, and how to acknowledge it', () => {
  const finding = fired(newPair, {
    pairs: [pair({ events: 900 })],
    ...rowsOf({ seq: 100, time: NOW, packageVersion: '2.0.0', site: 'lib/a.js:3:1 go' }),
  });
  assert.match(
    finding.text,
    /^1 new destination: package client 2\.0\.0 contacted new\.example\.test:443 \(in lib\/a\.js, line 3 \(go\)\)/,
  );
  assert.match(finding.action, /outwitness ack "client -> new\.example\.test:443" --why/);
  assert.equal(finding.count, 1);
  assert.equal(finding.cases[0]?.count, 900);
  assert.equal(finding.cases[0]?.site, 'lib/a.js:3:1 go');
});

test('two applications, one pair: the older one knows it for both', () => {
  const old = pair({ app: 'shop', firstHour: NOW_HOUR - 20 * 24, firstSeq: 3 });
  const fresh = pair({ app: 'admin', firstHour: NOW_HOUR, firstSeq: 300 });
  assert.equal(newPair.evaluate(facts({ pairs: [old, fresh] })), undefined);
  assert.equal(fired(newPair, { pairs: [fresh] }).count, 1);
});

for (const [what, change] of [
  ['it is inside', { class: 'internal' }],
  ['the manifest declares it', { declared: 'yes' }],
  ['it has no host', { host: '', port: -1 }],
  ['nobody could be named: that is another rule', { package: '' }],
  ['a watched vendor was called outside its declaration: that is an alarm', { class: 'vendor', declared: 'no' }],
  ['it is older than the period', { firstHour: NOW_HOUR - 40 }],
  ['it appears after the period', { firstHour: NOW_HOUR + 2 }],
] as const) {
  test(`does not fire if ${what}`, () => {
    assert.equal(newPair.evaluate(facts({ pairs: [pair(change)] })), undefined);
  });
}

for (const [what, change] of [
  ['declared in part', { declared: 'beyond', class: 'third-party' }],
  ['not declared by a package that declares others', { declared: 'no' }],
  ['of a watched vendor by a package that declares nothing', { class: 'vendor' }],
  ['known to the catalogue but new for this package', { class: 'third-party' }],
] as const) {
  test(`fires for a destination ${what}`, () => assert.equal(fired(newPair, { pairs: [pair(change)] }).count, 1));
}

test('a pair is as well explained as its worst call', () => {
  for (const declared of [
    ['yes', 'no'],
    ['no', 'yes'],
  ] as const) {
    assert.equal(fired(newPair, { pairs: declared.map((word, i) => pair({ declared: word, firstSeq: i })) }).count, 1);
  }
});

test('does not fire for an acknowledged pair', () => {
  const catalogue = parseCatalogue('{"version":1,"acknowledged":["client -> new.example.test:443"]}');
  assert.equal(newPair.evaluate(facts({ catalogue, pairs: [pair()] })), undefined);
  assert.equal(fired(newPair, { catalogue, pairs: [pair({ port: 80 })] }).count, 1);
});

test('does not fire inside the learning window, and not for what was seen in it', () => {
  assert.equal(newPair.evaluate(facts({ ...ledger({ firstRowAt: NOW - DAY }), pairs: [pair()] })), undefined);
  const ended = ledger({ firstRowAt: NOW - 7 * DAY - 5 * HOUR });
  const during = pair({ firstHour: NOW_HOUR - 7 });
  assert.equal(newPair.evaluate(facts({ ...ended, pairs: [during] })), undefined);
  assert.equal(fired(newPair, { ...ended, pairs: [pair({ firstHour: NOW_HOUR - 2 })] }).count, 1);
});

test('in the hour in which the window ends the time of the first row decides', () => {
  const until = NOW - 2 * HOUR;
  const change = { ...ledger({ firstRowAt: until - 7 * DAY }), pairs: [pair({ firstHour: NOW_HOUR - 2 })] };
  assert.equal(newPair.evaluate(facts({ ...change, ...rowsOf({ seq: 100, time: until - 1 }) })), undefined);
  assert.ok(newPair.evaluate(facts({ ...change, ...rowsOf({ seq: 100, time: until }) })));
});

test('with a learning window of 0 days every unexplained pair is new, in the first hour too', () => {
  const change = { ...ledger({ firstRowAt: NOW - 1 }), settings: { ...SETTINGS, learnDays: 0 } };
  assert.equal(fired(newPair, { ...change, pairs: [pair()], ...rowsOf({ seq: 100, time: NOW }) }).count, 1);
});

test('a look-up says no more than the connection that follows it, but something if none follows', () => {
  const lookup = pair({ port: -1, firstSeq: 99 });
  assert.equal(fired(newPair, { pairs: [lookup, pair()] }).count, 1);
  assert.match(fired(newPair, { pairs: [lookup] }).text, /contacted new\.example\.test\. Until now/);
});

test('an application asked for hears of its own pairs', () => {
  assert.equal(newPair.evaluate(facts({ app: 'admin', pairs: [pair()] })), undefined);
  assert.equal(fired(newPair, { app: 'shop', pairs: [pair()] }).count, 1);
});

test('asks for the first row of each candidate', () => {
  assert.deepEqual(newPair.evidence?.(facts({ pairs: [pair(), pair({ host: 'b.test', firstSeq: 120 })] })), [120, 100]);
});

test('does not fire before the first row', () => {
  assert.equal(newPair.evaluate(facts({ ledger: omit(LEDGER, 'firstRowAt'), pairs: [pair()] })), undefined);
});

test('is attention', () => assert.equal(reason('new-pair', { pairs: [pair()] })?.severity, 'attention'));
