/** A fault in any guard of a plug-in: the answers of the application and what it asks are as without the agent, and the fault is counted and a row. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { installFolder } from '../../scripts/install-folder.mjs';
import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { audit, journal, type Row } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { FRAMEWORKS, layFrameworks } from './installed.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURE = join(import.meta.dirname, 'fixtures/plug-ins');
/** Puts the agent in place by its modules, whose guards can then be reached. */
const ENTRY = join(ROOT, 'claims/experiments/modules-entry.cjs');
const WATCHER = pathToFileURL(join(ROOT, 'packages/interceptor/dist/index.js')).href;

const GUARDS = [
  'express.find handle',
  'express.layer inspect',
  'express.layer leave',
  'express.route inspect',
  'express.route observe',
  'fastify.handler handle',
  'fastify.route handle',
  'nest.controllers handle',
  'nest.handler handle',
  'nest.metadata inspect',
];

interface Result {
  readonly guard: string;
  readonly hook: string;
  readonly kind?: string;
  readonly fired: number;
  readonly faults: number;
  readonly others: number;
  readonly traffic: string;
}

async function run(node: NodeBinary, app: string, env: NodeJS.ProcessEnv): Promise<Result[]> {
  const child = spawn(node.path, ['faults.mjs'], {
    cwd: app,
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual([code, stderr], [0, ''], stdout);
  return JSON.parse(stdout) as Result[];
}

before(async () => {
  assert.ok(await installFolder(FRAMEWORKS), 'the frameworks could not be installed');
});

for (const node of auditedNodes()) {
  test(`a fault in each guard of the plug-ins changes no answer, is counted, and is a gap row without its message (${node.name})`, async () => {
    using folder = temporaryFolder('plug-in-faults');
    const app = layFrameworks(folder.path, FIXTURE);
    cpSync(join(app, 'packages'), join(app, 'node_modules'), { recursive: true });
    const data = join(folder.path, 'data');
    const [untouched] = await run(node, app, { PLUG_INS: 'off' });
    assert.match(untouched?.traffic ?? '', /onNest \/own \| 200 .*own\n/);
    const [plugged, ...faults] = await run(node, app, {
      PLUG_INS: 'on',
      WATCHER,
      NODE_OPTIONS: `--require "${ENTRY}"`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
    });
    assert.deepEqual([plugged?.traffic, plugged?.others], [untouched?.traffic, 0]);
    assert.deepEqual(faults.map(({ guard, hook }) => `${guard} ${hook}`).toSorted(), GUARDS);
    // A collector that starts now takes over all that was spooled.
    await audit(data, [process.execPath, '-e', '0']);
    const rows = (await journal(data)) as (Row & { text?: string })[];
    for (const { guard, hook, kind, fired, faults: counted, others, traffic } of faults) {
      assert.equal(traffic, untouched?.traffic, `${guard} ${hook}`);
      assert.ok(fired > 0, `${guard} ${hook} was not reached`);
      assert.deepEqual([counted, others], [fired, 0], `${guard} ${hook}`);
      const gap = rows.some((row) => row.event === 'fault' && row.text === `guard ${guard} caught ${kind}`);
      assert.ok(gap, `no row of ${guard} ${hook}`);
    }
    assert.ok(rows.every((row) => !JSON.stringify(row).includes('must not be shown')));
  });
}
