/** The report in a process of its own: beside a collector, without one, and over evidence that must not change. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { type BrowserSession, openLink, send } from '../../claims/system/browser-session.ts';
import { audit, journal, outwitness, type Running, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const CALL = ['node', '-e', 'require("http").get("http://127.0.0.1:1/").on("error", () => {})'];

async function serve(context: TestContext, args: readonly string[], cwd?: string): Promise<Running & { link: string }> {
  const running = startOutwitness(['serve', ...args], cwd === undefined ? {} : { cwd });
  context.after(() => running.child.kill('SIGKILL'));
  const [, link = ''] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+\/#token=\S+)/);
  return { ...running, link };
}

async function collect(context: TestContext, data: string, ...more: string[]): Promise<Running> {
  const running = startOutwitness(['collect', '--no-serve', '--data', data, ...more]);
  context.after(() => running.child.kill('SIGKILL'));
  const running_ = async (): Promise<boolean> => {
    const { code, stdout } = await outwitness(['status', '--json', '--data', data]);
    return code === 0 && (JSON.parse(stdout) as { collector: { running: boolean } }).collector.running;
  };
  while (!(await running_())) await sleep(100);
  return running;
}

async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
}

async function signIns(data: string): Promise<string[]> {
  return (await journal(data, { kind: 'control', event: 'sign-in' })).map(
    (row) => (row as unknown as { text: string }).text,
  );
}

/** Path, mode, size and SHA-256 of everything in a folder. */
function fingerprint(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const stat = statSync(join(folder, name));
      const digest = stat.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex')
        : '';
      return `${name} ${stat.mode.toString(8)} ${stat.isFile() ? `${stat.size} ${stat.mtimeMs}` : ''} ${digest}`;
    });
}

async function proofOf(session: BrowserSession, seq: number): Promise<number> {
  return (await session.send('POST', `/api/rows/${seq}/proof`)).status;
}

test('serve without a collector writes what is a row by itself, and leaves the lock free in between', async (context) => {
  using folder = temporaryFolder('serve');
  await audit(folder.path, CALL);
  const server = await serve(context, ['--data', folder.path]);
  const session = await openLink(server.link);
  assert.equal((await session.send('GET', '/api/report')).json.totals.events, 1);
  assert.deepEqual(await signIns(folder.path), ['Signed in to the Trust Report as operator from 127.0.0.1']);
  assert.equal(await proofOf(session, 1), 200);
  assert.equal((await journal(folder.path, { kind: 'control', event: 'export' })).length, 1);
  // An audited program takes the lock meanwhile, and its rows are seen here.
  await audit(folder.path, CALL);
  const deadline = Date.now() + 30_000;
  while ((await session.send('GET', '/api/report')).json.totals.events !== 2) assert.ok(Date.now() < deadline);
  await stop(server);
  assert.equal((await verify(folder.path, join(folder.path, 'keys/log.vkey'))).verdict, 'VERIFIED');
});

test('serve beside a collector asks it; one that does not answer lets nobody in and keeps the page open', async (context) => {
  using folder = temporaryFolder('serve');
  await audit(folder.path, CALL);
  const collector = await collect(context, folder.path);
  const server = await serve(context, ['--data', folder.path]);
  const session = await openLink(server.link);
  assert.deepEqual(await signIns(folder.path), ['Signed in to the Trust Report as operator from 127.0.0.1']);
  const { stdout: second } = await outwitness(['admin', 'token', '--role', 'viewer', '--data', folder.path]);

  collector.child.kill('SIGSTOP');
  // What a stopped collector said last is fresh for 5 s.
  const refused = await send(session.origin, '', 'POST', '/api/session', { token: second.trim() });
  collector.child.kill('SIGCONT');
  assert.deepEqual([refused.status, refused.json.error.code], [503, 'not-recorded']);
  assert.equal(refused.setCookie, '');
  assert.equal((await session.send('GET', '/api/report')).status, 200);

  const viewer = await openLink(`${session.origin}/#token=${second.trim()}`);
  assert.equal(await proofOf(viewer, 1), 403);
  const ids = (await outwitness(['admin', 'people', '--json', '--data', folder.path])).stdout;
  const { sessions } = JSON.parse(ids) as { sessions: { id: string; role: string }[] };
  const mine = sessions.find(({ role }) => role === 'viewer');
  assert.equal((await outwitness(['admin', 'revoke', mine?.id ?? '', '--data', folder.path])).code, 0);
  const deadline = Date.now() + 10_000;
  while ((await viewer.send('GET', '/api/session')).status !== 401) assert.ok(Date.now() < deadline);
  assert.equal((await session.send('GET', '/api/session')).status, 200);

  await stop(collector);
  assert.equal(await proofOf(session, 1), 200, 'the collector has ended, and the row is written here');
  await stop(server);
  assert.equal((await verify(folder.path, join(folder.path, 'keys/log.vkey'))).verdict, 'VERIFIED');
});

test('serve --read-only shows a record whose writer was killed, and no byte of the evidence changes', async (context) => {
  using folder = temporaryFolder('serve');
  using home = temporaryFolder('serve-home');
  const data = join(folder.path, 'data');
  await audit(data, CALL);
  const collector = await collect(context, data);
  assert.equal((await outwitness(['ack', 'x -> y.example:1', '--why', 'a row in the log', '--data', data])).code, 0);
  collector.child.kill('SIGKILL');
  await collector.ended;
  // Copies: one as a crash left it, with its log; one closed in order and out of reach of our pen.
  const left = join(folder.path, 'left');
  const closed = join(folder.path, 'closed');
  cpSync(data, left, { recursive: true, preserveTimestamps: true });
  assert.ok(statSync(join(left, 'ledger.db-wal')).size > 0);
  assert.equal((await outwitness(['ack', 'x -> y.example:1', '--why', 'closed', '--data', data])).code, 0);
  cpSync(data, closed, { recursive: true, preserveTimestamps: true });
  for (const suffix of ['-wal', '-shm'])
    assert.ok(
      statSync(join(closed, `ledger.db${suffix}`), { throwIfNoEntry: false }) === undefined ||
        suffix === '-shm' ||
        statSync(join(closed, `ledger.db${suffix}`)).size === 0,
    );
  chmodSync(closed, 0o555);
  for (const evidence of [left, closed]) {
    const before = fingerprint(evidence);
    const server = await serve(context, ['--read-only', evidence], home.path);
    const session = await openLink(server.link);
    const report = await session.send('GET', '/api/report');
    assert.equal(report.json.totals.events, 1);
    assert.equal((await session.send('GET', '/api/traffic')).json.totals.events, 1);
    const { outbound, catalogue } = (await session.send('GET', '/api/components')).json;
    assert.equal(outbound.events, report.json.cards.out.events);
    const { rows } = (await session.send('GET', '/api/rows?limit=500')).json as {
      rows: { seq: number; leaf: string }[];
    };
    assert.ok(rows.some(({ leaf }) => leaf.includes('a row in the log')));
    const inForce = rows.find(
      ({ leaf }) => leaf.includes(`"catalogue":"${catalogue.digest}"`) && leaf.includes('policy'),
    );
    assert.equal(catalogue.since.seq, inForce?.seq);
    assert.equal((await session.send('GET', `/api/rows/${rows[1]?.seq}`)).json.inclusion.size > 0, true);
    assert.equal(await proofOf(session, 1), 403);
    assert.equal((await session.send('PATCH', '/api/settings', { strict: true })).status, 403);
    await session.send('DELETE', '/api/session');
    assert.equal((await session.send('GET', '/api/report')).status, 401);
    await stop(server);
    assert.deepEqual(fingerprint(evidence), before, evidence);
    assert.deepEqual(readdirSync(home.path), []);
  }
  chmodSync(closed, 0o755);
});

test('serve says what it needs', async () => {
  using folder = temporaryFolder('serve');
  const cases: [string[], RegExp][] = [
    [['--data', folder.path], /no ledger in .*: expected .*ledger\.db/],
    [['a', 'b'], /serve: expected one directory, got 2/],
    [['--tls-cert', 'x', '--data', folder.path], /expected --tls-cert and --tls-key together/],
    [['--behind-proxy', 'http://x', '--data', folder.path], /--behind-proxy: expected https:\/\/NAME/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await outwitness(['serve', ...args]);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
  }
});
