import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { processAlive } from '../src/process-alive.ts';

test('this process lives', () => {
  assert.equal(processAlive(process.pid, Date.now()), true);
});

test('a process that ended is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid } = child;
  await once(child, 'exit');
  assert.equal(processAlive(pid as number, Date.now()), false);
});

test(
  'a number that a younger process has taken over is not the writer',
  { skip: process.platform === 'linux' ? false : 'needs /proc' },
  () => {
    assert.equal(processAlive(process.pid, Date.now() - process.uptime() * 1_000 - 60_000), false);
  },
);

test('a number that no process can have is gone', () => {
  assert.equal(processAlive(4_194_305, Date.now()), false);
});
