import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { OwnControl, OwnRow } from '@outwitness/ledger';
import { Desk } from '../src/access/desk.ts';
import { OFFICER_AFTER_MS } from '../src/defaults.ts';

const HEX = (n: number): string => n.toString(16).padStart(64, '0');

let folder: string;
let path: string;
let now = 1_800_000_000_000;
let rows: OwnControl[];
let full = false;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-desk-'));
  path = join(folder, 'access.json');
  rows = [];
  full = false;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A desk as the process has it that writes the ledger; a second one is that of its next start. */
function desk(): Desk {
  const write = async (row: OwnRow): Promise<void> => {
    if (full) throw new Error('no room');
    rows.push(row as OwnControl);
  };
  return new Desk({ path, now: () => now, write, changed: () => undefined });
}

const role = (user: string, wanted: 'viewer' | 'operator' | 'officer' | 'admin' | '', by = '') =>
  ({ do: 'role', user, role: wanted, actor: by === '' ? 'cli' : 'admin', by }) as const;
const link = (
  token: number,
  wanted: 'viewer' | 'operator' | 'officer' | 'admin',
  user = '',
  actor: 'cli' | 'admin' | 'start' | 'officer' = 'cli',
) => ({ do: 'link', token: HEX(token), role: wanted, user, minutes: 10, actor, by: '' }) as const;
const signIn = (token: number, session: number) =>
  ({ do: 'sign-in', token: HEX(token), session: HEX(session), from: '127.0.0.1' }) as const;

test('an admin who makes himself an officer is seen, waits a day, and is none until then, also after a restart', async () => {
  await desk().setRole(role('eve', 'admin'));
  const answer = await desk().setRole(role('eve', 'officer', 'eve'));
  assert.deepEqual(answer, { pending: true, from: now + OFFICER_AFTER_MS });
  assert.match(
    rows.at(-1)?.text ?? '',
    /^eve: admin → admin, officer from 2027-01-16T08:00:00\.000Z, by eve; users [0-9a-f]{16}$/,
  );
  const one = desk();
  await assert.rejects(one.link(link(1, 'officer', 'eve')), { code: 'role-pending', message: /2027-01-16T08:00/ });
  await assert.rejects(one.link(link(1, 'officer')), { code: 'role-pending' });
  now += OFFICER_AFTER_MS - 1;
  await assert.rejects(one.link(link(1, 'officer', 'eve')), { code: 'role-pending' });
  now += 1;
  await assert.rejects(one.link(link(1, 'officer', 'eve', 'admin')), { code: 'access-refused' });
  await one.link(link(1, 'officer', 'eve'));
  assert.deepEqual(await one.signIn(signIn(1, 2)), {
    found: true,
    role: 'officer',
    user: 'eve',
    expires: now + 24 * 3_600_000,
  });
  // Now an officer and no admin any more.
  await assert.rejects(one.link(link(3, 'admin', 'eve')), { code: 'access-refused' });
});

test('asking again for an officer does not shorten the delay, and a removed one begins anew', async () => {
  const one = desk();
  await one.setRole(role('anna', 'officer'));
  now += OFFICER_AFTER_MS / 2;
  assert.deepEqual(await one.setRole(role('anna', 'officer')), { pending: true, from: now + OFFICER_AFTER_MS });
  now += OFFICER_AFTER_MS;
  assert.deepEqual(await one.setRole(role('anna', 'officer')), { pending: false, from: now });
  await one.setRole(role('anna', ''));
  await one.setRole(role('anna', 'officer'));
  await assert.rejects(one.link(link(1, 'officer', 'anna')), { code: 'role-pending' });
});

test('a list of users that somebody else wrote makes nobody an officer and is a row', async () => {
  await desk().setRole(role('eve', 'admin'));
  const texts = rows.map((row) => row.text);
  const state = JSON.parse(readFileSync(path, 'utf8')) as { users: object[] };
  for (const forged of [{ role: 'officer' }, { officerFrom: now - 1 }, { officerFrom: now + 1_000 }]) {
    writeFileSync(path, JSON.stringify({ ...state, users: [{ ...state.users[0], ...forged }] }));
    const one = desk();
    await one.check(texts);
    assert.deepEqual([rows.at(-1)?.event, rows.at(-1)?.actor], ['role', 'unknown']);
    now += 2_000;
    await assert.rejects(one.link(link(1, 'officer', 'eve')), { code: 'access-refused' });
    // What it found is now what it stands by.
    const before = rows.length;
    await desk().check([rows.at(-1)?.text ?? '']);
    assert.equal(rows.length, before);
  }
});

test('a crash between the row and the file is no alarm, and the change is not carried out', async () => {
  await desk().setRole(role('anna', 'operator'));
  const before = readFileSync(path, 'utf8');
  await desk().setRole(role('anna', 'admin'));
  writeFileSync(path, before);
  const one = desk();
  await one.check(rows.map(({ text }) => text).toReversed());
  assert.equal(rows.at(-1)?.actor, 'collector');
  await assert.rejects(one.link(link(1, 'admin', 'anna')), { code: 'access-refused' });
});

test('a sign-in is a row first: without it there is no session and the token stays good', async () => {
  const one = desk();
  await one.link(link(1, 'operator', '', 'start'));
  assert.deepEqual(rows, []);
  full = true;
  await assert.rejects(one.signIn(signIn(1, 2)), { message: 'no room' });
  assert.equal(one.table.find(HEX(2)), undefined);
  full = false;
  assert.equal((await one.signIn(signIn(1, 2)))['found'], true);
  assert.deepEqual(
    rows.map(({ event, actor }) => [event, actor]),
    [['sign-in', 'operator']],
  );
  assert.deepEqual(await one.signIn(signIn(1, 3)), { found: false });
  assert.equal(desk().table.find(HEX(2))?.role, 'operator', 'a session outlives a restart of the collector');
});

test('nothing that cannot be recorded changes anything', async () => {
  const one = desk();
  await one.setRole(role('anna', 'viewer'));
  await one.link(link(1, 'viewer', 'anna'));
  const before = readFileSync(path, 'utf8');
  full = true;
  await assert.rejects(one.setRole(role('anna', 'admin')));
  await assert.rejects(one.link(link(2, 'viewer')));
  await assert.rejects(one.revoke({ do: 'revoke', session: '', user: '', actor: 'cli', by: '' }));
  await assert.rejects(one.setWitness({ do: 'witness', token: HEX(9), actor: 'cli' }));
  assert.equal(readFileSync(path, 'utf8'), before);
  full = false;
  assert.equal((await one.signIn(signIn(1, 4)))['found'], true);
});

test('a role that shrinks ends the sessions and links that it does not cover', async () => {
  const one = desk();
  await one.setRole(role('bob', 'admin'));
  await one.link(link(1, 'admin', 'bob'));
  await one.link(link(2, 'viewer', 'bob'));
  await one.link(link(3, 'admin', 'bob'));
  await one.signIn(signIn(1, 11));
  await one.signIn(signIn(2, 12));
  await one.setRole(role('bob', 'operator'));
  assert.equal(one.table.find(HEX(11)), undefined);
  assert.equal(one.table.find(HEX(12))?.role, 'viewer');
  assert.deepEqual(await one.signIn(signIn(3, 13)), { found: false });
  await one.setRole(role('bob', ''));
  assert.equal(one.table.find(HEX(12)), undefined);
});

test('a printed start link is never an admin’s', async () => {
  await assert.rejects(desk().link(link(1, 'admin', '', 'start')), { code: 'access-refused' });
  await assert.rejects(desk().link(link(1, 'officer', '', 'start')), { code: 'access-refused' });
});

test('names that could pass for something else are refused', async () => {
  for (const name of ['', ' anna', 'anna; users 0', 'a\nb', 'x'.repeat(65), '-x', 'ä'])
    await assert.rejects(desk().setRole(role(name, 'viewer')), { code: 'access-invalid' }, name);
  assert.deepEqual(rows, []);
});
