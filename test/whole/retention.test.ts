/** Texts of rows are dropped by policy, by the command and by the collector itself, and what is left still verifies. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { journal, outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { writeOldLedger } from './old-ledger.ts';

interface Status {
  readonly retention: {
    days: number;
    floorDays: number;
    cut: number;
    lastRun: { dropped: number; waits: string } | null;
  };
  readonly verification: { verdict: string | null; whole: { verdict: string; at: string } | null };
}

async function status(data: string): Promise<Status> {
  return JSON.parse((await outwitness(['status', '--json', '--data', data])).stdout) as Status;
}

const codes = (result: { findings: readonly { code: string }[] }): string[] => [
  ...new Set(result.findings.map(({ code }) => code)),
];

async function oldLedger(context: TestContext): Promise<string> {
  const folder = temporaryFolder('retention');
  context.after(() => folder[Symbol.dispose]());
  const data = join(folder.path, 'data');
  await writeOldLedger(data, 4);
  return data;
}

test('outwitness vacuum drops what is past the policy, says so, and the rest verifies', async (context) => {
  const data = await oldLedger(context);
  const before = await journal(data, { kind: 'net' });
  assert.equal(before.length, 8);
  const report = async (): Promise<unknown> => {
    const { stdout } = await outwitness([
      'report',
      '--json',
      '--data',
      data,
      '--from',
      '2026-01-01',
      '--to',
      '2026-02-01',
    ]);
    const { destinations } = JSON.parse(stdout) as { destinations: Record<string, unknown>[] };
    return destinations.map(({ host, events, bytesOut, firstSeq }) => ({ host, events, bytesOut, firstSeq }));
  };
  const destinations = await report();

  const done = await outwitness(['vacuum', '--json', '--data', data]);
  assert.equal(done.code, 0, done.stderr);
  const { dropped, to, waits } = JSON.parse(done.stdout) as { dropped: number; to: number; waits: string };
  assert.ok(dropped >= 8 && to > before.at(-1)!.seq, done.stdout);
  assert.match(waits, /no rows are older than 90 days/);
  assert.equal((await journal(data, { kind: 'net' })).length, 0);
  assert.deepEqual(await report(), destinations, 'the totals stay');

  const pin = join(data, 'keys/log.vkey');
  const result = await verify(data, pin);
  assert.deepEqual([result.exit, codes(result)], [12, ['dropped']]);
  const file = join(data, 'all.outwitness');
  assert.equal((await outwitness(['export', '--data', data, '--out', file])).code, 0);
  const bundle = await verify(file, pin);
  assert.deepEqual([bundle.exit, codes(bundle)], [12, ['dropped']]);
  assert.ok(!readFileSync(file, 'utf8').includes('old-1.example'));
  const proof = await outwitness([
    'export',
    '--data',
    data,
    '--row',
    String(before[0]!.seq),
    '--out',
    join(data, 'row'),
  ]);
  assert.equal(proof.code, 2);
  assert.match(proof.stderr, /was dropped or erased, only its hash is left/);
  assert.deepEqual((await status(data)).retention.cut, to);
});

test('a collector that starts verifies the whole, drops by itself, and tells both in status', async (context) => {
  const data = await oldLedger(context);
  const collector = startOutwitness(['collect', '--no-serve', '--data', data]);
  context.after(() => collector.child.kill('SIGKILL'));
  let said = await status(data);
  for (let tries = 0; said.retention.lastRun === null && tries < 100; tries++) {
    await sleep(200);
    said = await status(data);
  }
  assert.ok((said.retention.lastRun?.dropped ?? 0) >= 8, JSON.stringify(said));
  assert.deepEqual(
    [said.verification.whole?.verdict, said.retention.days, said.retention.floorDays],
    ['VERIFIED', 90, 90],
  );
  const [sealed] = await journal(data, { kind: 'vacuum' });
  assert.ok(sealed !== undefined);

  // Asked for while it runs, a policy that is lowered is in the ledger at once and in force later.
  const again = await outwitness(['vacuum', '--json', '--data', data]);
  assert.deepEqual([again.code, JSON.parse(again.stdout).dropped], [0, 0], again.stderr);
  const rows = await journal(data, { kind: 'control', event: 'reboot' });
  assert.equal(rows.length, 1, 'the ledger came from another boot');
  const erased = await outwitness(['vacuum', '--erase', String(rows[0]!.seq), '--why', 'a test', '--data', data]);
  assert.equal(erased.code, 0, erased.stderr);
  assert.equal((await journal(data, { kind: 'control', event: 'reboot' })).length, 0);
  const refused = await outwitness(['vacuum', '--erase', '0', '--why', 'a test', '--data', data]);
  assert.deepEqual([refused.code, /kind genesis/.test(refused.stderr)], [2, true], refused.stderr);
  const noReason = await outwitness(['vacuum', '--erase', '5', '--data', data]);
  assert.equal(noReason.code, 2);

  collector.child.kill('SIGTERM');
  assert.equal((await collector.ended).code, 0);
  const result = await verify(data, join(data, 'keys/log.vkey'));
  assert.deepEqual([result.exit, codes(result)], [12, ['dropped']]);
});

test('a lowered policy is a row and is shown as not in force; a ledger that was tampered with drops nothing', async (context) => {
  const data = await oldLedger(context);
  const config = join(data, '..', 'outwitness.config.json');
  writeFileSync(config, '{"retention": 7}');
  const collector = startOutwitness(['collect', '--no-serve', '--data', data, '--config', config]);
  context.after(() => collector.child.kill('SIGKILL'));
  for (let tries = 0; (await journal(data, { event: 'retention' })).length === 0 && tries < 100; tries++)
    await sleep(100);
  const { retention } = await status(data);
  assert.deepEqual([retention.days, retention.floorDays], [7, 90]);
  writeFileSync(config, '{"retention": 400}');
  for (let tries = 0; (await status(data)).retention.days !== 400 && tries < 100; tries++) await sleep(100);
  assert.deepEqual((await status(data)).retention.floorDays, 400, 'a raised one counts at once');
  collector.child.kill('SIGTERM');
  await collector.ended;

  const other = await oldLedger(context);
  const { tamper } = await import('../../packages/verifier/test/experiment.ts');
  tamper(other, "UPDATE rows SET leaf = replace(leaf, 'old-1.example', 'new-1.example') WHERE kind = 'net'");
  const done = await outwitness(['vacuum', '--data', other]);
  assert.equal(done.code, 2);
  assert.match(done.stderr, /the ledger is TAMPERED: expected one that verifies/);
  assert.equal((await journal(other, { kind: 'vacuum' })).length, 0);
});
