import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { answerRequest, requestControl, waitingRequests } from '../src/control.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-control-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a request returns only after its row was committed', async () => {
  let returned = false;
  const asked = requestControl(folder, { event: 'export', actor: 'cli', text: 'exported all' }).then(
    () => (returned = true),
  );
  let found = waitingRequests(folder);
  while (found.length === 0) found = waitingRequests(folder);
  const [request] = found;
  assert.ok(request);
  assert.deepEqual([request.event, request.actor, request.text], ['export', 'cli', 'exported all']);
  assert.equal(returned, false);
  answerRequest(folder, request.name);
  await asked;
  assert.deepEqual(readdirSync(folder), []);
});

test('nobody answers: the request fails closed and leaves nothing behind', { timeout: 15_000 }, async () => {
  await assert.rejects(requestControl(folder, { event: 'export', actor: 'cli', text: 'x' }), {
    code: 'control-unanswered',
    message: /nothing was done/,
  });
  assert.deepEqual(readdirSync(folder), []);
});

test('what is no request is thrown away and never becomes a row', () => {
  writeFileSync(join(folder, '1-a-b.request'), '{"event":"genesis","actor":"cli","text":"x"}');
  writeFileSync(join(folder, '2-a-b.request'), 'x'.repeat(1_000_000));
  symlinkSync('/etc/passwd', join(folder, '3-a-b.request'));
  writeFileSync(join(folder, '../'.slice(3) + 'UPPER.request'), 'not looked at');
  assert.deepEqual(waitingRequests(folder), []);
  assert.deepEqual(readdirSync(folder), ['UPPER.request']);
});
