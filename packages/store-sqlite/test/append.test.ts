import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { drained, FILE, HELLO, leaves, world } from './support/world.ts';

const CALL = {
  kind: 'open',
  call: 1,
  direction: 'out',
  channel: 'http',
  host: 'example.org',
  port: 443,
  package: 'axios',
};

test('a new ledger holds its genesis row and a seal under a note', async (t) => {
  const { ledger, store } = await world(t);
  const rows = leaves(await store.rows(0, 10));
  assert.deepEqual(
    rows.map((row) => row['kind']),
    ['genesis', 'seal', 'policy', 'seal'],
  );
  assert.equal(ledger.note.size, 4);
  assert.equal((await store.lastNote())?.note, ledger.note.note);
});

test('a call becomes one row, its rollup and its offset in the same commit', async (t) => {
  const { ledger, store, directory } = await world(t);
  const done = { kind: 'done', call: 1, outcome: 'ok', status: 200, bytesOut: 10, bytesIn: 20 };
  const appended = await ledger.append({ files: [drained([HELLO, CALL, done])] });
  assert.deepEqual(
    leaves(appended.rows).map((row) => row['kind']),
    ['control', 'net', 'seal'],
  );
  const [, row] = leaves(appended.rows);
  assert.equal(row?.['phase'], 'whole');
  assert.equal(row?.['status'], 200);
  assert.deepEqual(
    (await store.spools()).map(({ name, offset, n }) => [name, offset, n]),
    [[FILE, 300, 3]],
  );
  const [sum] = await store.rollup({ by: ['host', 'package'] });
  assert.deepEqual(
    { ...sum },
    { host: 'example.org', package: 'axios', events: 1, errors: 0, bytesOut: 10, bytesIn: 20, firstSeq: 5, lastSeq: 5 },
  );
  const log = readFileSync(join(directory, 'checkpoints.log'), 'utf8').trim().split('\n');
  assert.equal(log.length, 3);
  assert.equal(Buffer.from(log.at(-1)?.split(' ')[1] ?? '', 'base64').toString(), appended.note.note);
});

test('an open call survives a restart', async (t) => {
  const place = await world(t);
  await place.ledger.append({ files: [drained([HELLO, CALL])] });
  await place.restart();
  assert.equal(place.ledger.pending, 1);
  const appended = await place.ledger.append({ files: [drained([{ kind: 'done', call: 1, outcome: 'ok' }], 2)] });
  assert.equal(leaves(appended.rows)[0]?.['host'], 'example.org');
  assert.equal(leaves(appended.rows)[0]?.['spoolSeq'], 1);
});
