import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

const CLAIM = join(import.meta.dirname, '../../claims/node-red.ts');

/** Installs 280 packages and needs a network namespace, hence not among the quick ones. */
const skip =
  process.env['OUTWITNESS_LONG'] === '1'
    ? false
    : 'installs Node-RED: run by npm run test:long and npm run claim -- node-red';

test('a real Node-RED without a network: every call has its row, none names a wrong package', { skip }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLAIM], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
});
