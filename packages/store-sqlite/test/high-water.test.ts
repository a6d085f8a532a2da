import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { highWater } from '@outwitness/ledger';
import { verifyAt } from './support/verify.ts';
import { gapAt, type World, worldIn } from './support/world.ts';

/** A folder for state, where the verifier looks too. */
async function place(t: TestContext): Promise<{ root: string; state: string; data: string; world: World }> {
  const root = mkdtempSync(join(tmpdir(), 'outwitness-high-water-'));
  const [state, data] = [join(root, 'state'), join(root, 'data')];
  mkdirSync(data);
  const before = process.env['XDG_STATE_HOME'];
  process.env['XDG_STATE_HOME'] = state;
  const world = await worldIn(data, { highWater: highWater(state, data) });
  t.after(() => {
    if (before === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before;
    rmSync(root, { recursive: true, force: true });
  });
  return { root, state, data, world };
}

const verdict = (path: string, world: World): [number, string[]] => {
  const pin = join(path, 'keys/log.vkey');
  const { exit, findings } = verifyAt(path, world.clock.now, '--pin', pin);
  return [exit, findings.map(({ code }) => code)];
};

const files = (state: string): string[] => readdirSync(join(state, 'outwitness'));

test('a directory put back as a whole is noticed by verifier and writer; a copy elsewhere is no false alarm', async (t) => {
  const { root, state, data, world } = await place(t);
  await world.ledger.append({ own: [gapAt(1)] });
  world.end();
  cpSync(data, join(root, 'backup'), { recursive: true });
  assert.deepEqual(verdict(data, world), [0, []]);
  await world.restart();
  await world.ledger.append({ own: [gapAt(2)] });
  world.end();
  assert.deepEqual(verdict(data, world), [0, []], 'an ordinary restart is none');
  assert.deepEqual(verdict(join(root, 'backup'), world), [0, []], 'nor is a copy');

  rmSync(data, { recursive: true });
  cpSync(join(root, 'backup'), data, { recursive: true });
  assert.deepEqual(verdict(data, world), [21, ['high-water']]);
  await assert.rejects(world.restart(), { code: 'ledger-rolled-back' });
  const elsewhere = await worldIn(join(root, 'backup'), { highWater: highWater(state, join(root, 'backup')) });
  await elsewhere.ledger.append({ own: [gapAt(3)] });
  elsewhere.end();
  assert.deepEqual(verdict(join(root, 'backup'), world), [0, []], 'a copy may go on by itself');
  assert.equal(files(state).length, 2);
});

test('another history of the same length is a split view, and a mark that the log key did not sign counts for nothing', async (t) => {
  const { root, state, data, world } = await place(t);
  world.end();
  cpSync(data, join(root, 'backup'), { recursive: true });
  await world.restart();
  await world.ledger.append({ own: [gapAt(1)] });
  world.end();
  rmSync(data, { recursive: true });
  cpSync(join(root, 'backup'), data, { recursive: true });
  const [name = ''] = files(state);
  const mark = readFileSync(join(state, 'outwitness', name), 'utf8');
  rmSync(join(state, 'outwitness', name));
  await world.restart();
  await world.ledger.append({ own: [gapAt(2)] });
  world.end();
  writeFileSync(join(state, 'outwitness', name), mark);
  assert.deepEqual(verdict(data, world), [20, ['split-view']]);

  const [head, note] = [mark.slice(0, mark.lastIndexOf(' ') + 1), mark.slice(mark.lastIndexOf(' ') + 1)];
  const forged = Buffer.from(note, 'base64')
    .toString()
    .replace(/\n\d+\n/, '\n999999\n');
  for (const text of [head.replace(/ ?\d+ $/, ''), `${head}${Buffer.from(forged).toString('base64')}\n`, 'torn', '']) {
    writeFileSync(join(state, 'outwitness', name), text);
    assert.deepEqual(verdict(data, world), [0, []], JSON.stringify(text));
    await world.restart();
    world.end();
  }
});

test('a state folder that cannot be written stops nothing and is told', async (t) => {
  const { root, data, world } = await place(t);
  world.end();
  const state = join(root, 'no folder');
  writeFileSync(state, 'a file where the folder should be');
  chmodSync(state, 0o600);
  await world.restart({ highWater: highWater(state, data) });
  await world.ledger.append({ own: [gapAt(1)] });
  assert.match(world.ledger.highWaterProblem, /ENOTDIR|EEXIST/);
  world.end();
});
