/** Keys, log of checkpoints and spool in places of their own: every command finds them, named once. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { editPastTriggers } from '../../claims/system/ledger-edit.ts';
import { outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const folder = temporaryFolder('moved');
after(() => folder[Symbol.dispose]());
const data = join(folder.path, 'data');
const [keys, checkpoints, spool] = ['safe/keys', 'safe/checkpoints.log', 'fast/spool'].map((name) =>
  join(folder.path, name),
) as [string, string, string];
// Without the high-water of this machine: it would show the same, and it is the log that is asked.
const env = { XDG_STATE_HOME: join(folder.path, 'state') };

interface Verified {
  readonly verdict: string;
  readonly findings: readonly { code: string }[];
  readonly notChecked: readonly string[];
}

async function verified(...more: string[]): Promise<Verified> {
  const { stdout, stderr } = await outwitness(['verify', '--data', data, '--json', ...more], {
    env: { XDG_STATE_HOME: join(folder.path, 'nothing') },
  });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Verified;
}

test('parts that were moved are used by every command that follows, without being named again', async () => {
  const places = ['--keys', keys, '--checkpoints', checkpoints, '--spool', spool];
  const app = [process.execPath, '-e', "http.get('http://127.0.0.1:1/').on('error', () => {})"];
  const first = await outwitness(['run', '--no-serve', '--data', data, ...places, '--', ...app], { env });
  assert.equal(first.code, 0, first.stderr);
  assert.ok(readdirSync(keys).includes('log.vkey') && readdirSync(spool).length > 0);
  assert.deepEqual(
    ['keys', 'checkpoints.log', 'spool'].filter((name) => existsSync(join(data, name))),
    [],
  );

  const second = await outwitness(['run', '--no-serve', '--data', data, '--', ...app], { env });
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(
    ['keys', 'checkpoints.log', 'spool'].filter((name) => existsSync(join(data, name))),
    [],
  );
  const rows = (await outwitness(['journal', '--data', data, '--where', 'kind=net', '--where', 'port=1'])).stdout
    .trim()
    .split('\n');
  assert.equal(rows.length, 2);

  const { verdict, notChecked } = await verified('--pin', join(keys, 'log.vkey'));
  assert.equal(verdict, 'VERIFIED');
  assert.deepEqual(
    notChecked.filter((text) => text.includes('checkpoints.log')),
    [],
  );
});

test('a store behind a log of checkpoints that lies elsewhere is rolled back', async () => {
  editPastTriggers(data, (database) =>
    database.exec('DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)'),
  );
  const { verdict, findings } = await verified('--pin', join(keys, 'log.vkey'));
  assert.equal(verdict, 'ROLLBACK');
  assert.ok(findings.some(({ code }) => code === 'log-ahead'));
  const file = await outwitness(['verify', '--data', data, '--checkpoints', join(folder.path, 'none'), '--json']);
  assert.doesNotMatch(JSON.stringify((JSON.parse(file.stdout) as Verified).findings), /log-ahead/);
});
