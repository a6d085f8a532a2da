/** Tools that change what the watcher watches too, each loaded before and after the agent. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { installFolder } from '../../scripts/install-folder.mjs';
import { startStubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes, type NodeBinary } from '../../claims/system/node-binaries.ts';
import { journal, outwitness, type Row } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(ROOT, 'packages/cli/register.cjs');
const TOOLS = join(ROOT, 'test/load-order/tools');

interface Tool {
  readonly name: string;
  /** For which kinds of calls it answers by itself. */
  readonly mocks: string;
  /** Calls that it makes on its own account have this name. */
  readonly own?: string;
}

const TRIED: readonly Tool[] = [
  { name: 'nock', mocks: 'byHttp byFetch' },
  { name: 'msw', mocks: 'byHttp byFetch' },
  { name: 'mock-agent', mocks: 'byFetch' },
  { name: 'opentelemetry', mocks: '' },
  { name: 'dd-trace', mocks: '', own: 'dd-trace' },
];

interface Told {
  readonly tool: Tool;
  readonly order: 'alone' | 'before' | 'after';
  readonly app: string;
  readonly output: string;
  /** Bytes that the server got and gave. */
  readonly bytes: { received: number; sent: number };
  readonly port: number;
}

async function tell(tool: Tool, order: Told['order'], node: NodeBinary, main: string, data: string): Promise<Told> {
  await using server = await startStubServer();
  await using traces = await startStubServer();
  const preloads = [join(TOOLS, `${tool.name}.cjs`)];
  if (order !== 'alone') preloads.splice(order === 'before' ? 1 : 0, 0, ENTRY);
  const app = `${tool.name} ${order}`;
  const child = spawn(node.path, [...preloads.flatMap((file) => ['--require', file]), main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      MOCKED: tool.mocks,
      REAL: `127.0.0.1:${server.port}`,
      TRACES: `http://127.0.0.1:${traces.port}`,
      OUTWITNESS_DATA: data,
      OUTWITNESS_APP: app,
      OUTWITNESS_COLLECTOR: 'off',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, output);
  output += `traces ${traces.requests.length > 0}`;
  return { tool, order, app, output, bytes: server.bytes(), port: server.port };
}

for (const node of auditedNodes()) {
  test(`nock, msw, MockAgent, OpenTelemetry and dd-trace work as without the agent, loaded before it and after it, and calls keep their rows (${node.name})`, async () => {
    for (const folder of ['test/load-order', 'test/undici', 'benchmarks/peers'])
      assert.ok(await installFolder(join(ROOT, folder)), `${folder} could not be installed`);
    using folder = temporaryFolder('load-order');
    const data = join(folder.path, 'data');
    const app = join(folder.path, 'shop');
    cpSync(join(ROOT, 'test/load-order/app'), app, { recursive: true });
    renameSync(join(app, 'packages'), join(app, 'node_modules'));
    const told: Told[] = [];
    for (const tool of TRIED) {
      const runs = (['alone', 'before', 'after'] as const).map((order) =>
        tell(tool, order, node, join(app, 'main.cjs'), data),
      );
      const [alone, ...with_] = await Promise.all(runs);
      for (const one of with_) assert.equal(one.output, alone?.output, one.app);
      told.push(...with_);
    }
    // Takes over what lies in the spool.
    const drained = await outwitness(['run', '--no-serve', '--data', data, '--', process.execPath, '-e', '0']);
    assert.equal(drained.code, 0, drained.stderr);
    const rows = await journal(data);
    for (const one of told) check(one, rows);
  });
}

function check({ app, tool, port, bytes, order }: Told, all: readonly Row[]): void {
  const rows = all.filter((row) => row.app === app);
  assert.deepEqual(
    rows.filter(({ kind }) => kind === 'hook' || kind === 'gap'),
    [],
    app,
  );
  const calls = rows.filter(({ kind, direction }) => kind === 'net' && direction === 'out');
  const sent = calls.filter((row) => row.port === port);
  assert.deepEqual(
    sent.map((row) => [row.channel, row.package, row.outcome]),
    [
      ['http', 'sender', 'ok'],
      ['undici', 'sender', 'ok'],
    ],
    app,
  );
  const sum = (of: 'bytesOut' | 'bytesIn'): number => sent.reduce((total, row) => total + (row[of] ?? 0), 0);
  assert.deepEqual({ received: sum('bytesOut'), sent: sum('bytesIn') }, bytes, app);
  const mocked = calls.filter((row) => row.host === 'mocked.test');
  for (const row of mocked) assert.deepEqual([row.outcome, row.package], ['local', 'sender'], app);
  // A mocked fetch makes no request that anybody could see.
  if (tool.mocks.includes('byHttp')) assert.ok(mocked.length > 0, app);
  const others = calls.filter((row) => row.port !== port && row.host !== 'mocked.test');
  if (tool.own === undefined) assert.deepEqual(others, [], app);
  else if (order === 'after') {
    assert.ok(others.length > 0, app);
    for (const row of others)
      assert.match(row.package ?? '', /^(?:dd-trace|@datadog\/.*)$/, `${app} ${JSON.stringify(row)}`);
  } else {
    // What the tool began before the agent came has a row, and no caller any more.
    for (const row of others)
      if (row.basis !== 'none') assert.equal(row.package, tool.own, `${app} ${JSON.stringify(row)}`);
  }
}
