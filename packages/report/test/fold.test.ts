import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HostsHeld, NetRow, Outcome, Phase, RollupEntry } from '@outwitness/event';
import fc from 'fast-check';

import { addEntries, fold, keyText, MAX_HOSTS } from '../src/fold.ts';
import { draft, HOUR, NOW, NOW_HOUR, omit } from './sample.ts';

const NOTHING_HELD: HostsHeld = () => new Set();

function row(seq: number, change: Partial<NetRow> = {}): NetRow {
  return { ...draft(), class: 'unclassified', declared: 'none', catalogue: 'c'.repeat(64), seq, ...change };
}

test('one outbound row makes one entry', () => {
  assert.deepEqual(fold([row(9, { bytesOut: 5, bytesIn: 7, vendor: 'Acme', class: 'vendor' })], NOTHING_HELD), [
    {
      hour: NOW_HOUR,
      app: 'shop',
      direction: 'out',
      channel: 'http',
      package: 'client',
      host: 'api.example.test',
      port: 443,
      class: 'vendor',
      declared: 'none',
      vendor: 'Acme',
      events: 1,
      errors: 0,
      bytesOut: 5,
      bytesIn: 7,
      firstSeq: 9,
      lastSeq: 9,
    },
  ]);
});

test('an inbound row is folded under its listener and local port, never under what the client asked for', () => {
  const inbound = row(1, { direction: 'in', host: 'evil.test', port: 6666, listener: 'shop.test', localPort: 80 });
  const [entry] = fold([inbound], NOTHING_HELD);
  assert.equal(entry?.host, 'shop.test');
  assert.equal(entry.port, 80);
  const [unknown] = fold([omit(inbound, 'listener', 'localPort')], NOTHING_HELD);
  assert.equal(unknown?.host, '(other)');
  assert.equal(unknown.port, -1);
});

test('what is absent is an empty text, an absent port −1', () => {
  const [entry] = fold([omit(row(1), 'host', 'port', 'package', 'vendor')], NOTHING_HELD);
  assert.deepEqual([entry?.host, entry?.port, entry?.package, entry?.vendor], ['', -1, '', '']);
});

for (const [phase, outcome, events, errors, bytes] of [
  ['whole', 'ok', 1, 0, 5],
  ['whole', 'error', 1, 1, 5],
  ['whole', 'lost', 1, 1, 5],
  ['open', undefined, 1, 0, 0],
  ['end', 'ok', 0, 0, 5],
  ['end', 'timeout', 0, 1, 5],
] as const) {
  test(`phase ${phase} with outcome ${outcome ?? 'absent'}: ${events} events, ${errors} errors, ${bytes} bytes`, () => {
    const given = row(1, { phase, bytesOut: 5 });
    const [entry] = fold([outcome === undefined ? omit(given, 'outcome') : { ...given, outcome }], NOTHING_HELD);
    assert.deepEqual([entry?.events, entry?.errors, entry?.bytesOut], [events, errors, bytes]);
  });
}

test('a local call is folded nowhere', () => {
  assert.deepEqual(fold([row(1, { outcome: 'local' })], NOTHING_HELD), []);
});

test('a row with skew is folded by the time of draining', () => {
  const [entry] = fold([row(1, { time: NOW - 50 * HOUR, skew: 50 * HOUR })], NOTHING_HELD);
  assert.equal(entry?.hour, NOW_HOUR);
  const [future] = fold([row(1, { time: NOW + 50 * HOUR, skew: -50 * HOUR })], NOTHING_HELD);
  assert.equal(future?.hour, NOW_HOUR);
});

test('the hour begins at its first microsecond, before 1970 as well', () => {
  const hours = [NOW_HOUR * HOUR, NOW_HOUR * HOUR - 1, -1].map(
    (time) => fold([row(1, { time })], NOTHING_HELD)[0]?.hour,
  );
  assert.deepEqual(hours, [NOW_HOUR, NOW_HOUR - 1, -1]);
});

test('host 10,001 of an hour and package goes under (other), a known one does not', () => {
  const held = new Set(Array.from({ length: MAX_HOSTS - 1 }, (_, i) => `h${i}.test`));
  const rows = ['h5.test', 'last.test', 'more.test', 'last.test', 'even-more.test', 'h6.test'].map((host, i) =>
    row(i, { host }),
  );
  const hosts = fold(rows, (hour, name) => (hour === NOW_HOUR && name === 'client' ? held : new Set())).map((entry) => [
    entry.host,
    entry.events,
  ]);
  assert.deepEqual(hosts, [
    ['h5.test', 1],
    ['last.test', 2],
    ['(other)', 2],
    ['h6.test', 1],
  ]);
});

test('the limit of hosts counts per hour and package', () => {
  const full = new Set(Array.from({ length: MAX_HOSTS }, (_, i) => `h${i}.test`));
  const held: HostsHeld = (hour, name) => (hour === NOW_HOUR && name === 'client' ? full : new Set());
  const rows = [row(1), row(2, { package: 'other' }), row(3, { time: NOW + HOUR })];
  assert.deepEqual(
    fold(rows, held).map((entry) => entry.host),
    ['(other)', 'api.example.test', 'api.example.test'],
  );
});

/** As simple as the format's text: one row at a time into a table, hosts counted anew for each. */
function recompute(rows: readonly NetRow[]): Map<string, RollupEntry> {
  const table = new Map<string, RollupEntry>();
  for (const one of rows) {
    if (one.outcome === 'local') continue;
    const hour = Math.floor((one.time + (one.skew ?? 0)) / HOUR);
    const name = one.package ?? '';
    let host = (one.direction === 'in' ? one.listener : one.host) ?? (one.direction === 'in' ? '(other)' : '');
    const hosts = new Set([...table.values()].filter((e) => e.hour === hour && e.package === name).map((e) => e.host));
    if (hosts.size >= MAX_HOSTS && !hosts.has(host)) host = '(other)';
    const key = {
      hour,
      app: one.app,
      direction: one.direction,
      channel: one.channel,
      package: name,
      host,
      port: (one.direction === 'in' ? one.localPort : one.port) ?? -1,
      class: one.class,
      declared: one.declared,
      vendor: one.vendor ?? '',
    };
    const id = keyText(key);
    const old = table.get(id) ?? {
      ...key,
      events: 0,
      errors: 0,
      bytesOut: 0,
      bytesIn: 0,
      firstSeq: one.seq,
      lastSeq: one.seq,
    };
    const ends = one.phase !== 'open';
    table.set(id, {
      ...old,
      events: old.events + (one.phase === 'end' ? 0 : 1),
      errors: old.errors + (ends && one.outcome !== 'ok' ? 1 : 0),
      bytesOut: old.bytesOut + (ends ? (one.bytesOut ?? 0) : 0),
      bytesIn: old.bytesIn + (ends ? (one.bytesIn ?? 0) : 0),
      firstSeq: Math.min(old.firstSeq, one.seq),
      lastSeq: Math.max(old.lastSeq, one.seq),
    });
  }
  return table;
}

const anyRow = fc
  .record(
    {
      time: fc.constantFrom(NOW, NOW + HOUR, NOW - HOUR),
      skew: fc.constantFrom(HOUR, -HOUR),
      direction: fc.constantFrom('in' as const, 'out' as const),
      host: fc.constantFrom('a.test', 'b.test', 'c.test'),
      listener: fc.constantFrom('shop.test', '127.0.0.1'),
      package: fc.constantFrom('client', 'other'),
      port: fc.constantFrom(443, 80),
      localPort: fc.constantFrom(8080),
      bytesOut: fc.nat(1000),
      bytesIn: fc.nat(1000),
      class: fc.constantFrom('internal' as const, 'vendor' as const),
      declared: fc.constantFrom('yes' as const, 'no' as const),
      vendor: fc.constantFrom('Acme'),
      outcome: fc.constantFrom<Outcome>('ok', 'error', 'local'),
      phase: fc.constantFrom<Phase>('whole', 'open', 'end'),
    },
    { requiredKeys: ['time', 'direction', 'class', 'declared', 'outcome', 'phase'] },
  )
  .map((change) => omit(row(0, change), ...(['host', 'port', 'package'] as const).filter((name) => !(name in change))));
const anyRows = fc.array(anyRow, { maxLength: 60 }).map((rows) => rows.map((one, seq) => ({ ...one, seq })));

function sumUp(entries: Iterable<RollupEntry>, into: Map<string, RollupEntry> = new Map()): Map<string, RollupEntry> {
  for (const entry of entries) {
    const before = into.get(keyText(entry));
    into.set(keyText(entry), before === undefined ? entry : addEntries(before, entry));
  }
  return into;
}

test('a batch folds to what a naive recomputation makes of it', () => {
  fc.assert(fc.property(anyRows, (rows) => assert.deepEqual(sumUp(fold(rows, NOTHING_HELD)), recompute(rows))));
});

test('folding in pieces gives the same table as folding whole', () => {
  fc.assert(
    fc.property(anyRows, fc.array(fc.nat(60), { maxLength: 4 }), (rows, cuts) => {
      const whole = sumUp(fold(rows, NOTHING_HELD));
      const pieces = new Map<string, RollupEntry>();
      const ends = [...cuts.toSorted((a, b) => a - b), rows.length];
      let from = 0;
      for (const to of ends) {
        const held: HostsHeld = (hour, name) =>
          new Set([...pieces.values()].filter((e) => e.hour === hour && e.package === name).map((e) => e.host));
        sumUp(fold(rows.slice(from, to), held), pieces);
        from = Math.max(from, to);
      }
      assert.deepEqual(pieces, whole);
    }),
  );
});

test('every call is in the table once: events add up to the rows that begin a call', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const events = fold(rows, NOTHING_HELD).reduce((total, entry) => total + entry.events, 0);
      assert.equal(events, rows.filter((one) => one.outcome !== 'local' && one.phase !== 'end').length);
    }),
  );
});

test('at the limit of hosts it agrees with the naive recomputation, in one batch and in two', () => {
  const rows = Array.from({ length: MAX_HOSTS + 3 }, (_, i) => row(i, { host: `h${i}.test` }));
  const whole = fold([...rows, row(MAX_HOSTS + 3, { host: 'h0.test' })], NOTHING_HELD);
  assert.equal(whole.length, MAX_HOSTS + 1);
  assert.deepEqual(whole.at(-1)?.host, '(other)');
  assert.equal(whole.at(-1)?.events, 3);
  assert.equal(whole[0]?.events, 2);
});
