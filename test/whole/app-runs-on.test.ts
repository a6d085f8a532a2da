/** The application runs on whatever happens to the collector. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { installFixture } from '../../claims/system/fixture.ts';
import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { audit, startOutwitness, verify, type Running } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

/** How long the application calls; whatever happens to its audit happens after a third of it. */
const RUN_MS = 1_800;
const MISHAP_AFTER_MS = RUN_MS / 3;

for (const node of auditedNodes()) {
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
    assert.ok(
      code === 0 || code === 2,
      `expected the application's 0, or 2 for the lost record, got ${code}: ${stderr}`,
    );
  });

  test(`the application makes all its calls on ${node.name} although the disk is full`, async (context) => {
    using folder = temporaryFolder('runs-on');
    const disk = join(folder.path, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { encoding: 'utf8' });
    if (mounted.status !== 0) return context.skip(`no small file system to fill: ${mounted.stderr.trim()}`);
    try {
      await using server = await startStubServer();
      const data = join(disk, 'data');
      const running = start(folder.path, data, node, server);
      await midway(running);
      fill(join(disk, 'filling'));
      await assertAllCallsMade(running, server);
      const { stderr } = await running.ended;
      assert.doesNotMatch(stderr, /^\s+at /m);
      // With room again the record goes on, and what it holds is still proven.
      rmSync(join(disk, 'filling'));
      await audit(data, ['true']);
      const { exit, findings } = await verify(data);
      assert.ok(exit === 10 || exit === 12, JSON.stringify(findings));
    } finally {
      spawnSync('umount', [disk]);
    }
  });
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

function fill(path: string): void {
  for (let size = 65_536; size >= 512; size /= 2) {
    for (;;) {
      try {
        writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
  assert.ok(statSync(path).size > 0);
}
