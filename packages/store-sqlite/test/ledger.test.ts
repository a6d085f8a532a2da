import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Ledger, type Store } from '@outwitness/ledger';

import { openEngine } from '../src/engine.ts';
import { openStore } from '../src/index.ts';
import { CATALOGUE, drained, FILE, HELLO, judge, leaves, START, WRITER, world } from './support/world.ts';
import { verifyAt } from './support/verify.ts';

const OPEN = { kind: 'open', call: 1, direction: 'out', channel: 'http', host: 'example.org', port: 443 };
const DONE = { kind: 'done', call: 1, outcome: 'ok' };
const MINUTE = 60_000_000;

/** The store with some of its methods replaced; the rest goes to the real one. */
function behind(store: Store, over: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name in over) return over[name as keyof Store];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('rows come as own rows, files, gone, silent, open phases, seal', async (t) => {
  const { ledger, clock } = await world(t);
  await ledger.append({ files: [drained([HELLO, OPEN])] });
  clock.now += 31_000_000;
  const { rows } = await ledger.append({
    own: [{ kind: 'control', event: 'export', actor: 'officer', text: 'all rows' }],
    files: [drained([{ kind: 'hook', event: 'changed', text: 'x' }], 2)],
    silent: [WRITER],
  });
  assert.deepEqual(
    leaves(rows).map((row) => [row['kind'], row['event'] ?? row['phase']]),
    [
      ['control', 'export'],
      ['hook', 'changed'],
      ['gap', 'silent'],
      ['net', 'open'],
      ['seal', undefined],
    ],
  );
});

test('the seal counts what is before it and names what moved, who wrote and whose files they were', async (t) => {
  const { ledger, clock } = await world(t);
  const damage = [{ event: 'damaged' as const, missing: 3, count: 1 }];
  const { rows } = await ledger.append({ files: [drained([HELLO, OPEN, DONE, { ...OPEN, call: 2 }], 0, { damage })] });
  const seal = leaves(rows).at(-1)!;
  assert.deepEqual([seal['rows'], seal['net'], seal['gaps'], seal['missing'], seal['pending']], [7, 1, 1, 3, 1]);
  assert.deepEqual(seal['spools'], [`${FILE} 400 4`]);
  assert.deepEqual(seal['uids'], ['app=1001', 'collector=1000']);
  assert.deepEqual([seal['epoch'], seal['wall'], seal['boot'], seal['closing']], [0, clock.now, 'boot-1', undefined]);
  const closing = await ledger.close();
  assert.equal(leaves(closing.rows).at(-1)!['closing'], true);
  await assert.rejects(ledger.append(), { code: 'ledger-closed' });
});

test('nothing worth a row is not committed alone: the offset waits, and an idle ledger seals itself after 10 minutes', async (t) => {
  const { ledger, clock, store } = await world(t);
  await ledger.append({ files: [drained([HELLO])] });
  const size = ledger.size;
  assert.deepEqual((await ledger.append({ files: [drained([{ kind: 'beat', records: 1, faults: 0 }], 1)] })).rows, []);
  assert.equal(ledger.spools().get(FILE)?.offset, 200);
  assert.equal((await store.spools())[0]?.offset, 100);
  clock.now += 9 * MINUTE;
  assert.equal((await ledger.append()).rows.length, 0);
  clock.now += 2 * MINUTE;
  assert.deepEqual(
    leaves((await ledger.append()).rows).map((row) => row['kind']),
    ['seal'],
  );
  assert.equal(ledger.size, size + 1);
  assert.equal((await store.spools())[0]?.offset, 200);
});

test('many callers at once are queued', async (t) => {
  const { ledger, store } = await world(t);
  const own = (text: string) => ({
    own: [{ kind: 'control' as const, event: 'sign-in' as const, actor: 'viewer', text }],
  });
  await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.append(own(`viewer ${i}`))));
  const texts = leaves(await store.rows(4, 100))
    .filter((row) => row['kind'] === 'control')
    .map((row) => row['text']);
  assert.deepEqual(
    texts,
    Array.from({ length: 20 }, (_, i) => `viewer ${i}`),
  );
});

test('a drain that does not begin where the last one ended is refused, and nothing of the batch is written', async (t) => {
  const { ledger, store } = await world(t);
  await ledger.append({ files: [drained([HELLO])] });
  const size = ledger.size;
  await assert.rejects(ledger.append({ files: [drained([HELLO])] }), {
    code: 'drained-file',
    message: /from offset 0: expected 100/,
  });
  await assert.rejects(ledger.append({ files: [{ ...drained([OPEN], 1), name: '../etc/passwd' }] }), {
    code: 'drained-file',
  });
  assert.equal(await store.size(), size);
  await ledger.append({ files: [drained([OPEN, DONE], 1)] });
  assert.equal(leaves(await store.rows(size, size + 1))[0]?.['call'], 1);
  const again = drained([HELLO, OPEN], 0, { damage: [{ event: 'lost-spool', missing: 1, count: 1 }] });
  assert.deepEqual(
    leaves((await ledger.append({ files: [again] })).rows).map((row) => row['event']),
    ['lost-spool', undefined],
  );
});

test('a commit that fails leaves nothing behind, and the next one goes on from the committed offsets', async (t) => {
  const place = await world(t);
  await place.ledger.append({ files: [drained([HELLO])] });
  let full = true;
  const store = behind(place.store, {
    commit: (batch) =>
      full ? Promise.reject(new Error('SQLITE_FULL: database or disk is full')) : place.store.commit(batch),
  });
  const ledger = await Ledger.open(place.options(store));
  await assert.rejects(ledger.append({ files: [drained([OPEN, DONE], 1)] }), {
    code: 'ledger-append',
    message: /disk is full/,
  });
  full = false;
  assert.equal(ledger.spools().get(FILE)?.offset, 100);
  const { rows } = await ledger.append({ files: [drained([OPEN, DONE], 1)] });
  assert.deepEqual(
    leaves(rows).map((row) => row['kind']),
    ['net', 'seal'],
  );
  assert.equal(verifyAt(place.directory, START).exit, 10);
});

test('a row that reads back otherwise than it was written freezes the ledger', async (t) => {
  const place = await world(t);
  const store = behind(place.store, {
    async commit(batch) {
      await place.store.commit(batch);
      const engine = openEngine(place.file, { readonly: false, mustExist: true, busyMs: 1000 });
      engine.exec("DROP TRIGGER rows_no_update; UPDATE rows SET leaf = replace(leaf, 'example.org', 'example.com')");
      engine.close();
    },
  });
  const ledger = await Ledger.open(place.options(store));
  await assert.rejects(ledger.append({ files: [drained([HELLO, OPEN, DONE])] }), {
    code: 'ledger-frozen',
    message: /row 5 was read back otherwise/,
  });
  await assert.rejects(ledger.append(), { code: 'ledger-frozen' });
  assert.equal((ledger.frozen as { code?: string } | undefined)?.code, 'ledger-frozen');
  // The note of the batch that was falsified was never shown.
  assert.equal(readFileSync(join(place.directory, 'checkpoints.log'), 'utf8').trim().split('\n').length, 2);
});

test('a store that contradicts its own newest note is not appended to', async (t) => {
  const place = await world(t);
  await place.ledger.append({ files: [drained([HELLO, OPEN])] });
  const falsify = async (sql: string): Promise<void> => {
    const copy = join(place.directory, 'copy.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
    for (const suffix of ['', '-wal']) copyFileSync(place.file + suffix, copy + suffix);
    const engine = openEngine(copy, { readonly: false, mustExist: true, busyMs: 0 });
    engine.exec(`DROP TRIGGER rows_no_update; DROP TRIGGER rows_no_delete; ${sql}`);
    engine.close();
    const store = openStore(copy);
    await assert.rejects(Ledger.open(place.options(store)), { code: 'ledger-damaged' }, sql);
    store.close();
  };
  await falsify('UPDATE rows SET row_hash = randomblob(32) WHERE seq = 2');
  await falsify('DELETE FROM rows WHERE seq = 5');
  await falsify("UPDATE pending SET record = replace(record, 'example.org', 'example.com')");
  await falsify('DELETE FROM writers');
  await falsify('UPDATE rows SET leaf = replace(leaf, \'"nonce":"\', \'"nonce":"0\') WHERE seq = 0');
});

test('a missing, torn or shorter checkpoints.log is healed from the store', async (t) => {
  const place = await world(t);
  for (let i = 0; i < 5; i++)
    await place.ledger.append({ own: [{ kind: 'gap', event: 'limit', text: 'x', missing: 0, count: i }] });
  const path = join(place.directory, 'checkpoints.log');
  const whole = readFileSync(path, 'utf8');
  for (const damage of [
    '',
    whole.slice(0, -9),
    whole.slice(0, whole.indexOf('\n') + 1),
    whole.slice(0, whole.indexOf('\n') + 20),
  ]) {
    writeFileSync(path, damage);
    await place.restart();
    assert.equal(readFileSync(path, 'utf8'), whole);
  }
});

test('a store put back to an older copy is noticed: the log is ahead', async (t) => {
  const place = await world(t);
  const old = join(place.directory, 'old.db');
  place.store.close();
  copyFileSync(place.file, old);
  await place.restart();
  await place.ledger.append({ own: [{ kind: 'gap', event: 'limit', text: 'x', missing: 0, count: 1 }] });
  place.store.close();
  copyFileSync(old, place.file);
  await assert.rejects(place.restart(), {
    code: 'ledger-rolled-back',
    message: /valid note over 6 rows .*newest note over 4/,
  });
  appendFileSync(join(place.directory, 'checkpoints.log'), '99 bm9ub3Rl\n');
  await assert.rejects(place.restart(), { code: 'checkpoint-log' });
  rmSync(join(place.directory, 'checkpoints.log'));
  await place.restart();
});

test('an empty store beside a log with notes is no new ledger', async (t) => {
  const place = await world(t);
  place.store.close();
  rmSync(place.file);
  await assert.rejects(place.restart(), { code: 'ledger-rolled-back', message: /the store is empty/ });
  rmSync(join(place.directory, 'checkpoints.log'));
  await assert.rejects(place.restart(), { code: 'keys-shared', message: /belongs to the ledger local\/outwitness\// });
  rmSync(join(place.directory, 'keys'), { recursive: true });
  await place.restart();
});

test('a successor names its predecessor and its last note', async (t) => {
  const [first, second] = [await world(t), await world(t)];
  second.store.close();
  for (const name of ['ledger.db', 'checkpoints.log', 'keys'])
    rmSync(join(second.directory, name), { recursive: true });
  const successorOf = {
    origin: first.ledger.origin,
    note: first.ledger.note.note,
    verdict: 'TAMPERED',
    why: 'somebody \u001b changed a row',
  };
  await second.restart({ successorOf });
  const [genesis] = leaves(await second.store.rows(0, 1));
  assert.deepEqual(
    ['Of', 'Note', 'Verdict', 'Why'].map((name) => genesis?.[`successor${name}`]),
    [first.ledger.origin, first.ledger.note.note, 'TAMPERED', 'somebody \uFFFD changed a row'],
  );
  assert.notEqual(second.ledger.origin, first.ledger.origin);
  assert.equal(verifyAt(second.directory, START).exit, 10);
  await assert.rejects(second.restart({ successorOf }), { code: 'ledger-exists', message: /is there already/ });
  await assert.rejects(first.restart({ successorOf }), { code: 'ledger-exists', message: /there is a ledger already/ });
  await second.restart();
});

test('keys of another ledger, or none, are refused', async (t) => {
  const [a, b] = [await world(t), await world(t)];
  a.store.close();
  rmSync(join(a.directory, 'keys'), { recursive: true });
  await assert.rejects(a.restart(), { code: 'key-missing' });
  cpSync(join(b.directory, 'keys'), join(a.directory, 'keys'), { recursive: true });
  await assert.rejects(a.restart(), { code: 'key-mismatch' });
});

test('a row judged by a catalogue whose text is unknown is not written', async (t) => {
  const place = await world(t);
  const other = 'ab'.repeat(32);
  await place.restart({ judge: (draft, manifest) => ({ ...judge(draft, manifest), catalogue: other }) });
  await assert.rejects(place.ledger.append({ files: [drained([HELLO, OPEN, DONE])] }), { code: 'catalogue-unknown' });
  await place.restart();
  const { rows } = await place.ledger.append({
    files: [drained([HELLO, OPEN, DONE])],
    own: [{ kind: 'policy', catalogue: `${CATALOGUE}\n`, text: 'a newer one' }],
  });
  assert.deepEqual(
    leaves(rows).map((row) => row['kind']),
    ['policy', 'control', 'net', 'seal'],
  );
  assert.equal(await place.store.text(String(leaves(rows)[0]?.['catalogue'])), `${CATALOGUE}\n`);
});

test('the manifest that a package reported reaches the judge, also after a restart', async (t) => {
  const place = await world(t);
  const pkg = { kind: 'pkg', package: 'axios', packageVersion: '1.0.0', manifest: '{"endpoints":[]}' };
  await place.ledger.append({ files: [drained([HELLO, pkg, { ...OPEN, package: 'axios', packageVersion: '1.0.0' }])] });
  const seen: (string | undefined)[] = [];
  await place.restart({
    judge: (draft, manifest) => {
      seen.push(manifest);
      return judge(draft, manifest);
    },
  });
  await place.ledger.append({ files: [drained([DONE], 3)] });
  assert.deepEqual(seen, ['{"endpoints":[]}']);
});

test('a leaf is never longer than 16,384 bytes, whatever the record holds', async (t) => {
  const { ledger, directory } = await world(t);
  const long = (count: number): string[] => Array.from({ length: count }, () => '"'.repeat(64));
  const record = {
    ...OPEN,
    path: '\\'.repeat(1024),
    queryKeys: long(64),
    requestHeaders: long(100),
    via: long(8),
    chain: long(16),
  };
  const { rows } = await ledger.append({ files: [drained([HELLO, record, { ...DONE, responseHeaders: long(100) }])] });
  const net = rows[1]!;
  assert.ok(Buffer.byteLength(net.leaf) <= 16_384);
  const [leaf] = leaves([net]);
  assert.ok((leaf!['cut'] as string[]).includes('requestHeaders'));
  assert.ok((leaf!['requestHeaders'] as string[]).length < 100);
  assert.equal(String(leaf?.['path']).length, 1024);
  assert.equal(verifyAt(directory, START).exit, 10);
});
