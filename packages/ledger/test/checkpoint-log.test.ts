import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { CheckpointLog } from '../src/checkpoint-log.ts';

function file(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'outwitness-log-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'checkpoints.log');
}

const line = (size: number): string => `${size} ${Buffer.from(`note ${size}`).toString('base64')}\n`;

test('notes are appended, one per line, and the last one is known after a restart', (t) => {
  const path = file(t);
  const log = new CheckpointLog(path);
  assert.equal(log.last, undefined);
  log.append([{ size: 2, note: 'note 2' }]);
  log.append([
    { size: 5, note: 'note 5' },
    { size: 9, note: 'note 9' },
  ]);
  log.close();
  assert.equal(readFileSync(path, 'utf8'), line(2) + line(5) + line(9));
  const again = new CheckpointLog(path);
  assert.deepEqual(again.last, { size: 9, note: 'note 9' });
  again.close();
});

test('an incomplete last line is taken away, wherever the write broke off', (t) => {
  const path = file(t);
  for (let cut = 1; cut < line(7).length; cut++) {
    writeFileSync(path, line(2) + line(7).slice(0, cut));
    const log = new CheckpointLog(path);
    assert.equal(log.last?.size, 2);
    log.append([{ size: 7, note: 'note 7' }]);
    log.close();
    assert.equal(readFileSync(path, 'utf8'), line(2) + line(7));
  }
});

test('a first line that is incomplete leaves an empty file', (t) => {
  const path = file(t);
  writeFileSync(path, '12 bm90');
  const log = new CheckpointLog(path);
  assert.equal(log.last, undefined);
  log.close();
  assert.equal(readFileSync(path, 'utf8'), '');
});

test('only the tail of a long file is read', (t) => {
  const path = file(t);
  let text = '';
  for (let size = 1; size < 20_000; size++) text += line(size);
  writeFileSync(path, text);
  appendFileSync(path, '20000 bm9');
  const log = new CheckpointLog(path);
  assert.equal(log.last?.size, 19_999);
  log.close();
});

test('a last line that is no note is an error, and the file stays as it is', (t) => {
  const path = file(t);
  for (const text of ['what is this\n', `${line(2)}\n`, 'x'.repeat(70_000)]) {
    writeFileSync(path, text);
    assert.throws(() => new CheckpointLog(path), { code: 'checkpoint-log' });
    assert.equal(readFileSync(path, 'utf8'), text);
  }
});
