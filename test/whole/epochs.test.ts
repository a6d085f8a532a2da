/** An epoch that is over closes with the next row, whoever writes it, as the settings say. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { keyDirectory, Ledger } from '@outwitness/ledger';
import { openStore } from '@outwitness/store-sqlite';

import { outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const folder = temporaryFolder('epochs');
after(() => folder[Symbol.dispose]());

/** A data directory whose ledger began two days ago and was closed in order. */
async function twoDaysOld(name: string): Promise<string> {
  const data = join(folder.path, name);
  mkdirSync(data);
  const store = openStore(join(data, 'ledger.db'));
  let wall = (Date.now() - 48 * 3_600_000) * 1000;
  const ledger = await Ledger.open({
    store,
    keys: keyDirectory(join(data, 'keys')),
    checkpoints: join(data, 'checkpoints.log'),
    software: 'outwitness test',
    judge: () => ({ class: 'unclassified', declared: 'none', catalogue: '' }),
    fold: () => [],
    clock: { wall: () => wall++, monotonic: () => wall },
    random: randomBytes,
    boot: 'boot of the test',
  });
  await ledger.close();
  store.close();
  return data;
}

const keysOf = (data: string): string[] => readdirSync(join(data, 'keys')).filter((name) => name.endsWith('.key'));

async function epochOf(data: string): Promise<number> {
  const { stdout } = await outwitness(['status', '--json', '--data', data]);
  return (JSON.parse(stdout) as { ledger: { epoch: number } }).ledger.epoch;
}

test('after 24 hours the key of an epoch is destroyed, and what is exported verifies under the pinned log key', async () => {
  const data = await twoDaysOld('daily');
  assert.equal(await epochOf(data), 0);
  const out = join(folder.path, 'daily.outwitness');
  const exported = await outwitness(['export', '--data', data, '--out', out]);
  assert.equal(exported.code, 0, exported.stderr);
  assert.equal(await epochOf(data), 1);
  assert.deepEqual(keysOf(data).toSorted(), ['epoch-1.key', 'log.key']);
  const pin = join(data, 'keys/log.vkey');
  for (const path of [data, out]) {
    const { code, stdout, stderr } = await outwitness(['verify', path, '--pin', pin]);
    assert.equal(code, 0, stdout + stderr);
  }
  assert.equal(readFileSync(out, 'utf8').match(/^note /gm)?.length, 2, 'the closing note and the newest one');
});

test('epochHours of the settings says when', async () => {
  const data = await twoDaysOld('yearly');
  const out = join(folder.path, 'yearly.outwitness');
  const env = { OUTWITNESS_EPOCH_HOURS: '8760' };
  assert.equal((await outwitness(['export', '--data', data, '--out', out], { env })).code, 0);
  assert.equal(await epochOf(data), 0);
  const refused = await outwitness(['export', '--data', data, '--out', out], { env: { OUTWITNESS_EPOCH_HOURS: '0' } });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /OUTWITNESS_EPOCH_HOURS: expected a number of hours from 1 to 8760, got 0/);
});

test('a ledger whose open key others could read takes no row and says why; its evidence still verifies', async () => {
  const data = await twoDaysOld('readable');
  assert.equal((await outwitness(['export', '--data', data, '--out', join(folder.path, 'first')])).code, 0);
  const key = join(data, 'keys/epoch-1.key');
  chmodSync(key, 0o644);
  const open = await outwitness(['export', '--data', data, '--out', join(folder.path, 'second')]);
  assert.equal(open.code, 2);
  assert.match(open.stderr, /epoch-1\.key has mode 0644: expected 0600/);
  assert.equal((await outwitness(['verify', data])).code, 10);
});
