/** Roles and settings, changed over the API and the command line while a collector runs: each is a row, and none happens without. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { openLink } from '../../claims/system/browser-session.ts';
import { journal, outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

test('an admin changes settings and roles, an officer comes a day later, and every change is a row', async (context) => {
  using folder = temporaryFolder('admin');
  const data = join(folder.path, 'data');
  const config = join(folder.path, 'outwitness.config.json');
  writeFileSync(config, '{"learn": 0, "hosts": ["shop.example"]}');
  const running = startOutwitness(['collect', '--data', data], {
    cwd: folder.path,
    env: { OUTWITNESS_ATTRIBUTION: 'exact' },
  });
  context.after(() => running.child.kill('SIGKILL'));
  const [link] = await running.printed(/http:\/\/127\.0\.0\.1:\d+\/#token=\S+/);
  const admin = async (...args: string[]): Promise<{ code: number; json: Record<string, unknown>; stderr: string }> => {
    const { code, stdout, stderr } = await outwitness(['admin', ...args, '--json', '--data', data], {
      cwd: folder.path,
    });
    return { code, stderr, json: stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>) };
  };
  const texts = async (event: string): Promise<string[]> =>
    (await journal(data, { kind: 'control', event })).map(
      (row) => `${(row as unknown as { actor: string }).actor}: ${(row as unknown as { text: string }).text}`,
    );

  const operator = await openLink(link);
  assert.equal((await operator.send('PATCH', '/api/settings', { strict: true })).status, 403);
  assert.equal((await operator.send('PUT', '/api/people/eve', { role: 'admin' })).status, 403);
  assert.equal((await operator.send('POST', '/api/links', { role: 'viewer' })).status, 403);

  await admin('role', 'eve', 'admin');
  const { json: made } = await admin('token', '--role', 'admin', '--user', 'eve');
  const eve = await openLink(String(made['url']));
  assert.deepEqual((await eve.send('GET', '/api/session')).json.user, 'eve');

  const changed = await eve.send('PATCH', '/api/settings', { strict: true, disabledChannels: ['dns'] });
  assert.equal(changed.status, 200, changed.text);
  const strict = changed.json.settings.find(({ name }: { name: string }) => name === 'strict');
  assert.deepEqual(strict, { name: 'strict', value: true, origin: 'file', fixed: false });
  assert.deepEqual(JSON.parse(readFileSync(config, 'utf8')), {
    learn: 0,
    hosts: ['shop.example'],
    strict: true,
    disabledChannels: ['dns'],
  });
  const agent = JSON.parse(readFileSync(join(data, 'agent.json'), 'utf8')) as { strict: boolean; generation: number };
  assert.deepEqual([agent.strict, agent.generation], [true, changed.json.generation]);
  assert.ok((await texts('settings')).includes('admin: strict false → true, disabledChannels [] → ["dns"], by eve'));

  const refusals: [object, number, string, RegExp][] = [
    [{ attribution: 'adaptive' }, 409, 'setting-fixed', /by OUTWITNESS_ATTRIBUTION: that goes before the file/],
    [{ operator: 'me' }, 409, 'setting-fixed', /read when the collector starts/],
    [{ strict: 'yes' }, 400, 'bad-request', /strict: expected true or false, got "yes"/],
    [{ disabledChannels: ['telepathy'] }, 400, 'bad-request', /expected channels out of/],
    [{ unheard: true }, 400, 'bad-request', /unknown setting "unheard"/],
    [{}, 400, 'bad-request', /malformed/],
  ];
  for (const [body, status, code, message] of refusals) {
    const answer = await eve.send('PATCH', '/api/settings', body);
    assert.deepEqual([answer.status, answer.json.error.code], [status, code], answer.text);
    assert.match(answer.json.error.message, message);
  }
  assert.equal((await texts('settings')).filter((text) => text.startsWith('admin:')).length, 1);

  const appointed = await eve.send('PUT', '/api/people/eve', { role: 'officer' });
  const [{ role, next }] = appointed.json.users;
  assert.deepEqual([role, next.role], ['admin', 'officer']);
  assert.ok(Date.parse(next.at) - Date.now() > 86_000_000);
  assert.equal(
    (await eve.send('POST', '/api/links', { role: 'officer', user: 'eve' })).json.error.code,
    'role-pending',
  );
  const seen = (await operator.send('GET', '/api/people')).json;
  assert.deepEqual([seen.users[0].next.role, seen.sessions], ['officer', []], 'everybody sees it coming');
  assert.ok(
    (await texts('role')).some((text) => /^admin: eve: admin → admin, officer from .*, by eve; users/.test(text)),
  );

  const { json: settings } = await admin('settings', 'strict=false', 'disabledChannels=');
  assert.deepEqual(
    (settings['settings'] as { name: string; value: unknown }[])
      .filter(({ name }) => name === 'strict' || name === 'disabledChannels')
      .map(({ value }) => value),
    [false, []],
  );
  const { json: people } = await admin('people');
  assert.equal((people['sessions'] as unknown[]).length, 2);
  assert.deepEqual((await admin('revoke', '--all')).json['ended'], 2);
  assert.equal((await eve.send('GET', '/api/settings')).status, 401);
  for (const [args, message] of [
    [['token'], /expected a role out of viewer, operator, officer, admin, got none/],
    [['token', '--role', 'officer'], /eve becomes an officer at/],
    [['role', 'eve', 'king'], /expected a role out of/],
    [['revoke'], /expected a session, --user NAME or --all/],
    [['people', '--minutes', '3'], /takes no --minutes/],
    [['dance'], /expected one of people/],
    [['settings', 'unheard=1'], /expected NAME=VALUE with a name out of/],
  ] as const) {
    const { code, stderr } = await admin(...args);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  }

  running.child.kill('SIGTERM');
  await running.ended;
  assert.equal((await verify(data, join(data, 'keys/log.vkey'))).verdict, 'VERIFIED');
  const tokens = readFileSync(join(data, 'access.json'), 'utf8');
  assert.ok(!tokens.includes(String(made['token'])), 'the file holds no secret');
});
