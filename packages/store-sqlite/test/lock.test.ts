import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { holdLock, lockHolder } from '../src/index.ts';

function file(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'outwitness-lock-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'lock.db');
}

test('a second process is refused and told who holds the lock; a killed holder holds nothing', async (t) => {
  const path = file(t);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/holder.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const who = process.platform === 'linux' ? `process ${child.pid}` : '';
  assert.throws(() => holdLock(path), {
    code: 'store-locked',
    message: new RegExp(`is held by ${who}.*one collector appends at a time`),
  });
  if (process.platform === 'linux') assert.equal(lockHolder(path), child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = holdLock(path);
  lock.release();
  lock.release();
  assert.equal(lockHolder(path), undefined);
});

test('nobody holds a lock that is not there', (t) => {
  assert.equal(lockHolder(file(t)), undefined);
});

test('a new file belongs to its owner alone, and the rights of an old one are left as they are', (t) => {
  const path = file(t);
  holdLock(path).release();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  chmodSync(path, 0o640);
  holdLock(path).release();
  assert.equal(statSync(path).mode & 0o777, 0o640);
});
