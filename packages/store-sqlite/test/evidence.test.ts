import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { bundle, tlogProof } from '@outwitness/ledger';

import { openEngine } from '../src/engine.ts';
import { openStore } from '../src/open.ts';
import { drained, HELLO, START, WRITER, world, type World } from './support/world.ts';
import { verify, verifyAt } from './support/verify.ts';

/** A ledger with more than one node, calls in all phases and a writer that died. */
async function busy(t: TestContext): Promise<World> {
  const place = await world(t);
  const records: object[] = [
    HELLO,
    { kind: 'pkg', package: 'axios', packageAuthor: 'Matt', manifest: '{"endpoints":[]}' },
  ];
  for (let call = 1; call <= 600; call++) {
    records.push({
      kind: 'open',
      call,
      direction: call % 3 ? 'out' : 'in',
      channel: 'http',
      host: `h${call % 9}.example`,
      port: 443,
      package: 'axios',
      localPort: 80,
    });
    if (call % 20 !== 0)
      records.push({ kind: 'done', call, outcome: call % 7 ? 'ok' : 'local', bytesOut: call, bytesIn: 1 });
  }
  await place.ledger.append({ files: [drained(records.slice(0, 500))] });
  await place.ledger.append({ files: [drained(records.slice(500), 500)] });
  place.clock.now += 31_000_000;
  await place.ledger.append({ files: [drained([{ kind: 'done', call: 20, outcome: 'timeout' }], records.length)] });
  return place;
}

async function text(place: World, range: { from?: number; to?: number } = {}): Promise<string> {
  let all = '';
  for await (const lines of bundle(place.store, { ...range, exported: place.clock.now, software: 'outwitness 0.1.0' }))
    all += lines;
  return all;
}

function judged(place: World, name: string, content: string, ...args: string[]): [number, string[]] {
  const path = join(place.directory, name);
  writeFileSync(path, content);
  const { exit, findings } = verify(path, ...args);
  return [exit, findings.map((finding) => finding.code)];
}

test('a live and a closed directory pass the stand-alone verifier: 10 without a pin, 0 with it', async (t) => {
  const place = await busy(t);
  assert.deepEqual(
    verifyAt(place.directory, place.clock.now).findings.map((finding) => finding.code),
    ['unanchored'],
  );
  await place.ledger.close({ gone: [WRITER] });
  place.end();
  assert.equal(verifyAt(place.directory, place.clock.now).exit, 10);
  const pinned = verifyAt(place.directory, place.clock.now, '--pin', place.ledger.vkey);
  assert.deepEqual([pinned.exit, pinned.findings, pinned.size], [0, [], place.ledger.size]);
});

test('a whole bundle passes, a pin of its key makes it verified, another key does not', async (t) => {
  const [place, other] = [await busy(t), await world(t)];
  const whole = await text(place);
  assert.deepEqual(judged(place, 'a.outwitness', whole), [10, ['unanchored']]);
  assert.deepEqual(judged(place, 'a.outwitness', whole, '--pin', place.ledger.vkey), [0, []]);
  assert.notEqual(judged(place, 'a.outwitness', whole, '--pin', other.ledger.vkey)[0], 0);
});

test('any range is a subset whose rows are proven', async (t) => {
  const place = await busy(t);
  const { size } = place.ledger;
  for (const [from, to] of [
    [0, 1],
    [0, 256],
    [1, size],
    [3, 400],
    [256, 512],
    [size - 1, size],
    [255, 257],
    [0, size - 1],
  ] as const) {
    assert.deepEqual(
      judged(place, 'r.outwitness', await text(place, { from, to }), '--pin', place.ledger.vkey),
      [12, ['subset']],
      `[${from}, ${to})`,
    );
  }
  for (const [from, to] of [
    [5, 5],
    [0, size + 1],
    [-1, 2],
  ] as const)
    await assert.rejects(text(place, { from, to }), { code: 'range' });
});

test('a proof of any one row is accepted', async (t) => {
  const place = await busy(t);
  for (const seq of [0, 1, 255, 256, 300, place.ledger.size - 1]) {
    assert.deepEqual(judged(place, 'p.tlog-proof', await tlogProof(place.store, seq), '--pin', place.ledger.vkey), [
      12,
      ['subset'],
    ]);
  }
  await assert.rejects(tlogProof(place.store, place.ledger.size), { code: 'range' });
});

test('what a database administrator changes without the key is found by the verifier', async (t) => {
  const place = await busy(t);
  place.end();
  const engine = openEngine(place.file, { readonly: false, mustExist: true, busyMs: 0 });
  t.after(() => engine.close());
  const trigger = engine.prepare("SELECT sql FROM sqlite_schema WHERE name = 'rows_no_update'").pluck().get() as string;
  const seq = engine.prepare("SELECT min(seq) FROM rows WHERE host = 'h1.example'").pluck().get() as number;
  engine.exec(
    `DROP TRIGGER rows_no_update; UPDATE rows SET leaf = replace(leaf, 'h1.example', 'h2.example') WHERE seq = ${seq}`,
  );
  engine.exec(trigger);
  const { exit, findings } = verifyAt(place.directory, START + 31_000_000);
  assert.equal(exit, 20);
  assert.deepEqual([findings[0]?.code, findings[0]?.seq], ['leaf-hash', seq]);
});

test('a bundle is written while rows are appended, and holds the state at its beginning', async (t) => {
  const place = await busy(t);
  const { size } = place.ledger;
  let all = '';
  let first = true;
  for await (const lines of bundle(place.store, { exported: place.clock.now, software: 'outwitness 0.1.0' })) {
    all += lines;
    if (first)
      await place.ledger.append({ own: [{ kind: 'gap', event: 'limit', text: 'meanwhile', missing: 0, count: 1 }] });
    first = false;
  }
  assert.match(all, new RegExp(`\nrange 0 ${size}\n`));
  assert.deepEqual(judged(place, 'm.outwitness', all), [10, ['unanchored']]);
});

test('10,001 hosts of one package in one hour fold into (other), as the verifier counts them', async (t) => {
  const place = await world(t);
  const calls = (from: number, to: number): object[] =>
    Array.from({ length: to - from }, (_, i) => [
      {
        kind: 'open',
        call: from + i,
        direction: 'out',
        channel: 'http',
        host: `h${from + i}.example`,
        port: 443,
        package: 'crawler',
      },
      { kind: 'done', call: from + i, outcome: 'ok' },
    ]).flat();
  await place.ledger.append({ files: [drained([HELLO, ...calls(1, 9000)])] });
  await place.restart();
  await place.ledger.append({ files: [drained(calls(9000, 10_011), 1 + 2 * 8999)] });
  const [other] = (await place.store.rollup({ by: ['host'] })).filter((sum) => sum.host === '(other)');
  assert.equal(other?.events, 10);
  assert.equal(verifyAt(place.directory, START).exit, 10);
});

test('evidence beside which a pipe lies is opened without waiting for it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evidence-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ledger.db');
  openStore(file).close();
  writeFileSync(`${file}-wal`, 'none');
  assert.equal(spawnSync('mkfifo', [`${file}-journal`]).status, 0);
  const open = `const { openEvidence } = await import(${JSON.stringify(new URL('../src/open.ts', import.meta.url).href)});
    const journal = openEvidence(process.argv[1]);
    process.stdout.write(String(await journal.size()));
    journal.close();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', open, file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stdout], [0, '0'], stderr);
});
