import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { bundle, keyDirectory, type KeyStore, Ledger, tlogProof } from '@outwitness/ledger';

import { openStore } from '../src/index.ts';
import { verifyAt } from './support/verify.ts';
import { EPOCH, gapAt, leaves, START, world, type World, worldIn } from './support/world.ts';

const keysIn = (directory: string): string[] =>
  readdirSync(join(directory, 'keys'))
    .filter((name) => name.endsWith('.key'))
    .toSorted();

/** One row in each of `count` epochs, and an idle one in between. */
async function through(place: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await place.ledger.append({ own: [gapAt(i)] });
    place.clock.now += EPOCH.us;
    await place.ledger.append();
  }
}

async function keyRows(place: World): Promise<Record<string, unknown>[]> {
  return leaves(await place.store.rowsOfKind('key'));
}

function judged(place: World, ...args: string[]): [number, ...string[]] {
  const { exit, findings } = verifyAt(place.directory, place.clock.now, '--pin', place.ledger.vkey, ...args);
  return [exit, ...findings.map(({ code, seq, text }) => `${code} ${seq} ${text}`)];
}

function temporary(t: TestContext, prefix: string): string {
  const made = mkdtempSync(join(tmpdir(), `outwitness-${prefix}-`));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('epochs close by hours, idle ones too, each with its own key, and only the open one keeps it', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  const first = readFileSync(join(place.directory, 'keys/epoch-0.key'), 'utf8');
  await through(place, 3);
  place.clock.now += EPOCH.us;
  await place.ledger.append();
  const rows = await keyRows(place);
  assert.deepEqual(
    rows.map((row) => [row['epoch'], row['event']]),
    [1, 2, 3, 4].map((epoch) => [epoch, 'next']),
  );
  assert.equal(new Set(rows.map((row) => row['epochKey'])).size, 4);
  assert.equal(place.ledger.epoch.number, 4);
  assert.deepEqual(keysIn(place.directory), ['epoch-4.key', 'log.key']);
  for (const name of readdirSync(join(place.directory, 'keys')))
    assert.ok(!readFileSync(join(place.directory, 'keys', name), 'utf8').includes(first));
  // The key row stands right before the seal of the epoch that it ends.
  for (const row of rows) {
    const [seal] = leaves(await place.store.rows(Number(row['seq']) + 1, Number(row['seq']) + 2));
    assert.deepEqual([seal?.['kind'], seal?.['epoch']], ['seal', Number(row['epoch']) - 1]);
  }
  assert.deepEqual(judged(place), [0]);
  await place.restart({ epoch: EPOCH });
  await place.ledger.append({ own: [gapAt(9)] });
  assert.deepEqual(judged(place), [0]);
});

test('an epoch closes by rows', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  for (let i = 0; i < 15; i++) await place.ledger.append({ own: [gapAt(i)] });
  assert.equal(place.ledger.epoch.number, 2);
  const seqs = (await keyRows(place)).map((row) => Number(row['seq']));
  assert.ok(
    seqs.every((seq, i) => seq - (seqs[i - 1] ?? 0) >= EPOCH.rows - 1 && seq - (seqs[i - 1] ?? 0) <= EPOCH.rows + 2),
    seqs.join(),
  );
  assert.deepEqual(judged(place), [0]);
});

test('what a ledger with closed epochs hands out verifies: whole, in parts, row by row, and its newest rows', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  await through(place, 3);
  await place.ledger.append({ own: [gapAt(9)] });
  const size = place.ledger.size;
  const folder = temporary(t, 'epoch-exports');
  const verdictOf = async (name: string, chunks: AsyncIterable<string> | string[]): Promise<unknown[]> => {
    let text = '';
    for await (const chunk of chunks) text += chunk;
    const path = join(folder, name);
    writeFileSync(path, text);
    const { exit, findings } = verifyAt(path, place.clock.now, '--pin', place.ledger.vkey);
    return [exit, ...findings.map(({ code }) => code)];
  };
  const options = { exported: place.clock.now, software: 'test' };
  assert.deepEqual(await verdictOf('whole.outwitness', bundle(place.store, options)), [0]);
  for (let from = 0; from < size; from += 3) {
    for (const to of new Set([from + 1, Math.min(size, from + 6)])) {
      if (to - from === size) continue;
      const part = bundle(place.store, { ...options, from, to });
      assert.deepEqual(await verdictOf('part.outwitness', part), [12, 'subset'], `${from} ${to}`);
    }
    const proof = await tlogProof(place.store, from);
    assert.deepEqual(await verdictOf('row.tlog-proof', [proof]), [12, 'subset'], `row ${from}`);
    assert.deepEqual(judged(place, '--newest', `${from + 1}`), [0], `newest ${from + 1}`);
  }
});

for (const point of [
  'draft',
  'key made',
  'before commit',
  'committed',
  'before destruction',
  'zeroed',
  'destroyed',
  'after',
]) {
  test(`a collector killed while it closes an epoch goes on: ${point}`, async (t) => {
    const directory = temporary(t, 'epoch-kill');
    const fixture = join(import.meta.dirname, 'fixtures/epoch-killed.ts');
    // A key that was made is used again: only the first run makes it.
    for (let kill = 0; kill < (point === 'key made' ? 1 : 2); kill++) {
      const child = spawn(process.execPath, [fixture, directory, point, `${kill}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], 'the point was not reached');
    }
    const place = await worldIn(directory, { epoch: EPOCH });
    try {
      place.clock.now = START + 9 * EPOCH.us;
      await place.ledger.append({ own: [gapAt(1)] });
      await through(place, 2);
      const { number, problem } = place.ledger.epoch;
      assert.equal(problem, '');
      assert.deepEqual(keysIn(directory), [`epoch-${number}.key`, 'log.key']);
      assert.deepEqual(
        (await keyRows(place)).map((row) => row['epoch']),
        Array.from({ length: number }, (_, i) => i + 1),
      );
      assert.deepEqual(judged(place), [0]);
    } finally {
      place.end();
    }
  });
}

test('a commit that fails leaves the epoch open and its next key in place', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  place.clock.now += EPOCH.us;
  const commit = place.store.commit.bind(place.store);
  place.store.commit = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(place.ledger.append({ own: [gapAt(1)] }), { code: 'ledger-append' });
  assert.deepEqual(keysIn(place.directory), ['epoch-0.key', 'epoch-1.key', 'log.key']);
  const made = readFileSync(join(place.directory, 'keys/epoch-1.key'), 'utf8');
  place.store.commit = commit;
  await place.ledger.append({ own: [gapAt(1)] });
  assert.equal(place.ledger.epoch.number, 1);
  assert.equal(readFileSync(join(place.directory, 'keys/epoch-1.key'), 'utf8'), made);
  assert.deepEqual(keysIn(place.directory), ['epoch-1.key', 'log.key']);
  assert.deepEqual(judged(place), [0]);
});

test('keys that cannot be made or destroyed stop nothing, are told, and are tried again after a minute', async (t) => {
  const directory = temporary(t, 'epoch-trouble');
  const real = keyDirectory(join(directory, 'keys'));
  let trouble: '' | 'create' | 'destroy' = '';
  let tries = 0;
  const refuse = (what: typeof trouble): void => {
    if (trouble !== what) return;
    tries++;
    throw new Error('EROFS: read-only file system');
  };
  const keys: KeyStore = {
    ...real,
    create: (name, pem) => {
      refuse('create');
      real.create(name, pem);
    },
    destroy: (name) => {
      refuse('destroy');
      real.destroy(name);
    },
  };
  const place = await worldIn(directory, { keys, epoch: EPOCH });
  t.after(() => place.end());
  trouble = 'create';
  place.clock.now += EPOCH.us;
  const before = place.ledger.size;
  for (let i = 0; i < 5; i++) await place.ledger.append({ own: [gapAt(i)] });
  assert.equal(place.ledger.size, before + 10);
  assert.equal(tries, 1);
  assert.match(place.ledger.epoch.problem, /^epoch 0 stays open: EROFS/);
  trouble = 'destroy';
  place.clock.now += 60_000_000;
  await place.ledger.append();
  assert.equal(place.ledger.epoch.number, 1);
  assert.match(place.ledger.epoch.problem, /^the key of a closed epoch is still there: EROFS/);
  assert.deepEqual(keysIn(directory), ['epoch-0.key', 'epoch-1.key', 'log.key']);
  trouble = '';
  place.clock.now += 60_000_000;
  await place.ledger.append();
  assert.equal(place.ledger.epoch.problem, '');
  assert.deepEqual(keysIn(directory), ['epoch-1.key', 'log.key']);
  assert.deepEqual(judged(place), [0]);
});

test('a folder of keys serves one ledger: no other begins with it, and none destroys what another may need', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  const elsewhere = temporary(t, 'epoch-shared');
  const shared = keyDirectory(join(place.directory, 'keys'));
  await assert.rejects(worldIn(elsewhere, { keys: shared }), { code: 'keys-shared' });
  // Two ledgers that were begun with one folder before it had an owner.
  shared.own('local/outwitness/of-another');
  await place.restart({ epoch: EPOCH });
  await through(place, 1);
  assert.equal(place.ledger.epoch.number, 0);
  assert.match(place.ledger.epoch.problem, /belongs to local\/outwitness\/of-another: expected local\/outwitness\//);
  assert.deepEqual(keysIn(place.directory), ['epoch-0.key', 'log.key']);
  assert.deepEqual(judged(place), [0]);
});

test('a ledger without closed epochs and without an owner of its keys goes on with them', async (t) => {
  const place = await world(t);
  place.clock.now += 1000 * EPOCH.us;
  await place.ledger.append({ own: [gapAt(0)] });
  rmSync(join(place.directory, 'keys/ledger'));
  await place.restart({ epoch: EPOCH });
  assert.equal(place.ledger.epoch.number, 0);
  await place.ledger.append({ own: [gapAt(1)] });
  assert.equal(place.ledger.epoch.number, 1);
  assert.deepEqual(keysIn(place.directory), ['epoch-1.key', 'log.key']);
  assert.deepEqual(judged(place), [0]);
});

test('a clock that steps back a day or ahead a year raises no alarm', async (t) => {
  const place = await world(t, { epoch: { rows: 1000, us: EPOCH.us } });
  const day = 24 * EPOCH.us;
  for (const step of [-day, 60_000_000, 365 * day, 60_000_000, -365 * day, 60_000_000]) {
    place.clock.now += step;
    await place.ledger.append({ own: [gapAt(0)] });
    assert.deepEqual(judged(place), [0]);
  }
  assert.equal(place.ledger.epoch.number, 3);
});

test('keys of a closed epoch cannot be brought back: an older copy of the store is refused, and nothing is destroyed', async (t) => {
  const place = await world(t, { epoch: EPOCH });
  await through(place, 1);
  const copy = temporary(t, 'epoch-copy');
  place.end();
  cpSync(place.directory, copy, { recursive: true });
  await place.restart({ epoch: EPOCH });
  await through(place, 2);
  place.end();
  for (const name of ['ledger.db', 'checkpoints.log']) cpSync(join(copy, name), join(place.directory, name));
  const older = openStore(place.file);
  await assert.rejects(Ledger.open(place.options(older)), {
    code: 'key-missing',
    message: /epoch-1\.key/,
  });
  older.close();
  assert.deepEqual(keysIn(place.directory), ['epoch-3.key', 'log.key']);
  await place.restart({ keys: keyDirectory(join(copy, 'keys')) });
});
