import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { idleAfter } from '../src/idle.ts';

test('a collector is idle 60 s after the last audited process, its own watcher left out', async (context) => {
  const started = Date.now().toString(36);
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const writer = (pid: number) => ({ writer: `${pid}-0-${started}-b`, pid, lastSeen: 0, silent: false });
  let living = [writer(process.pid), writer(1)];
  let over = false;
  const { idle, end } = idleAfter(() => living);
  void idle.then(() => (over = true));
  const pass = async (seconds: number): Promise<boolean> => {
    for (let i = 0; i < seconds; i++) context.mock.timers.tick(1_000);
    await Promise.resolve();
    return over;
  };
  assert.equal(await pass(200), false);
  living = [writer(process.pid)];
  assert.equal(await pass(59), false);
  assert.equal(await pass(1), true);
  end();
});

test('a writer whose process is gone keeps nobody awake, although nobody said that it ended', async (context) => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const started = Date.now().toString(36);
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  let over = false;
  const { idle, end } = idleAfter(() => [{ writer: `${pid}-0-${started}-b`, pid, lastSeen: 0, silent: false }]);
  void idle.then(() => (over = true));
  for (let i = 0; i < 61; i++) context.mock.timers.tick(1_000);
  await Promise.resolve();
  assert.equal(over, true);
  end();
});
