/** The entry in NODE_OPTIONS and, in the application's own node_modules, another version of Outwitness with its plug-in. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { installFolder } from '../../scripts/install-folder.mjs';
import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { journal, outwitness } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { end, rowsOf, startCollector, startProgram } from './audited.ts';
import { FRAMEWORKS, layFrameworks } from './installed.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');
const FIXTURE = join(import.meta.dirname, 'fixtures/plug-ins');
/** Path asked for, and what its route asks with nobody on the stack. */
const ROUTES = { '/orders/timer': '/search', '/orders/promise': '/messages' };

before(async () => {
  assert.ok(await installFolder(FRAMEWORKS), 'the frameworks could not be installed');
});

for (const node of auditedNodes()) {
  test(`two versions of the agent in one process: one row for each call, the plug-in of one names routes for the other, and doctor tells of it (${node.name})`, async (context) => {
    using folder = temporaryFolder('two-copies');
    await using server = await startStubServer();
    const app = layFrameworks(folder.path, FIXTURE);
    cpSync(join(app, 'packages'), join(app, 'node_modules'), { recursive: true });
    const manifest = join(app, 'node_modules/@outwitness/agent/package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
    const data = join(folder.path, 'data');
    await startCollector(context, data);
    const { child, found, output } = await startProgram(context, [node.path, 'fastify.js'], {
      cwd: app,
      env: {
        NODE_OPTIONS: `--require "${ENTRY}"`,
        OUTWITNESS_DATA: data,
        OUTWITNESS_COLLECTOR: 'off',
        TARGET: `http://127.0.0.1:${server.port}`,
      },
      until: /listening on (\d+)/,
    });
    for (const path of Object.keys(ROUTES)) {
      const answer = await fetch(`http://127.0.0.1:${found[1]}${path}`);
      assert.equal(answer.status, 200, path);
      await answer.arrayBuffer();
    }
    // Of each request: what its route asks, and the three calls of another package's hooks.
    const asked = Object.keys(ROUTES).length * 4;
    const outbound = await rowsOf(data, asked, { direction: 'out', channel: 'undici' });
    assert.equal(outbound.length, asked);
    assert.equal(server.requests.length, asked);
    for (const path of Object.values(ROUTES)) {
      const made = outbound.filter((row) => row.path === path).map((row) => [row.package, row.basis]);
      assert.deepEqual(made, [['orders-routes', 'host']], path);
    }
    const inbound = await rowsOf(data, 2, { direction: 'in' });
    assert.deepEqual(
      inbound.map((row) => [row.package, row.basis]),
      [
        ['orders-routes', 'host'],
        ['orders-routes', 'host'],
      ],
    );
    const rows = await journal(data, { app: 'plugged-shop' });
    assert.equal(rows.filter(({ event }) => event === 'hello').length, 1);
    const gaps = rows.filter(({ kind }) => kind === 'gap') as { event?: string; missing?: number; text?: string }[];
    assert.deepEqual(
      gaps.map(({ event, missing }) => [event, missing]),
      [['second-copy', 0]],
    );
    assert.match(gaps[0]?.text ?? '', /^agent 0\.0\.1 was loaded too and does nothing/);
    assert.match(output(), /OUTWITNESS_SECOND_COPY/);

    const doctor = await outwitness(['doctor', '--json', '--data', data]);
    const { findings } = JSON.parse(doctor.stdout) as { findings: { id: string; pid: number }[] };
    assert.deepEqual(
      findings.map(({ id, pid }) => [id, pid]),
      [['second-copy', child.pid]],
    );
    assert.equal(doctor.code, 3);
    const report = await outwitness(['report', '--json', '--data', data]);
    const { reasons } = JSON.parse(report.stdout) as { reasons: { id: string }[] };
    assert.ok(!reasons.some(({ id }) => id === 'capture-gap'), report.stdout);
    await end(child);
  });
}
