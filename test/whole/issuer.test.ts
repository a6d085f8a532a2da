/** A program that signs its own users in, against a real collector: what it is granted, what it gets, and the rows of it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { openLink } from '../../claims/system/browser-session.ts';
import { journal, outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

test('a program signs its users in with what was granted, changes what it may, and leaves a row of each', async (context) => {
  using folder = temporaryFolder('issuer');
  const data = join(folder.path, 'data');
  writeFileSync(join(folder.path, 'outwitness.config.json'), '{"learn": 0}');
  const running = startOutwitness(['collect', '--data', data], { cwd: folder.path });
  context.after(() => running.child.kill('SIGKILL'));
  const [, url = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=\S+/);
  const admin = (...args: string[]): ReturnType<typeof outwitness> =>
    outwitness(['admin', ...args, '--data', data], { cwd: folder.path });
  const served = join(data, 'served.json');

  const key = join(data, 'issuer-odoo.key');
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer of any shape, looked into by assertions
  const ask = async (method: string, path: string, body?: object): Promise<{ status: number; json: any }> => {
    const secret = existsSync(key) ? readFileSync(key, 'utf8').trim() : 'none';
    const answer = await fetch(`${url}/issuer/${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: await answer.json() };
  };
  assert.equal((await ask('POST', 'link', { role: 'viewer', user: 'anna' })).json.error.code, 'issuer-refused');

  assert.equal((await admin('issuer', 'odoo', '--role', 'operator')).code, 0);
  // The collector has answered a request by now, so it is past the line that it printed.
  assert.deepEqual(JSON.parse(readFileSync(served, 'utf8')), { schemaVersion: 1, url, local: url });
  const { mode } = statSync(key);
  assert.equal(mode & 0o777, 0o640);
  const made = await ask('POST', 'link', { role: 'officer', user: 'anna' });
  assert.deepEqual([made.status, made.json.role, made.json.user], [201, 'operator', 'odoo:anna']);
  const anna = await openLink(`${url}/#token=${made.json.token}`);
  assert.deepEqual((await anna.send('GET', '/api/session')).json.user, 'odoo:anna');

  const { mayChange, settings } = (await ask('GET', 'settings')).json;
  assert.equal(mayChange, false);
  assert.deepEqual(settings.map(({ name }: { name: string }) => name).toSorted(), [
    'disabledChannels',
    'enabled',
    'retention',
    'strict',
  ]);
  const change = { user: 'anna', changes: { strict: true } };
  assert.deepEqual((await ask('PATCH', 'settings', change)).json.error.code, 'not-allowed');

  assert.equal((await admin('issuer', 'odoo', '--role', 'viewer', '--settings')).code, 0);
  assert.equal((await anna.send('GET', '/api/session')).status, 401, 'a new grant ends what came by the one before');
  const changed = await ask('PATCH', 'settings', change);
  assert.equal(changed.status, 200, JSON.stringify(changed.json));
  assert.equal((JSON.parse(readFileSync(join(data, 'agent.json'), 'utf8')) as { strict: boolean }).strict, true);
  assert.equal(
    (await ask('PATCH', 'settings', { user: 'anna', changes: { learn: 3 } })).json.error.code,
    'not-allowed',
  );
  assert.equal(
    (await ask('PATCH', 'settings', { user: 'anna', changes: { strict: 1 } })).json.error.code,
    'bad-request',
  );

  for (const [args, message] of [
    [['issuer'], /expected 1 arguments/],
    [['issuer', 'Odoo', '--role', 'viewer'], /1 to 16 small letters/],
    [['issuer', 'odoo'], /expected a role out of/],
    [['issuer', 'odoo', '--role', 'admin'], /expected viewer, operator or officer/],
    [['issuer', 'odoo', '--off', '--role', 'viewer'], /expected --off alone/],
    [['issuer', 'other', '--off'], /there is no issuer other/],
    [['people', '--settings'], /takes no --settings/],
  ] as const) {
    const { code, stderr } = await admin(...args);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  }
  assert.equal((await admin('issuer', 'odoo', '--off')).code, 0);
  assert.equal(existsSync(key), false);
  assert.equal((await ask('POST', 'link', { role: 'viewer', user: 'anna' })).status, 401);

  running.child.kill('SIGTERM');
  await running.ended;
  assert.equal(existsSync(served), false);
  const texts = (await journal(data, { kind: 'control' }))
    .map((row) => row as unknown as { event: string; actor: string; text: string })
    .filter(({ event, actor }) => event === 'role' || event === 'sign-in' || actor === 'issuer')
    .map(({ event, actor, text }) => `${event} ${actor}: ${text.replace(/; users .*/, '')}`);
  assert.deepEqual(texts, [
    'role cli: Issuer odoo may sign its users in as operator or less',
    'role issuer: A sign-in link for odoo:anna as operator instead of officer, good for 60 s, was made by odoo',
    'sign-in operator: Signed in to the Trust Report as odoo:anna, operator, from 127.0.0.1',
    'role cli: Issuer odoo may sign its users in as viewer or less, and change enabled, strict, retention, disabledChannels',
    'settings issuer: strict false → true, by odoo:anna',
    'role cli: Issuer odoo may sign nobody in any more',
  ]);
  assert.equal((await verify(data)).exit, 10);
});
