import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { SpoolReader, START } from '../src/index.ts';
import { temporary } from './temporary.ts';

const FIXTURE = new URL('fixtures/endless-writer.mjs', import.meta.url).pathname;

test('no call that was handed over is lost when the process is killed at any moment', async (t) => {
  for (let round = 0; round < 8; round++) {
    const directory = temporary(t);
    const child = spawn(process.execPath, [FIXTURE, directory, '20000'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      told += chunk;
      if (told.length > 2000 + round * 3000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
    const reader = new SpoolReader(directory);
    const calls: number[] = [];
    for (const { name } of reader.list().segments) {
      const { records, damage } = reader.read(name, START, 1 << 25, true);
      assert.ok(damage.every(({ event }) => event === 'torn'));
      for (const { record } of records) if (record.kind === 'open') calls.push(record.call);
    }
    assert.ok(last > 100);
    assert.ok(calls.length >= last);
    assert.deepEqual(
      calls,
      calls.map((_, index) => index + 1),
    );
  }
});
