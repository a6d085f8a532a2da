/** A clock that is moved while a collector runs is a row and attention, and never an alarm of tampering. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { journal, outwitness, startOutwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

/** Moves the wall clock of the process that it is loaded into by what stands in a file, in seconds. */
const SHIFT = `
  const fs = require('node:fs');
  const now = Date.now;
  const by = () => { try { return Number(fs.readFileSync(process.env.SHIFT_FILE, 'utf8')) * 1000; } catch { return 0; } };
  Date.now = () => now() + by();
`;
const YEAR_S = 365 * 86_400;

test('a clock set ahead a year and back a day: two rows, attention, and the ledger verifies', async (context) => {
  using folder = temporaryFolder('clock');
  const data = join(folder.path, 'data');
  const [shift, file] = [join(folder.path, 'shift.cjs'), join(folder.path, 'seconds')];
  writeFileSync(shift, SHIFT);
  const env = { NODE_OPTIONS: `--require ${shift}`, SHIFT_FILE: file };
  const collector = startOutwitness(['collect', '--no-serve', '--data', data], { env });
  context.after(() => collector.child.kill('SIGKILL'));
  const steps = async (count: number, where = 'event=clock-step'): Promise<string[]> => {
    for (let tries = 0; tries < 60; tries++) {
      const { code, stdout } = await outwitness(['journal', '--data', data, '--where', where]);
      const rows = stdout.split('\n').filter((line) => line !== '');
      if (code === 0 && rows.length >= count) return rows.map((line) => String(JSON.parse(line).text));
      await sleep(100);
    }
    throw new Error(`no ${count} rows of ${where}:\n${collector.output()}`);
  };
  // Not before the first seal, which is what the clocks are compared with.
  await steps(1, 'kind=seal');
  writeFileSync(file, String(YEAR_S));
  const [ahead = ''] = await steps(1);
  assert.match(ahead, /^the clock was set ahead by 3153(?:5999|6000|6001) s$/);
  writeFileSync(file, String(YEAR_S - 86_400));
  const [, back = ''] = await steps(2);
  assert.match(back, /^the clock was set back by 86(?:399|400|401) s$/);
  writeFileSync(file, '0');
  await steps(3);
  const { stdout } = await outwitness(['report', '--json', '--data', data, '--from', '2000-01-01'], { env });
  const reasons = (JSON.parse(stdout) as { reasons: { id: string; severity: string }[] }).reasons;
  assert.deepEqual(
    reasons.filter(({ id }) => id === 'clock-step').map(({ severity }) => severity),
    ['attention'],
  );
  assert.ok(reasons.every(({ severity }) => severity !== 'alarm'));
  const refused = await outwitness(['vacuum', '--json', '--data', data]);
  assert.match(JSON.parse(refused.stdout).waits, /moved less than 24 hours ago/);
  collector.child.kill('SIGTERM');
  await collector.ended;
  const pin = join(data, 'keys/log.vkey');
  const verified = await outwitness(['verify', '--json', '--data', data, '--pin', pin]);
  assert.equal(verified.code, 0, verified.stdout);
  assert.equal((await journal(data, { event: 'reboot' })).length, 0);
});
