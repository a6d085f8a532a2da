/** Programs that sign their own users in: never more than was granted, and every link a row first. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { OwnControl, OwnRow } from '@outwitness/ledger';
import type { Role } from '@outwitness/server';
import { Desk } from '../src/access/desk.ts';
import { OFFICER_AFTER_MS } from '../src/defaults.ts';

const HEX = (n: number): string => n.toString(16).padStart(64, '0');
const SECRET = HEX(7);

let folder: string;
let path: string;
let now = 1_800_000_000_000;
let rows: OwnControl[];
let full = false;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outwitness-issuers-'));
  path = join(folder, 'access.json');
  rows = [];
  full = false;
});
afterEach(() => rmSync(folder, { recursive: true }));

function desk(): Desk {
  const write = async (row: OwnRow): Promise<void> => {
    if (full) throw new Error('no room');
    rows.push(row as OwnControl);
  };
  return new Desk({ path, now: () => now, write, changed: () => undefined });
}

const grant = (role: Role, settings = false, token = SECRET) =>
  ({ do: 'issuer', name: 'odoo', token, role, settings, actor: 'cli' }) as const;
const link = (token: number, role: Role, user = 'anna', issuer = SECRET) =>
  ({ do: 'issued-link', issuer, token: HEX(token), role, user }) as const;
const signIn = (token: number, session: number) =>
  ({ do: 'sign-in', token: HEX(token), session: HEX(session), from: '127.0.0.1' }) as const;
const set = (changes: object, issuer = SECRET) =>
  ({ do: 'issued-settings', issuer, changes: JSON.stringify(changes), user: 'anna' }) as const;
const last = (): [string, string] => [rows.at(-1)?.actor ?? '', rows.at(-1)?.text.replace(/; users .*/, '') ?? ''];

test('a user of an issuer gets the role asked for or the next lower one that was granted, and each link is a row', async () => {
  const one = desk();
  const table: [Role, Role, Role][] = [
    ['viewer', 'viewer', 'viewer'],
    ['viewer', 'officer', 'viewer'],
    ['operator', 'viewer', 'viewer'],
    ['operator', 'operator', 'operator'],
    ['operator', 'officer', 'operator'],
    ['officer', 'operator', 'operator'],
    ['officer', 'officer', 'operator'],
  ];
  for (const [at, [granted, wanted, got]] of table.entries()) {
    await one.issuers.set(grant(granted));
    const answer = await one.issuers.link(link(at, wanted));
    assert.deepEqual([answer['role'], answer['user']], [got, 'odoo:anna'], `${granted} asked for ${wanted}`);
    const lower = got === wanted ? '' : ` instead of ${wanted}`;
    assert.deepEqual(last(), [
      'issuer',
      `A sign-in link for odoo:anna as ${got}${lower}, good for 60 s, was made by odoo`,
    ]);
    const entered = await one.signIn(signIn(at, 100 + at));
    assert.deepEqual([entered['found'], entered['role'], entered['user']], [true, got, 'odoo:anna']);
    assert.deepEqual(last(), [got, `Signed in to the Trust Report as odoo:anna, ${got}, from 127.0.0.1`]);
  }
});

test('an officer comes through an issuer only if it was granted officers and he was appointed by name a day before', async () => {
  const one = desk();
  await one.issuers.set(grant('officer'));
  await one.setRole({ do: 'role', user: 'odoo:anna', role: 'officer', actor: 'cli', by: '' });
  assert.equal((await one.issuers.link(link(1, 'officer')))['role'], 'viewer', 'appointed and not yet one');
  now += OFFICER_AFTER_MS;
  assert.equal((await one.issuers.link(link(2, 'officer', 'bob')))['role'], 'operator');
  assert.equal((await one.issuers.link(link(3, 'officer')))['role'], 'officer');
  await one.issuers.set(grant('operator'));
  assert.equal((await one.issuers.link(link(4, 'officer')))['role'], 'operator');
});

test('a user whom the list knows gets no more than the list says', async () => {
  const one = desk();
  await one.issuers.set(grant('operator'));
  await one.setRole({ do: 'role', user: 'odoo:bob', role: 'viewer', actor: 'cli', by: '' });
  assert.equal((await one.issuers.link(link(1, 'operator', 'bob')))['role'], 'viewer');
  assert.equal((await one.issuers.link(link(2, 'operator', 'anna')))['role'], 'operator');
  await one.setRole({ do: 'role', user: 'odoo:anna', role: 'viewer', actor: 'cli', by: '' });
  assert.deepEqual(await one.signIn(signIn(2, 3)), { found: false }, 'a link from before the role was given');
});

test('an issuer grants no admin, and a name or secret that is not its own gets nothing', async () => {
  const one = desk();
  await assert.rejects(one.issuers.set(grant('admin')), { code: 'access-invalid' });
  for (const name of ['', 'Odoo', 'odoo:x', 'o doo', '1x', 'x'.repeat(17)])
    await assert.rejects(one.issuers.set({ ...grant('viewer'), name }), { code: 'access-invalid' }, name);
  assert.deepEqual(rows, []);
  await one.issuers.set(grant('viewer'));
  await assert.rejects(one.issuers.link(link(1, 'viewer', 'anna', HEX(8))), { code: 'access-unknown' });
  await assert.rejects(one.issuers.set({ ...grant('viewer', false, ''), name: 'other' }), { code: 'access-unknown' });
  await assert.rejects(one.issuers.link(link(1, 'admin')), { code: 'access-refused' });
  await assert.rejects(one.issuers.link(link(1, 'viewer', 'anna', '')), { code: 'access-unknown' });
});

test('links and sessions of an issuer end when it is withdrawn or gets another secret, also after a restart', async () => {
  for (const [at, token] of ['', HEX(9)].entries()) {
    await desk().issuers.set(grant('operator'));
    const one = desk();
    await one.issuers.link(link(1, 'operator'));
    await one.issuers.link(link(2, 'viewer'));
    await one.signIn(signIn(1, 11));
    assert.equal(one.table.find(HEX(11))?.user, 'odoo:anna');
    const two = desk();
    assert.deepEqual(await two.issuers.set(grant('operator', false, token)), { ended: 1 });
    assert.equal(two.table.find(HEX(11)), undefined);
    assert.deepEqual(await two.signIn(signIn(2, 12)), { found: false });
    await assert.rejects(two.issuers.link(link(3, 'viewer')), { code: 'access-unknown' }, `case ${at}`);
  }
});

test('a link is good for a minute and once, and without its row there is none', async () => {
  const one = desk();
  await one.issuers.set(grant('viewer'));
  await one.issuers.link(link(1, 'viewer'));
  await one.issuers.link(link(2, 'viewer'));
  assert.equal((await one.signIn(signIn(1, 3)))['found'], true);
  assert.deepEqual(await one.signIn(signIn(1, 4)), { found: false });
  now += 60_000;
  assert.deepEqual(await one.signIn(signIn(2, 5)), { found: false });
  full = true;
  await assert.rejects(one.issuers.link(link(6, 'viewer')), { message: 'no room' });
  await assert.rejects(one.issuers.set(grant('operator')), { message: 'no room' });
  full = false;
  assert.deepEqual(await one.signIn(signIn(6, 7)), { found: false });
  assert.equal(one.issuers.entries[0]?.role, 'viewer');
});

test('an issuer changes settings only if that was granted, and only those it is for', async () => {
  const one = desk();
  await one.issuers.set(grant('operator'));
  assert.throws(() => one.issuers.maySet(set({ strict: true })), { code: 'access-refused' });
  await one.issuers.set(grant('viewer', true));
  assert.match(
    rows.at(-1)?.text ?? '',
    /^Issuer odoo may sign its users in as viewer or less, and change enabled, strict/,
  );
  assert.equal(
    one.issuers.maySet(set({ strict: true, retention: 30, enabled: true, disabledChannels: [] })),
    'odoo:anna',
  );
  for (const other of ['learn', 'hosts', 'witness.serve', 'attribution', 'context'])
    assert.throws(() => one.issuers.maySet(set({ strict: true, [other]: 1 })), { code: 'access-refused' }, other);
  assert.throws(() => one.issuers.maySet(set({ unheard: 1 })), { code: 'settings-invalid' });
});

test('a file of a version that knew no issuers is read, and one whose issuers are no list is refused', async () => {
  const one = desk();
  await one.issuers.set(grant('viewer'));
  const { issuers, ...before } = JSON.parse(readFileSync(path, 'utf8')) as { issuers: object[] };
  assert.equal(JSON.stringify(issuers).includes(SECRET), true);
  writeFileSync(path, JSON.stringify(before));
  assert.deepEqual(desk().issuers.entries, []);
  writeFileSync(path, JSON.stringify({ ...before, issuers: 'odoo' }));
  assert.throws(desk, { code: 'access-unreadable' });
});
