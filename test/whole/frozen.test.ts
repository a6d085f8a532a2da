/** Somebody lets the database change rows while they are written: the collector reads each batch back and stops signing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

interface Status {
  readonly collector: { running: boolean; frozen: string | null };
  readonly verdict: string;
}

test('a row that lies otherwise on disk than it was written freezes the ledger, is an alarm, and no start goes on with it', async (context) => {
  using folder = temporaryFolder('frozen');
  const data = join(folder.path, 'data');
  const status = async (): Promise<Status | undefined> => {
    const { code, stdout } = await outwitness(['status', '--json', '--data', data]);
    return code === 0 ? (JSON.parse(stdout) as Status) : undefined;
  };
  const collector = startOutwitness(['collect', '--no-serve', '--data', data]);
  context.after(() => collector.child.kill('SIGKILL'));
  for (let tries = 0; (await status())?.collector.running !== true && tries < 50; tries++) await sleep(100);
  const ack = (): ReturnType<typeof outwitness> =>
    outwitness(['ack', 'stripe -> api.stripe.com:443', '--why', 'agreed', '--data', data]);
  assert.equal((await ack()).code, 0);
  const shown = readFileSync(join(data, 'checkpoints.log'), 'utf8').trim().split('\n').length;

  const db = new DatabaseSync(join(data, 'ledger.db'));
  db.exec(`DROP TRIGGER rows_no_update; CREATE TRIGGER changed AFTER INSERT ON rows WHEN NEW.kind = 'control'
    BEGIN UPDATE rows SET leaf = replace(leaf, 'agreed', 'denied') WHERE seq = NEW.seq; END`);
  db.close();
  const refused = await ack();
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /was read back otherwise than it was written/);

  let said = await status();
  for (let tries = 0; said?.collector.frozen === null && tries < 50; tries++) {
    await sleep(100);
    said = await status();
  }
  assert.match(said?.collector.frozen ?? '', /Keep the evidence and begin a successor ledger/);
  assert.equal(said?.verdict, 'alarm');
  const lines = readFileSync(join(data, 'checkpoints.log'), 'utf8').trim().split('\n').length;
  assert.ok(lines - shown <= 1, 'the note over the changed row was shown to nobody');
  collector.child.kill('SIGTERM');
  await collector.ended;

  const result = await verify(data, join(data, 'keys/log.vkey'));
  assert.equal(result.exit, 20);
  assert.ok(result.findings.some(({ code }) => code === 'leaf-hash'));
  const again = await outwitness(['collect', '--no-serve', '--data', data]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /is not that of its hash/);
});
