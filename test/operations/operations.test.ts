/** The lines of docs/guide/operations.md, as they stand there: after each section the ledger verifies, or says what is gone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { journal, outwitness, verify } from '../../claims/system/outwitness.ts';
import { writeOldLedger } from '../whole/old-ledger.ts';
import { type Machine, machine } from './machine.ts';

/** Each starts and stops a collector several times; the shorter ones stand in for them in the default run. */
const LONG = { skip: process.env['OUTWITNESS_LONG'] === '1' ? false : 'runs with OUTWITNESS_LONG=1' };
const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guide/operations.md'), 'utf8');

/** The shell lines under a heading, block by block. */
function blocks(heading: string): string[] {
  const [, section = ''] = GUIDE.split(`\n## ${heading}\n`);
  const found = [...(section.split('\n## ')[0] ?? '').matchAll(/^```sh\n([^]*?)^```$/gm)].map(
    ([, block = '']) => block,
  );
  assert.ok(found.length > 0, `no lines under "${heading}"`);
  return found;
}

/** A machine with a record of January, its key line pinned, and a collector that runs. */
async function running(context: TestContext): Promise<Machine> {
  const root = mkdtempSync(join(tmpdir(), 'outwitness-operations-'));
  const made = machine(root);
  context.after(() => {
    made.end();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });
  await writeOldLedger(made.data, 3);
  mkdirSync(made.backup);
  made.shell(blocks('First of all: the key line')[0] ?? '');
  made.shell('systemctl start outwitness');
  return made;
}

const pinned = ({ backup }: Machine): string => join(backup, 'log.vkey');
const codes = (result: { findings: readonly { code: string }[] }): string[] => result.findings.map(({ code }) => code);

test(
  'backup: the bundle and the copy verify by the key line alone, and the collector goes on',
  LONG,
  async (context) => {
    const host = await running(context);
    const [evidence = '', directory = ''] = blocks('Backup');
    // Old rows are dropped by the collector at once, so verify ends with 12: the lines are run one by one.
    assert.deepEqual(host.lines(evidence), [0, 12, 0]);
    assert.match(readFileSync(join(host.backup, 'verifier.html'), 'utf8').slice(0, 200), /<!doctype html>/i);
    assert.deepEqual(host.lines(directory), [0, 0, 0, 12]);
    assert.deepEqual(codes(await verify(join(host.backup, 'outwitness'), pinned(host))), ['dropped']);
    assert.deepEqual(codes(await verify(join(host.backup, 'all.outwitness'), pinned(host))), ['dropped']);
  },
);

test('sending: what the auditor opens verifies as what was sealed', LONG, async (context) => {
  const { error } = spawnSync('age-keygen', ['--version']);
  if (error !== undefined) return context.skip(`age is not installed: ${error.message}`);
  const host = await running(context);
  host.lines(blocks('Backup')[0] ?? '');
  const key = join(host.backup, 'auditor.key');
  host.shell(`age-keygen -o ${key} && age-keygen -y -o ${join(host.backup, 'auditor.pub')} ${key}`);
  const [seal = '', open = ''] = blocks('Send it to an auditor');
  assert.deepEqual(host.lines(seal), [0]);
  assert.deepEqual(host.lines(open), [0, 12]);
  const [sent, opened] = ['all.outwitness', 'opened.outwitness'].map((name) => readFileSync(join(host.backup, name)));
  assert.deepEqual(opened, sent);
});

test('restore: the copy verifies beside, a new ledger begins, and a copy put back in place is refused', async (context) => {
  const host = await running(context);
  host.lines(blocks('Backup')[1] ?? '');
  host.shell('systemctl stop outwitness');
  const before = host.origin();
  host.shell('systemctl start outwitness');
  assert.deepEqual(host.lines(blocks('Restore')[0] ?? ''), [0, 0, 0, 12, 0, 0]);
  assert.notEqual(host.origin(), before);
  host.shell('systemctl stop outwitness');
  assert.equal((await verify(host.data, join(host.data, 'keys/log.vkey'))).exit, 0);

  host.shell(`rm -r ${host.data}; cp -a ${host.backup}/outwitness ${host.data}`);
  const put = await verify(host.data, pinned(host));
  assert.deepEqual([put.exit, codes(put).includes('high-water')], [21, true]);
  const refused = await outwitness(['collect', '--no-serve', '--data', host.data], { env: host.env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /is an older copy or another branch/);
});

const SQLITE3 = spawnSync('sqlite3', ['-version']).error === undefined;

test(
  'a dump: restored without its numbers it is no store and both programs name them, with them it verifies',
  { skip: SQLITE3 ? false : 'the program sqlite3 is not here' },
  async (context) => {
    const host = await running(context);
    const [block = ''] = blocks('A dump as SQL');
    assert.deepEqual(host.lines(block), [0, 0, 0, 0, 12, 0]);
    const copy = join(host.backup, 'dumped');
    mkdirSync(copy);
    host.shell(`sqlite3 ${copy}/ledger.db < ${host.backup}/ledger.sql`);
    const said = await verify(copy);
    assert.equal(said.verdict, 'UNVERIFIABLE');
    assert.match(said.findings[0]?.text ?? '', /set that and user_version first/);
    const refused = await outwitness(['journal', '--data', copy], { env: host.env });
    assert.deepEqual(
      [refused.code, block.includes(/"(PRAGMA [^"]*)"/.exec(refused.stderr)?.[1] ?? 'nothing')],
      [2, true],
    );
  },
);

test('a successor: the old directory stays, the new ledger names it and verifies against it', async (context) => {
  const host = await running(context);
  const before = host.origin();
  assert.deepEqual(host.lines(blocks('After tampering or a lost key: a successor')[0] ?? ''), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.notEqual(host.origin(), before);
  const [genesis] = await journal(host.data, { kind: 'genesis' });
  const { successorOf, successorWhy } = genesis as unknown as Record<string, string>;
  assert.deepEqual([successorOf, successorWhy], [before, 'row 17 was changed on disk']);
  assert.equal(host.origin(`${host.data}.frozen`), before);
});

test('moving: the ledger goes on in another place under the same key line', async (context) => {
  const host = await running(context);
  const before = host.origin();
  assert.deepEqual(host.lines(blocks('Moving')[0] ?? ''), [0, 0, 12, 0]);
  assert.ok(!existsSync(host.data));
  const moved = join(host.root, 'srv/outwitness');
  const done = await outwitness(['ack', 'p -> old-1.example:443', '--why', 'a test', '--data', moved], {
    env: host.env,
  });
  assert.equal(done.code, 0, done.stderr);
  const result = await verify(moved, pinned(host));
  assert.deepEqual([result.exit, codes(result)], [12, ['dropped']]);
  assert.equal((await journal(moved, { kind: 'control', event: 'acknowledge' })).length, 1);
  assert.equal(host.origin(moved), before);
});

test('upgrade: a store of the version before is opened, no row of it changes, and an older program refuses a newer one', async (context) => {
  const host = await running(context);
  host.shell('systemctl stop outwitness');
  host.env['OUTWITNESS_RETENTION'] = '0';
  const rows = (): unknown[] =>
    host.database((db) => db.prepare('SELECT seq, hex(row_hash) FROM rows ORDER BY seq').all());
  const [page] = [readFileSync(join(import.meta.dirname, '../../docs/formats/store-sqlite.md'), 'utf8')];
  const [, trigger = ''] = /In version 1: `(CREATE TRIGGER[^`]+)`/.exec(page) ?? [];
  rmSync(host.data, { recursive: true });
  await writeOldLedger(host.data, 3);
  host.shell(blocks('First of all: the key line')[0] ?? '');
  host.database((db) =>
    db.exec(
      `DROP TABLE rollup_base; DROP TRIGGER rows_no_update; ${trigger}; PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)`,
    ),
  );
  assert.deepEqual(codes(await verify(host.data, pinned(host))), []);
  const before = rows();
  assert.deepEqual(host.lines(blocks('Upgrade')[0] ?? ''), [0, 0, 0, 0]);
  host.shell('systemctl stop outwitness');
  assert.deepEqual(rows().slice(0, before.length), before);
  assert.equal(host.database((db) => db.prepare('PRAGMA user_version').get())?.['user_version'], 2);
  host.database((db) => db.exec('PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)'));
  const newer = await outwitness(['collect', '--no-serve', '--data', host.data], { env: host.env });
  assert.equal(newer.code, 2);
  assert.match(newer.stderr, /Nothing was changed/);
});

test('retention and erasure: what is gone is said, what is left verifies', LONG, async (context) => {
  const host = await running(context);
  const [retention = '', erasure = ''] = blocks('Retention');
  assert.deepEqual(host.lines(retention), [0, 0, 12]);
  assert.equal((await journal(host.data, { kind: 'net' })).filter(({ app }) => app === 'shop').length, 0);
  const [row] = await journal(host.data, { kind: 'control', event: 'reboot' });
  assert.deepEqual(host.lines(erasure.replace('--erase 4', `--erase ${row?.seq}`)), [0]);
  host.shell('systemctl stop outwitness');
  assert.deepEqual(codes(await verify(host.data, pinned(host))), ['dropped', 'dropped']);
});

test('uninstall: bundle, key line and HTML file are all that is left, and enough', LONG, async (context) => {
  const host = await running(context);
  assert.deepEqual(host.lines(blocks('Uninstall')[0] ?? ''), [0, 0, 12, 0]);
  assert.ok(!existsSync(host.data));
  assert.equal((await verify(join(host.backup, 'last.outwitness'), pinned(host))).exit, 12);
});
