/** The application runs on whatever happens to the collector. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { installFixture } from '../../claims/system/fixture.ts';
import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { calls, journal, startOutwitness, verify, type Running } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

/** How long the application calls; whatever happens to its audit happens after a third of it. */
const RUN_MS = 2_400;
const MISHAP_AFTER_MS = RUN_MS / 3;

/** Each mishap takes seconds: the oldest Node in short. */
const nodes = process.env['OUTWITNESS_LONG'] === '1' ? auditedNodes() : auditedNodes().slice(0, 1);

for (const node of nodes) {
  test(`the application makes all its calls on ${node.name} although the collector is killed`, async () => {
    using folder = temporaryFolder('runs-on');
    await using server = await startStubServer();
    const running = start(folder.path, join(folder.path, 'data'), node, server);
    await midway(running);
    const exited = once(running.child, 'exit');
    running.child.kill('SIGKILL');
    await exited;
    await assertAllCallsMade(running, server);
  });

  test(`the application makes all its calls on ${node.name} although the data directory is removed`, async () => {
    using folder = temporaryFolder('runs-on');
    await using server = await startStubServer();
    const data = join(folder.path, 'data');
    const running = start(folder.path, data, node, server);
    await midway(running);
    // In one step, since the collector goes on to make files in it.
    renameSync(data, join(folder.path, 'gone'));
    rmSync(join(folder.path, 'gone'), { recursive: true, force: true });
    await assertAllCallsMade(running, server);
    const { code, stderr } = await running.ended;
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.match(stderr, /^outwitness: /m);
    assert.ok(
      code === 0 || code === 2,
      `expected the application's 0, or 2 for the lost record, got ${code}: ${stderr}`,
    );
  });

  test(`the application makes all its calls on ${node.name} although the disk is full for a while`, async (context) => {
    using folder = temporaryFolder('runs-on');
    using disk = smallDisk(folder.path);
    if (disk.missing !== undefined) return context.skip(disk.missing);
    await using server = await startStubServer();
    const data = join(disk.path, 'data');
    const running = start(folder.path, data, node, server);
    await midway(running);
    const filling = fill(disk.path);
    await sleep(RUN_MS / 3);
    rmSync(filling);
    await assertAllCallsMade(running, server);
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /^\s+at /m);
    // What could not be written down is at least counted.
    const rows = (await calls(data)).length;
    const missing = (await journal(data, { kind: 'gap' })).reduce((sum, row) => sum + (row.missing ?? 0), 0);
    assert.ok(
      rows + missing >= server.requests.length,
      `${rows} rows, ${missing} missing, ${server.requests.length} made`,
    );
    const { exit, findings } = await verify(data);
    assert.equal(exit, missing > 0 ? 12 : 10, JSON.stringify(findings));
  });
}

interface SmallDisk extends Disposable {
  readonly path: string;
  /** Why there is none. */
  readonly missing?: string;
}

function smallDisk(folder: string): SmallDisk {
  const path = join(folder, 'disk');
  mkdirSync(path);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { encoding: 'utf8' });
  const unmount = (): void => void spawnSync('umount', ['--lazy', path]);
  if (status === 0) return { path, [Symbol.dispose]: unmount };
  return { path, missing: `no small file system to fill: ${stderr?.trim() ?? 'no mount'}`, [Symbol.dispose]: () => {} };
}

/** Takes the last byte of the file system. */
function fill(disk: string): string {
  const path = join(disk, 'filling');
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    for (let room = true; room;) {
      try {
        writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
      } catch {
        room = false;
      }
    }
  }
  return path;
}

function start(folder: string, data: string, node: NodeBinary, server: StubServer): Running {
  const app = installFixture('killed', folder);
  return startOutwitness(['run', '--no-serve', '--data', data, '--', node.path, join(app, 'app.mjs')], {
    cwd: app,
    env: { HTTP_PORT: `${server.port}`, RUN: 'run', LANES: '2', RUN_MS: `${RUN_MS}`, PAUSE_MS: '5' },
  });
}

async function midway(running: Running): Promise<void> {
  await running.printed(/pid \d+/);
  await sleep(MISHAP_AFTER_MS);
}

/** The application says itself how many calls it made before it ended by itself. */
async function assertAllCallsMade(running: Running, server: StubServer): Promise<void> {
  const { stdout, stderr } = await running.ended;
  const made = /made (\d+) calls/.exec(stdout)?.[1];
  assert.notEqual(made, undefined, `the application did not end by itself:\n${stdout}${stderr}`);
  assert.equal(server.requests.length, Number(made));
}
