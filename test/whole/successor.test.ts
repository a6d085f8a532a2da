/** `admin succeed`: a ledger that froze or lost its keys is followed by one that names it; nothing waits in vain, nothing old changes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { isWhole, killSuccessions } from '../../claims/experiments/succession.ts';
import { startStubServer } from '../../claims/servers/stub-server.ts';
import { AuditedFolder } from '../../claims/system/audited-folder.ts';
import { editPastTriggers } from '../../claims/system/ledger-edit.ts';
import { journal, outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const server = await startStubServer();
after(() => server[Symbol.asyncDispose]());

interface Result {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string }[];
  readonly notChecked: readonly string[];
  readonly predecessor?: {
    readonly origin: string;
    readonly size: number;
    readonly verdict: string;
    readonly why: string;
    readonly evidence: { readonly verdict: string } | null;
  };
}

async function verify(...args: string[]): Promise<Result> {
  return JSON.parse((await outwitness(['verify', '--json', ...args])).stdout) as Result;
}

/** Everything in a directory but what a look at a database leaves beside it. */
function digests(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile() && !name.startsWith('lock.db'))
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')} ${name}`,
    )
    .toSorted();
}

/** A ledger with some calls, and calls in the spool that nobody has drained. */
async function recorded(folder: string): Promise<AuditedFolder> {
  const place = new AuditedFolder(folder, server);
  const collector = await place.collector();
  await place.calls('before', 10);
  await place.stop(collector);
  await place.calls('waiting', 10);
  return place;
}

/** As the guide does it: the old directory aside, its spool stays where the programs write. */
function moveAside(data: string): string {
  const old = `${data}.old`;
  renameSync(data, old);
  mkdirSync(data, { mode: 0o711 });
  renameSync(join(old, 'spool'), join(data, 'spool'));
  return old;
}

test('a ledger whose row was changed is followed by one that names it, reads what waits, and hides no verdict', async () => {
  using folder = temporaryFolder('successor');
  const place = await recorded(folder.path);
  const { data } = place;
  const [call] = await journal(data, { kind: 'net' });
  editPastTriggers(data, (database) =>
    database.exec(`UPDATE rows SET leaf = replace(leaf, '"GET"', '"PUT"') WHERE seq = ${call?.seq}`),
  );
  const old = moveAside(data);
  const before = digests(old);
  const done = await outwitness([
    'admin',
    'succeed',
    old,
    '--why',
    `row ${call?.seq} was changed`,
    '--data',
    data,
    '--json',
  ]);
  assert.equal(done.code, 0, done.stderr);
  const { origin, vkey, predecessor } = JSON.parse(done.stdout) as { origin: string; vkey: string } & Result;
  const oldOrigin = readFileSync(join(old, 'keys/ledger'), 'utf8').trim();
  assert.deepEqual([predecessor?.origin, predecessor?.verdict], [oldOrigin, 'TAMPERED']);
  assert.ok(vkey.startsWith(`${origin}+`) && origin !== oldOrigin);
  assert.deepEqual(digests(old), before, 'the old directory is as it was');
  const keys = (at: string): string => readFileSync(join(at, 'keys/log.key'), 'utf8');
  assert.notEqual(keys(data), keys(old));

  await place.drain();
  const { missing, twice } = place.balance('before', 'waiting');
  assert.deepEqual([missing, twice], [[], []], 'what lay in the spool stands in the new ledger, each call once');
  const report = await outwitness(['report', '--data', data]);
  assert.match(
    report.stdout,
    new RegExp(`This record follows ${oldOrigin} since \\S+, because: row ${call?.seq} was changed`),
  );
  assert.match(report.stdout, /found TAMPERED/);
  assert.match((await outwitness(['status', '--data', data])).stdout, new RegExp(`follows +${oldOrigin}, TAMPERED`));
  const alone = await verify('--data', data, '--pin', vkey);
  assert.deepEqual([alone.verdict, alone.predecessor?.evidence], ['VERIFIED', null]);
  assert.ok(alone.notChecked.some((text) => text.startsWith('the ledger before this one')));
  const both = await verify('--data', data, '--pin', vkey, '--predecessor', old);
  assert.deepEqual([both.verdict, both.predecessor?.evidence?.verdict], ['VERIFIED', 'TAMPERED']);
  const bundle = join(folder.path, 'all.outwitness');
  assert.equal((await outwitness(['export', '--data', data, '--out', bundle])).code, 0);
  const exported = await verify(bundle, '--pin', vkey, '--predecessor', old);
  assert.deepEqual([exported.verdict, exported.predecessor?.evidence?.verdict], ['VERIFIED', 'TAMPERED']);
  const swapped = await verify('--data', old, '--predecessor', data);
  assert.ok(swapped.findings.some(({ code }) => code === 'predecessor'));
});

test('lost keys and a lost store are followed too, from what is left', async () => {
  using folder = temporaryFolder('successor-lost');
  const { data } = await recorded(folder.path);
  const origin = readFileSync(join(data, 'keys/ledger'), 'utf8').trim();
  const [keyless, storeless] = ['keyless', 'storeless'].map((name) => join(folder.path, name)) as [string, string];
  // With its times: `alive` says by its own that nobody writes there.
  for (const copy of [keyless, storeless]) cpSync(data, copy, { recursive: true, preserveTimestamps: true });
  rmSync(join(keyless, 'keys'), { recursive: true });
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm']) rmSync(join(storeless, name), { force: true });
  assert.match(
    (await outwitness(['collect', '--no-serve', '--data', keyless])).stderr,
    /log\.key of this ledger is missing/,
  );
  for (const [old, verdict] of [
    [keyless, 'UNANCHORED'],
    [storeless, 'UNVERIFIABLE'],
  ] as const) {
    const done = await outwitness(['admin', 'succeed', old, '--why', 'lost', '--data', `${old}.new`, '--json']);
    assert.equal(done.code, 0, done.stderr);
    const { predecessor } = JSON.parse(done.stdout) as Result;
    assert.deepEqual([predecessor?.origin, predecessor?.verdict, predecessor?.why], [origin, verdict, 'lost']);
    const linked = await verify('--data', `${old}.new`, '--predecessor', data);
    assert.deepEqual([linked.verdict, linked.predecessor?.evidence?.verdict], ['UNANCHORED', 'VERIFIED']);
  }
});

test('a frozen ledger gives its own reason; without one, twice, or from a place that is none, nothing begins', async (t) => {
  using folder = temporaryFolder('successor-refused');
  const { data } = await recorded(folder.path);
  const to = join(folder.path, 'new');
  const succeed = async (from: string, ...args: string[]): ReturnType<typeof outwitness> =>
    outwitness(['admin', 'succeed', from, '--data', to, ...args]);
  const nothing = join(folder.path, 'nothing');
  mkdirSync(nothing);
  const noise = join(folder.path, 'noise');
  mkdirSync(noise);
  writeFileSync(join(noise, 'checkpoints.log'), '9 bm90aGluZw==\n');
  const refusals: [args: string[], message: RegExp][] = [
    [[data], /is not frozen, and no reason was given/],
    [[data, '--why', ' '], /is not frozen, and no reason was given/],
    [[data, '--why', 'x'.repeat(513)], /at most 512 bytes, got 513/],
    [[join(folder.path, 'absent'), '--why', 'x'], /nothing of a ledger can be read/],
    [[nothing, '--why', 'x'], /nothing of a ledger can be read/],
    [[noise, '--why', 'x'], /no checkpoint that its log key signed is left/],
    [[to, '--why', 'x'], /nothing of a ledger can be read/],
    [[data, '--why', 'x', '--data', data], /would have the directory .* in common/],
    [[data, '--why', 'x', '--keys', join(data, 'keys')], /would have keys .* in common/],
    [[], /expected 1 arguments, got 0/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await outwitness(['admin', 'succeed', '--data', to, ...args]);
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr);
    assert.ok(!existsSync(join(to, 'ledger.db')), `after ${args.join(' ')}`);
  }
  if (process.getuid?.() === 0) {
    const foreign = join(folder.path, 'foreign');
    cpSync(data, foreign, { recursive: true });
    rmSync(join(foreign, 'alive'));
    chownSync(foreign, 4711, 4711);
    assert.match((await succeed(foreign, '--why', 'x')).stderr, /belongs to user 4711/);
  } else t.diagnostic('left out: the directory of another user, which takes root');

  const alive = join(data, 'alive');
  const said = JSON.parse(readFileSync(alive, 'utf8')) as object;
  const { mtimeMs } = statSync(alive);
  assert.ok(mtimeMs < Date.now() - 5_000, 'the collector has ended');
  const running = new AuditedFolder(folder.path, server);
  const collector = await running.collector();
  assert.match((await succeed(data, '--why', 'x')).stderr, /process \d+ writes/);
  await running.stop(collector);

  writeFileSync(alive, JSON.stringify({ ...said, frozen: 'row 5 was read back otherwise' }));
  utimesSync(alive, 0, 0);
  const frozen = await succeed(data, '--json');
  assert.equal(frozen.code, 0, frozen.stderr);
  const first = JSON.parse(frozen.stdout) as { origin: string } & Result;
  assert.equal(first.predecessor?.why, 'row 5 was read back otherwise');
  const size = (await journal(to)).length;
  assert.match((await succeed(data)).stderr, /the successor of .* is there already/);
  assert.equal((await journal(to)).length, size);
});

test('killed wherever it writes, it leaves no ledger or a whole one, and asked again there is one', async () => {
  const kills = await killSuccessions(process.env['OUTWITNESS_LONG'] === '1' ? Infinity : 3);
  assert.ok(kills.length >= 3, JSON.stringify(kills));
  assert.deepEqual(
    kills.filter((kill) => !isWhole(kill)),
    [],
  );
});
