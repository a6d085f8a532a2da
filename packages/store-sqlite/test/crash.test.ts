import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { drained, FILE, HELLO, leaves, START, world, worldIn } from './support/world.ts';
import { verifyAt } from './support/verify.ts';

const LONG = process.env['OUTWITNESS_LONG'] === '1';
const KILLS = LONG ? 60 : 4;
const CUTS = LONG ? 200 : 8;

test('a writer killed with SIGKILL at any moment has every call exactly once, and the verifier agrees', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'outwitness-crash-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/appender.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for (let appended = 0; appended < 3 + kill;) appended += ((await once(child.stdout, 'data')) as [Buffer])[0].length;
    await sleep((kill * 7) % 11);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const place = await worldIn(directory);
  t.after(() => place.end());
  const n = place.ledger.spools().get(FILE)?.n ?? 0;
  assert.ok(n > 20, `only ${n} records were drained`);
  const calls: number[] = [];
  for await (const row of place.store.scan({
    order: 'oldest',
    where: [{ field: 'kind', value: 'net' }],
    limit: 1000,
  })) {
    calls.push(leaves([row])[0]?.['call'] as number);
  }
  assert.deepEqual(
    calls,
    Array.from({ length: Math.floor((n - 1) / 2) }, (_, i) => i + 1),
  );
  assert.equal(place.ledger.pending, (n - 1) % 2);
  const sums = await place.store.rollup({ by: [] });
  assert.equal(sums[0]?.events, calls.length);
  place.end();
  const verdict = verifyAt(directory, START);
  assert.deepEqual(
    [verdict.exit, verdict.size, verdict.findings.map((finding) => finding.code)],
    [10, place.ledger.size, ['unanchored']],
  );
});

test('a WAL that a power cut ended anywhere gives the state of some commit, and goes on from there', async (t) => {
  const place = await world(t);
  const commits = [{ bytes: statSync(`${place.file}-wal`).size, size: place.ledger.size }];
  for (let i = 0; i < 12; i++) {
    const records = [
      HELLO,
      { kind: 'open', call: 1, direction: 'out', channel: 'http', host: 'a.example' },
      { kind: 'done', call: 1, outcome: 'ok' },
    ];
    await place.ledger.append({
      files: [drained(i < 3 ? [records[i]!] : [{ kind: 'gap', event: 'limit', text: 'x', missing: 0, count: 1 }], i)],
    });
    commits.push({ bytes: statSync(`${place.file}-wal`).size, size: place.ledger.size });
  }
  const last = commits.at(-1)!.bytes;
  for (let i = 0; i < CUTS; i++) {
    const cut = commits[0]!.bytes + Math.floor(((last - commits[0]!.bytes) * i) / (CUTS - 1)) + (i % 3);
    const copy = mkdtempSync(join(tmpdir(), 'outwitness-cut-'));
    t.after(() => rmSync(copy, { recursive: true }));
    for (const name of ['ledger.db', 'ledger.db-wal']) copyFileSync(join(place.directory, name), join(copy, name));
    cpSync(join(place.directory, 'keys'), join(copy, 'keys'), { recursive: true });
    truncateSync(join(copy, 'ledger.db-wal'), Math.min(cut, last));
    const committed = commits.findLast(({ bytes }) => bytes <= cut)!;
    // The log is written after the commit: it may be one note behind or more, never ahead.
    const lines = readFileSync(join(place.directory, 'checkpoints.log'), 'utf8').split(/(?<=\n)/);
    writeFileSync(
      join(copy, 'checkpoints.log'),
      lines
        .filter((line) => Number.parseInt(line, 10) < committed.size)
        .join('')
        .slice(0, i % 2 === 0 ? undefined : -5),
    );
    const again = await worldIn(copy);
    assert.equal(again.ledger.size, committed.size);
    const from = again.ledger.spools().get(FILE)?.n ?? 0;
    await again.ledger.append({
      files: [drained([{ kind: 'gap', event: 'limit', text: 'after', missing: 0, count: 1 }], from)],
    });
    again.end();
    const verdict = verifyAt(copy, START);
    assert.deepEqual([verdict.exit, verdict.findings.map((finding) => finding.code)], [10, ['unanchored']]);
    const log = readFileSync(join(copy, 'checkpoints.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => Number.parseInt(line, 10));
    assert.equal(log.at(-1), again.ledger.size);
    assert.deepEqual(
      log,
      [...new Set(log)].toSorted((a, b) => a - b),
    );
  }
});
