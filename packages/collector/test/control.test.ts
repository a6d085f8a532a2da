import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonical, OutwitnessError } from '@outwitness/event';
import { frameText } from '@outwitness/spool';
import { askCollector } from '../src/control/ask.ts';
import { Inbox, type Received } from '../src/control/inbox.ts';
import { createDataDir, dataDirAt } from '../src/data-dir.ts';

const EXPORT = { do: 'record', event: 'export', actor: 'cli', text: 'exported all' } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-control-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function frame(object: Parameters<typeof canonical>[0]): string {
  const text = canonical(object);
  return frameText(text, Buffer.byteLength(text));
}

async function nextRequest(inbox: Inbox): Promise<Received> {
  for (;;) {
    const [request] = inbox.look(Date.now()).requests;
    if (request !== undefined) return request;
    await sleep(5);
  }
}

test('a request returns only after it was answered, with what the answer says, and leaves nothing behind', async () => {
  const inbox = new Inbox(folder);
  let returned = false;
  const asked = askCollector(folder, EXPORT).finally(() => (returned = true));
  const { name, request } = await nextRequest(inbox);
  assert.deepEqual({ ...request }, EXPORT);
  assert.deepEqual(inbox.look(Date.now()).requests, [], 'handed out twice');
  await sleep(50);
  assert.equal(returned, false);
  inbox.answer(name, { role: 'viewer' });
  assert.deepEqual({ ...(await asked) }, { ok: true, role: 'viewer' });
  assert.deepEqual(readdirSync(folder), []);
});

test('a refusal reaches the asker with its code and sentence', async () => {
  const inbox = new Inbox(folder);
  const asked = askCollector(folder, EXPORT);
  const { name } = await nextRequest(inbox);
  inbox.answer(name, new OutwitnessError('ledger-append', 'no room'));
  await assert.rejects(asked, { code: 'ledger-append', message: 'no room' });
  assert.deepEqual(readdirSync(folder), []);
});

test('nobody answers in time: the request fails closed, a late answer is not written, and nothing is left behind', async () => {
  const inbox = new Inbox(folder);
  const asked = askCollector(folder, EXPORT).catch((error: unknown) => error);
  const { name } = await nextRequest(inbox);
  rmSync(join(folder, name));
  inbox.answer(name, {});
  assert.deepEqual(readdirSync(folder), []);
  const { code, message } = (await asked) as OutwitnessError;
  assert.equal(code, 'control-unanswered');
  assert.match(message, /nothing was done/);
  assert.deepEqual(readdirSync(folder), []);
});

test('what is no request is thrown away, counted, and never becomes a row', () => {
  const good = frame(EXPORT);
  const bad: [string, string][] = [
    ['an unknown event', frame({ ...EXPORT, event: 'genesis' })],
    ['an unknown actor', frame({ ...EXPORT, actor: 'root' })],
    ['an unknown wish', frame({ ...EXPORT, do: 'vacuum' })],
    ['a member of the prototype', frame({ do: 'constructor' })],
    ['a member too many', frame({ ...EXPORT, kind: 'net' })],
    ['a member too few', frame({ do: 'record', event: 'export', actor: 'cli' })],
    ['a member of another type', frame({ ...EXPORT, text: 1 })],
    ['a long text', frame({ ...EXPORT, text: 'x'.repeat(1_025) })],
    ['no frame', canonical(EXPORT)],
    ['a wrong checksum', good.replace(' ', ' 0').replace(/ 0(.{7})./, ' 0$1')],
    ['two frames', good + good],
    ['half a frame', good.slice(0, 40)],
    ['nothing', ''],
    ['a huge file', 'x'.repeat(70_000_000)],
  ];
  for (const [at, [, text]] of bad.entries())
    writeFileSync(join(folder, `00000000${at.toString(36)}-1-00000000.request`), text);
  symlinkSync('/etc/passwd', join(folder, '0000000z1-1-00000000.request'));
  symlinkSync(join(folder, 'nowhere'), join(folder, '0000000z2-1-00000000.request'));
  writeFileSync(join(folder, 'other'), good);
  linkSync(join(folder, 'other'), join(folder, '0000000z3-1-00000000.request'));
  mkdirSync(join(folder, '0000000z4-1-00000000.request'));
  writeFileSync(join(folder, 'NOT-LOOKED-AT.request'), good);
  const inbox = new Inbox(folder);
  assert.deepEqual(inbox.look(Date.now()), { requests: [], foreign: bad.length + 4 });
  assert.deepEqual(inbox.look(Date.now()), { requests: [], foreign: 0 });
  assert.deepEqual(readdirSync(folder).sort(), ['0000000z4-1-00000000.request', 'NOT-LOOKED-AT.request', 'other']);
});

test('a pipe under the name of a request blocks nobody', async (t) => {
  const { spawnSync } = await import('node:child_process');
  const pipe = join(folder, '000000001-1-00000000.request');
  if (spawnSync('mkfifo', [pipe]).status !== 0) return t.skip('there is no mkfifo here');
  assert.deepEqual(new Inbox(folder).look(Date.now()), { requests: [], foreign: 1 });
});

test('ten thousand files delay a request and lose none', () => {
  for (let i = 0; i < 10_000; i++)
    writeFileSync(join(folder, `000000000-${i}-00000000.${['request', 'new', 'answer'][i % 3]}`), 'x');
  writeFileSync(join(folder, 'zzzzzzzzz-1-00000000.request'), frame(EXPORT));
  const inbox = new Inbox(folder);
  let foreign = 0;
  for (let turn = 1; ; turn++) {
    const found = inbox.look(Date.now());
    foreign += found.foreign;
    if (found.requests.length === 0) continue;
    assert.ok(turn <= 5, `turn ${turn}: more than a second`);
    break;
  }
  assert.equal(foreign, 3_334);
});

test('what nobody came for is removed after a minute', () => {
  const now = Date.now();
  for (const [name, age] of [
    ['000000001-1-00000000.answer', 61],
    ['000000002-1-00000000.new', 61],
    ['000000003-1-00000000.answer', 59],
  ] as const) {
    writeFileSync(join(folder, name), 'x');
    utimesSync(join(folder, name), now / 1_000 - age, now / 1_000 - age);
  }
  new Inbox(folder).look(now);
  assert.deepEqual(readdirSync(folder), ['000000003-1-00000000.answer']);
});

test('a control folder that is a link is refused, one that is open to others is closed', async () => {
  const { chmodSync, statSync } = await import('node:fs');
  const dir = dataDirAt({ data: join(folder, 'data') });
  createDataDir(dir);
  chmodSync(dir.control, 0o777);
  createDataDir(dir);
  assert.equal(statSync(dir.control).mode & 0o777, 0o700);
  rmSync(dir.control, { recursive: true });
  symlinkSync(folder, dir.control);
  assert.throws(() => createDataDir(dir), { code: 'data-unusable', message: /is a link: expected a directory/ });
});
