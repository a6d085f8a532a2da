/** What bad input gets: one clear message, the right exit code, nothing lost, no stack trace. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startStubServer } from '../../claims/servers/stub-server.ts';
import { changedFiles, digestOfEvidence } from '../../claims/system/evidence.ts';
import { installFixture } from '../../claims/system/fixture.ts';
import { inLedger } from '../../claims/system/ledger-edit.ts';
import { pinnedNode } from '../../claims/system/node-binaries.ts';
import { audit, calls, journal, outwitness, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder, type TemporaryFolder } from '../../claims/system/temporary-folder.ts';
import { assertRefused } from './clear-refusal.ts';

/** Commands that read a data directory. */
const READERS = ['journal', 'report', 'status'];
const NOBODY = 65_534;

let folder: TemporaryFolder;
/** A ledger with a few calls in it; tests work on copies. */
let whole: string;

before(async () => {
  folder = temporaryFolder('bad-input');
  whole = join(folder.path, 'whole');
  chmodSync(folder.path, 0o755);
  await using server = await startStubServer();
  const app = installFixture('busy-port', folder.path);
  await audit(whole, [pinnedNode().path, join(app, 'app.mjs')], { cwd: app, env: { HTTP_PORT: `${server.port}` } });
});

after(() => folder[Symbol.dispose]());

let copies = 0;
function copyOfWhole(): string {
  const copy = join(folder.path, `copy-${copies++}`);
  cpSync(whole, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

describe('the command line', () => {
  test('an unknown command is refused with the known ones', async () => {
    assertRefused(await outwitness(['jurnal']), 2, 'jurnal', 'journal', '--help');
  });

  test('an unknown option is refused with the known ones', async () => {
    assertRefused(await outwitness(['journal', '--wehre', 'kind=net']), 2, '--wehre', '--where');
  });

  test('run without a command is refused with an example', async () => {
    assertRefused(await outwitness(['run', '--no-serve', '--data', join(folder.path, 'none')]), 2, 'outwitness run --');
    assert.equal(existsSync(join(folder.path, 'none')), false);
  });

  test('run of a program that does not exist makes no data directory', async () => {
    const ended = await outwitness(['run', '--no-serve', '--data', join(folder.path, 'none'), '--', 'no-such-program']);
    assertRefused(ended, 2, 'no-such-program', 'PATH');
    assert.equal(existsSync(join(folder.path, 'none')), false);
  });

  test('a bound that is neither number nor time is refused', async () => {
    assertRefused(await outwitness(['journal', '--data', whole, '--from', 'yesterday']), 2, '--from', 'yesterday');
  });

  test('verify of something that is not there is a usage error', async () => {
    const ended = await outwitness(['verify', join(folder.path, 'no-such-file')]);
    assertRefused(ended, 64, 'no-such-file');
  });

  test('verify of a file that is no evidence is unverifiable', async () => {
    const path = join(folder.path, 'letter.txt');
    writeFileSync(path, 'dear auditor\n');
    const ended = await outwitness(['verify', path]);
    assert.equal(ended.code, 30, ended.stdout + ended.stderr);
    assert.doesNotMatch(ended.stdout + ended.stderr, /^\s+at /m);
  });

  test('a settings file that is no JSON is refused with its path', async () => {
    const path = join(folder.path, 'broken.config.json');
    writeFileSync(path, '{"app": ');
    const args = ['run', '--no-serve', '--data', join(folder.path, 'none'), '--config', path, '--', 'true'];
    assertRefused(await outwitness(args), 2, path, 'JSON');
  });

  test('an unknown setting is refused with the known ones', async () => {
    const path = join(folder.path, 'unknown.config.json');
    writeFileSync(path, '{"learnig": 0}');
    const args = ['run', '--no-serve', '--data', join(folder.path, 'none'), '--config', path, '--', 'true'];
    assertRefused(await outwitness(args), 2, 'learnig', 'learn');
  });
});

describe('the data directory', () => {
  for (const command of READERS) {
    test(`${command} of a directory without a ledger says what it expected`, async () => {
      const empty = join(folder.path, `empty-${command}`);
      mkdirSync(empty);
      assertRefused(await outwitness([command, '--data', empty]), 2, 'ledger.db', '--data');
      assert.deepEqual([...digestOfEvidence(empty)], []);
    });
  }

  test('a file in place of the data directory is refused', async () => {
    const path = join(folder.path, 'a-file');
    writeFileSync(path, 'not a directory');
    assertRefused(await outwitness(['run', '--no-serve', '--data', path, '--', 'true']), 2, path, '--data');
  });

  test('a directory that may not be read is refused', { skip: skipAsNobody() }, async () => {
    const locked = copyOfWhole();
    chmodSync(locked, 0o700);
    for (const args of [
      ['journal', '--data', locked],
      ['report', '--data', locked],
      ['run', '--no-serve', '--data', locked, '--', 'true'],
    ]) {
      assertRefused(await outwitness(args, { uid: NOBODY }), 2, locked, /EACCES|permission|rights/);
    }
  });

  test('a ledger of a newer version is refused and left as it was', async () => {
    const newer = copyOfWhole();
    inLedger(newer, (database) => database.exec('PRAGMA user_version = 1000'));
    const digests = digestOfEvidence(newer);
    for (const command of [['run', '--no-serve', '--data', newer, '--', 'true'], ...readersOf(newer)]) {
      assertRefused(await outwitness(command), 2, newer, /version/);
      assert.deepEqual(changedFiles(digests, digestOfEvidence(newer)), [], `${command[0]} changed files`);
    }
    const { exit, findings } = await verify(newer);
    assert.deepEqual([exit, findings.some(({ code }) => code === 'version')], [30, true]);
    assert.deepEqual(changedFiles(digests, digestOfEvidence(newer)), []);
  });

  test('a ledger that is no database is refused and left as it was', async () => {
    const damaged = copyOfWhole();
    writeFileSync(join(damaged, 'ledger.db'), 'this was a ledger once\n'.repeat(500));
    const digests = digestOfEvidence(damaged);
    for (const command of [['run', '--no-serve', '--data', damaged, '--', 'true'], ...readersOf(damaged)]) {
      assertRefused(await outwitness(command), 2, damaged);
      assert.deepEqual(changedFiles(digests, digestOfEvidence(damaged)), [], `${command[0]} changed files`);
    }
    assert.equal((await verify(damaged)).exit, 30);
  });

  test('a missing key is refused and nothing is written', async () => {
    for (const key of ['log.key', 'epoch-0.key']) {
      const keyless = copyOfWhole();
      rmSync(join(keyless, 'keys', key));
      const digests = digestOfEvidence(keyless);
      assertRefused(await outwitness(['run', '--no-serve', '--data', keyless, '--', 'true']), 2, key);
      assert.deepEqual(changedFiles(digests, digestOfEvidence(keyless)), []);
      assert.equal((await verify(keyless)).exit, 10, 'the record still verifies without the keys');
    }
  });

  test('the key of another ledger is refused and nothing is written', async () => {
    const mixed = copyOfWhole();
    const other = join(folder.path, 'other');
    await audit(other, ['true']);
    for (const key of ['log.key', 'epoch-0.key']) cpSync(join(other, 'keys', key), join(mixed, 'keys', key));
    const digests = digestOfEvidence(mixed);
    assertRefused(await outwitness(['run', '--no-serve', '--data', mixed, '--', 'true']), 2, /key/);
    assert.deepEqual(changedFiles(digests, digestOfEvidence(mixed)), []);
  });

  test('a second collector is refused and the first goes on', async () => {
    const data = join(folder.path, 'shared');
    const end = join(folder.path, 'end');
    const script = `console.log('runs'); setInterval(() => fs.existsSync('${end}') && process.exit(), 50)`;
    const first = startOutwitness(['run', '--no-serve', '--data', data, '--', pinnedNode().path, '-e', script]);
    await first.printed(/runs/);
    assertRefused(await outwitness(['run', '--no-serve', '--data', data, '--', 'true']), 2, data);
    writeFileSync(end, '');
    assert.equal((await first.ended).code, 0);
    assert.equal((await verify(data)).exit, 10);
  });
});

test('a port in use is refused before the program starts', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  try {
    const data = join(folder.path, 'port');
    const ended = await outwitness(['run', '--data', data, '--port', `${port}`, '--', 'echo', 'program ran']);
    assertRefused(ended, 2, `${port}`, '--port');
    assert.doesNotMatch(ended.stdout, /program ran/);
  } finally {
    taken.close();
  }
});

describe('the spool', () => {
  /** Names as docs/formats/spool.md has them, of a writer that is gone. */
  const writer = (random: string): string => `999999-0-${Date.now().toString(36)}-${random}.0.spool`;

  test('damaged and hostile files cost nobody else a row and are told', { timeout: 60_000 }, async () => {
    const data = copyOfWhole();
    const spool = join(data, 'spool');
    const secret = join(folder.path, 'secret.txt');
    writeFileSync(secret, 'not for the record\n');
    writeFileSync(join(spool, writer('0000000a')), Buffer.alloc(200_000, 0xff));
    writeFileSync(join(spool, writer('0000000b')), '99999999 00000000 {"kind":"hello"}\n'.repeat(50));
    symlinkSync(secret, join(spool, writer('0000000c')));
    spawnSync('mkfifo', [join(spool, writer('0000000d'))]);
    mkdirSync(join(spool, writer('0000000e')));
    writeFileSync(join(spool, 'readme.txt'), 'no spool name');
    const rowsBefore = await calls(data);

    await using server = await startStubServer();
    const app = installFixture('killed', join(folder.path, 'hostile'));
    const ended = await audit(data, [pinnedNode().path, join(app, 'app.mjs')], {
      cwd: app,
      env: { HTTP_PORT: `${server.port}`, RUN: 'hostile', LANES: '1', RUN_MS: '200', PAUSE_MS: '5' },
    });
    assert.doesNotMatch(ended.stderr, /^\s+at /m);
    const rows = (await calls(data)).slice(rowsBefore.length);
    assert.equal(rows.length, server.requests.length);
    const damaged = (await journal(data, { kind: 'gap' })).filter(({ event }) => event === 'damaged');
    assert.ok(damaged.length >= 2, 'each damaged file is a gap row');
    const { exit, findings } = await verify(data);
    assert.equal(exit, 12, JSON.stringify(findings));
    const everything = await journal(data);
    assert.doesNotMatch(JSON.stringify(everything), /not for the record/);
  });
});

function readersOf(data: string): string[][] {
  return READERS.map((command) => [command, '--data', data]);
}

/** Root may read everything: the test gives root away, which needs a checkout that others may read. */
function skipAsNobody(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start a program as somebody else';
  const probe = spawnSync(process.execPath, ['--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' });
  return probe.status === 0 ? false : 'another user cannot run this Node.js';
}
