import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { bundle, DAY, tlogProof } from '@outwitness/ledger';
import { openEngine } from '../src/engine.ts';
import { drained, HELLO, leaves, world, type World } from './support/world.ts';
import { type Verdict, verifyAt } from './support/verify.ts';

const HOUR = 3_600_000_000;
const EPOCH = { rows: 1_000_000, us: 24 * HOUR };

/** A call of its own for each number, with a host that only this one has if `host` says so. */
async function calls(place: World, first: number, count: number, host = 'api.example.com'): Promise<void> {
  const records = [];
  for (let call = first; call < first + count; call++) {
    records.push(
      {
        kind: 'open',
        call,
        direction: 'out',
        channel: 'http',
        host,
        port: 443,
        package: 'stripe',
        time: place.clock.now,
      },
      { kind: 'done', call, outcome: 'ok', bytesOut: 100 + call, bytesIn: 7, time: place.clock.now },
    );
  }
  const from = place.ledger.spools().get(drained([]).name)?.n ?? 0;
  await place.ledger.append({ files: [drained(from === 0 ? [HELLO, ...records] : records, from)] });
}

const codes = ({ exit, findings }: Verdict): unknown[] => [exit, ...new Set(findings.map(({ code }) => code))];

async function keepDays(place: World, days: number): Promise<void> {
  await place.ledger.append({ own: [{ kind: 'policy', keepDays: days, text: `leaves are kept for ${days} days` }] });
}

/** Rows on days 0 to `days`, an epoch each, under a policy of 90 days. */
async function aged(t: TestContext, days: number): Promise<World> {
  const place = await world(t, { epoch: EPOCH });
  await keepDays(place, 90);
  let call = 1;
  for (let day = 0; day <= days; day++) {
    await calls(place, call, 3, `day-${day}.example.com`);
    call += 3;
    place.clock.now += DAY;
    await place.ledger.append();
  }
  return place;
}

const sums = (place: World): Promise<unknown> =>
  place.store.rollup({ by: ['hour', 'host', 'package'] }).then((all) => all.map((one) => ({ ...one })));

function verified(place: World, ...args: string[]): Verdict {
  return verifyAt(place.directory, place.clock.now, '--pin', join(place.directory, 'keys/log.vkey'), ...args);
}

test('leaves past the policy age are dropped up to a note, hashes, totals and proofs stay, and the rest verifies', async (t) => {
  const place = await aged(t, 95);
  const [before, size, oldNote] = [await sums(place), place.ledger.size, await place.store.lastNote(40)];
  const hashes = await place.store.hashes(0, size);
  assert.deepEqual(codes(verified(place)), [0]);

  const done = await place.ledger.vacuum('collector');
  assert.ok(done.dropped > 10 && done.to > 10, JSON.stringify(done));
  assert.match(done.waits, /no rows are older than 90 days/);
  assert.equal(done.scrubbed, true);

  assert.deepEqual(await sums(place), before, 'the rollup stays');
  assert.deepEqual(await place.store.hashes(0, size), hashes, 'every row hash stays');
  const left = leaves(await place.store.rows(0, done.to)).map((row) => row['kind']);
  assert.deepEqual([...new Set(left.map(String))].toSorted(), ['genesis', 'key', 'policy', 'seal']);
  assert.equal(left.filter((kind) => kind === 'seal').length, 1, 'only the seal at the cut');
  const cut = leaves(await place.store.rows(done.to - 1, done.to))[0];
  const [row] = leaves(await place.store.rowsOfKind('vacuum'));
  assert.ok(Number(row?.['time']) - Number(cut?.['wall']) >= 90 * DAY);
  assert.deepEqual([row?.['from'], row?.['to'], row?.['dropped']], [0, done.to, done.dropped]);

  const verdict = verified(place);
  assert.deepEqual(codes(verdict), [12, 'dropped']);
  assert.match(verdict.findings[0]?.text ?? '', /dropped by policy/);
  assert.deepEqual(codes(verified(place, '--newest', '50')), [0]);
  const pin = join(place.directory, 'pin.note');
  writeFileSync(pin, oldNote?.note ?? '');
  assert.deepEqual(
    codes(verifyAt(place.directory, place.clock.now, '--pin', pin)),
    [12, 'dropped'],
    'an old pin holds',
  );

  assert.deepEqual((await place.ledger.vacuum('collector')).dropped, 0);
  place.clock.now += 3 * DAY;
  await calls(place, 1000, 2);
  assert.ok((await place.ledger.vacuum('cli')).dropped > 0, 'it goes on where it ended');
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
  await place.restart();
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
});

test('bundles and proofs of a vacuumed ledger verify: hashes where leaves are gone', async (t) => {
  const place = await aged(t, 95);
  const { to } = await place.ledger.vacuum('collector');
  const { size } = place.ledger;
  const write = async (name: string, from: number, end: number): Promise<Verdict> => {
    let text = '';
    for await (const lines of bundle(place.store, { from, to: end, exported: place.clock.now, software: 'test' }))
      text += lines;
    const file = join(place.directory, name);
    writeFileSync(file, text);
    return verifyAt(file, place.clock.now, '--pin', join(place.directory, 'keys/log.vkey'));
  };
  assert.deepEqual(codes(await write('whole', 0, size)), [12, 'dropped']);
  assert.match(readFileSync(join(place.directory, 'whole'), 'utf8'), /\nhash 5 [0-9a-f]{64}\n/);
  assert.deepEqual(codes(await write('gone', 3, 12)), [12, 'dropped', 'subset']);
  assert.deepEqual(codes(await write('left', to, size)), [12, 'subset']);
  assert.deepEqual(codes(await write('middle', 5, to + 5)), [12, 'dropped', 'subset']);
  const proof = join(place.directory, 'row.tlog-proof');
  writeFileSync(proof, await tlogProof(place.store, to + 1));
  assert.deepEqual(codes(verifyAt(proof, place.clock.now, '--pin', join(place.directory, 'keys/log.vkey'))), [
    12,
    'subset',
  ]);
  await assert.rejects(tlogProof(place.store, 5), { code: 'row-dropped' });
});

test('nothing younger than the policy goes, and a lowered policy counts a day after its epoch was closed', async (t) => {
  const place = await aged(t, 50);
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0, 'all is younger than 90 days');
  await keepDays(place, 10);
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0, 'the lowered policy is not in force');
  place.clock.now += DAY;
  await place.ledger.append();
  assert.equal(leaves(await place.store.rowsOfKind('key', 1))[0]?.['time'], place.clock.now, 'its epoch is closed now');
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0);
  place.clock.now += DAY - 1;
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0);
  place.clock.now += 1;
  assert.ok((await place.ledger.vacuum('cli')).dropped > 0);
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
  await keepDays(place, 30);
  place.clock.now += 5 * DAY;
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0, 'a raised policy counts at once');
  await keepDays(place, 0);
  place.clock.now += 500 * DAY;
  assert.match((await place.ledger.vacuum('cli')).waits, /for good/);
});

test('an epoch that was closed while the clock was put back is closed for no longer than the one before it', async (t) => {
  const place = await aged(t, 50);
  const before = Number(leaves(await place.store.rowsOfKind('key', 1))[0]?.['time']);
  place.clock.now -= 20 * DAY;
  await keepDays(place, 10);
  await place.ledger.append();
  const closed = Number(leaves(await place.store.rowsOfKind('key', 1))[0]?.['time']);
  assert.ok(closed < before - 19 * DAY, 'the lowered policy stands in an epoch that is closed, by an old time');
  place.clock.now += 2 * DAY;
  assert.deepEqual((await place.ledger.vacuum('cli')).dropped, 0, 'two days later by that clock');
  place.clock.now = before + DAY;
  assert.ok((await place.ledger.vacuum('cli')).dropped > 0, 'a day after the epoch before it');
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
});

test('a vacuum that was cut off is finished by the next start, and is no alarm before', async (t) => {
  const place = await aged(t, 95);
  const before = await sums(place);
  const real = place.store.drop.bind(place.store);
  place.store.drop = () => Promise.reject(new Error('killed here'));
  await assert.rejects(place.ledger.vacuum('collector'), /killed here/);
  assert.equal(leaves(await place.store.rowsOfKind('vacuum')).length, 1);
  assert.deepEqual(codes(verified(place)), [0], 'the row is there and the leaves are too');
  place.store.drop = (from, to) => real(from, Math.min(from + 9, to));
  await place.ledger.vacuum('collector').catch(() => undefined);
  await place.restart();
  const { to } = leaves(await place.store.rowsOfKind('vacuum'))[0] as { to: number };
  assert.ok(leaves(await place.store.rows(0, to)).every(({ kind }) => kind !== 'net'));
  assert.deepEqual(await sums(place), before);
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
});

test('a changed leaf in the prefix stops the vacuum: the evidence stays', async (t) => {
  const place = await aged(t, 95);
  const engine = openEngine(place.file, { readonly: false, mustExist: true, busyMs: 1000 });
  const trigger = engine.prepare("SELECT sql FROM sqlite_schema WHERE name = 'rows_no_update'").pluck().get() as string;
  engine.exec(`DROP TRIGGER rows_no_update;
    UPDATE rows SET leaf = replace(leaf, 'day-0.example.com', 'day-9.example.com') WHERE kind = 'net' AND seq < 20; ${trigger}`);
  engine.close();
  await assert.rejects(place.ledger.vacuum('collector'), { code: 'ledger-damaged' });
  assert.equal((await place.store.rowsOfKind('vacuum')).length, 0);
  assert.equal(verified(place).exit, 20);
});

test('an erased row keeps its hash, leaves the rollup and the files, and the rest verifies', async (t) => {
  const place = await world(t);
  await calls(place, 1, 3, 'kept.example.com');
  await calls(place, 10, 1, 'canary-7f3a9.example.com');
  await calls(place, 20, 2, 'kept.example.com');
  const victim = leaves(await place.store.rows(0, place.ledger.size)).find(({ host }) =>
    String(host).startsWith('canary'),
  );
  const seq = Number(victim?.['seq']);
  const bytes = (): string =>
    ['ledger.db', 'ledger.db-wal'].map((name) => readFileSync(join(place.directory, name), 'latin1')).join('');
  assert.ok(bytes().includes('canary-7f3a9'));
  await assert.rejects(place.ledger.erase({ seq, actor: 'cli', why: ' ' }), { code: 'row-not-erasable' });
  const done = await place.ledger.erase({ seq, actor: 'cli', why: 'asked for by the person it is about' });
  assert.equal(done.scrubbed, true);
  assert.ok(!bytes().includes('canary-7f3a9'), 'no byte of it is left in the database or its log');
  const [row] = leaves(await place.store.rowsOfKind('erase'));
  assert.deepEqual([row?.['row'], row?.['actor'], row?.['text']], [seq, 'cli', 'asked for by the person it is about']);
  assert.deepEqual(
    (await place.store.rollup({ by: ['host'] })).map(({ host, events, bytesOut }) => [host, events, bytesOut]),
    [['kept.example.com', 5, 101 + 102 + 103 + 120 + 121]],
  );
  const verdict = verified(place);
  assert.deepEqual(codes(verdict), [12, 'dropped']);
  assert.deepEqual(
    verdict.findings.map((one) => one.seq),
    [seq],
  );
  for (const [other, why] of [
    [seq, /dropped or erased before/],
    [0, /kind genesis/],
    [1, /kind seal/],
    [99_999, /does not exist/],
  ] as const)
    await assert.rejects(place.ledger.erase({ seq: other, actor: 'cli', why: 'x' }), why);
  await place.restart();
  await calls(place, 30, 1, 'kept.example.com');
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
  assert.deepEqual(codes(verified(place, '--newest', '20')), [12, 'dropped']);
});

test('a row erased among more hosts than an hour holds leaves exactly what the other rows give', async (t) => {
  const place = await world(t);
  for (let at = 0; at < 10_005; at += 1667) {
    const records = [];
    for (let call = at + 1; call <= Math.min(at + 1667, 10_005); call++)
      records.push(
        {
          kind: 'open',
          call,
          direction: 'out',
          channel: 'http',
          host: `h${call}.example.com`,
          port: 443,
          package: 'p',
        },
        { kind: 'done', call, outcome: 'ok' },
      );
    const from = place.ledger.spools().get(drained([]).name)?.n ?? 0;
    await place.ledger.append({ files: [drained(from === 0 ? [HELLO, ...records] : records, from)] });
  }
  const [other] = (await place.store.rollup({ by: ['host'] })).filter(({ host }) => host === '(other)');
  assert.ok((other?.events ?? 0) > 0);
  await place.ledger.erase({ seq: 6, actor: 'cli', why: 'a test' });
  assert.deepEqual(codes(verified(place)), [12, 'dropped']);
});

test('rows that a vacuum or erase row does not name can still not be changed, and those that stay cannot be dropped', async (t) => {
  const place = await aged(t, 95);
  const { to } = await place.ledger.vacuum('collector');
  const engine = openEngine(place.file, { readonly: false, mustExist: true, busyMs: 1000 });
  t.after(() => engine.close());
  const kept = leaves(await place.store.rows(0, to)).map(({ seq }) => Number(seq));
  for (const sql of [
    `UPDATE rows SET leaf = NULL WHERE seq = ${to}`,
    `UPDATE rows SET leaf = NULL WHERE seq = ${place.ledger.size - 1}`,
    `UPDATE rows SET leaf = '{}' WHERE seq = 5`,
    `UPDATE rows SET row_hash = randomblob(32), leaf = NULL WHERE seq = 5`,
    `UPDATE rows SET seq = -5, leaf = NULL WHERE seq = 5`,
    `DELETE FROM rows WHERE seq = 5`,
    ...kept.map((seq) => `UPDATE rows SET leaf = NULL WHERE seq = ${seq}`),
  ])
    assert.throws(() => engine.exec(sql), /append-only/, sql);
});

test('a clock that was moved keeps the vacuum waiting for a day', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  let monotonic = 0;
  place.clock.monotonic = () => monotonic;
  await calls(place, 1, 5);
  place.clock.now += 365 * DAY;
  await place.ledger.append();
  const steps = leaves(await place.store.controls('clock-step', 5));
  assert.deepEqual(
    steps.map(({ text }) => text),
    ['the clock was set ahead by 31536000 s'],
  );
  assert.match((await place.ledger.vacuum('collector')).waits, /moved less than 24 hours ago/);
  place.clock.now += DAY;
  monotonic += DAY;
  await place.ledger.append();
  assert.equal((await place.store.controls('clock-step', 5)).length, 1);
  assert.deepEqual((await place.ledger.vacuum('collector')).dropped > 0, true);
  assert.equal(verified(place).exit, 12);
});

test('a vacuum right after the clock was moved puts that on record first and drops nothing', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  place.clock.monotonic = () => 0;
  await calls(place, 1, 5);
  place.clock.now += 365 * DAY;
  const { dropped, waits } = await place.ledger.vacuum('collector');
  assert.deepEqual([dropped, /moved less than 24 hours ago/.test(waits)], [0, true]);
  place.clock.now -= 365 * DAY;
  await place.ledger.erase({ seq: 6, actor: 'cli', why: 'a test' });
  assert.equal((await place.store.controls('clock-step', 5)).length, 2, 'nor does an erasure swallow a step');
});
