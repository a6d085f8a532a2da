/** Two servers and a command, without a collector, change things at the same moment: each takes the lock for its own row. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { type BrowserSession, openLink } from '../../claims/system/browser-session.ts';
import { audit, journal, outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

interface ControlRow {
  readonly actor: string;
  readonly text: string;
}

test('what two admins change at once is all there, one row each, and nobody is taken for a stranger', async (context) => {
  using folder = temporaryFolder('two-admins');
  const data = join(folder.path, 'data');
  const config = join(folder.path, 'outwitness.config.json');
  await audit(data, [process.execPath, '-e', '1']);
  const admin = async (...args: string[]): Promise<Record<string, unknown>> => {
    const ended = await outwitness(['admin', ...args, '--json', '--data', data], { cwd: folder.path });
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout) as Record<string, unknown>;
  };
  const rows = async (event: string): Promise<ControlRow[]> =>
    (await journal(data, { kind: 'control', event })) as unknown as ControlRow[];
  const signedIn = async (name: string): Promise<BrowserSession> => {
    const origin = await serve(context, data, folder.path);
    await admin('role', name, 'admin');
    const { token } = await admin('token', '--role', 'admin', '--user', name);
    return openLink(`${origin}/#token=${String(token)}`);
  };
  const [eve, adam] = [await signedIn('eve'), await signedIn('adam')];

  const answers = await Promise.all([
    eve.send('PATCH', '/api/settings', { strict: true }),
    adam.send('PATCH', '/api/settings', { learn: 3 }),
    eve.send('PUT', '/api/people/nora', { role: 'viewer' }),
    adam.send('PUT', '/api/people/otto', { role: 'operator' }),
    admin('role', 'pia', 'viewer').then(() => ({ status: 200, text: '' })),
  ]);
  assert.deepEqual(
    answers.map(({ status, text }) => (status === 200 ? 200 : text)),
    [200, 200, 200, 200, 200],
  );

  assert.deepEqual(JSON.parse(readFileSync(config, 'utf8')), { strict: true, learn: 3 });
  const settings = (await rows('settings')).filter(({ actor }) => actor === 'admin').map(({ text }) => text);
  assert.deepEqual(settings.toSorted(), ['learn 7 → 3, by adam', 'strict false → true, by eve']);
  const { users } = (await admin('people')) as unknown as { users: { name: string; role: string }[] };
  assert.deepEqual(
    users.map(({ name, role }) => `${name} ${role}`),
    ['adam admin', 'eve admin', 'nora viewer', 'otto operator', 'pia viewer'],
  );
  const roles = await rows('role');
  for (const name of ['nora', 'otto', 'pia'])
    assert.equal(roles.filter(({ text }) => text.startsWith(`${name}: `)).length, 1, name);
  assert.deepEqual(
    [...(await rows('role')), ...(await rows('settings'))].filter(({ actor }) => actor === 'unknown'),
    [],
  );
  assert.equal((await verify(data, join(data, 'keys/log.vkey'))).verdict, 'VERIFIED');
});

/** @returns where it listens */
async function serve(context: TestContext, data: string, cwd: string): Promise<string> {
  const running = startOutwitness(['serve', '--data', data], { cwd });
  context.after(() => running.child.kill('SIGKILL'));
  const [, origin = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+)\/#token=\S+/);
  return origin;
}
