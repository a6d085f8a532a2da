/** A real Node-RED without any network but loopback: its calls, and the package that each one is put down to. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { installNodeRed } from '../examples/node-red/install.mjs';
import { runWithoutNetwork } from '../examples/node-red/namespace.mjs';
import { PORTS } from '../examples/node-red/services.mjs';

const ROOT = join(import.meta.dirname, '..');
const OUTWITNESS = join(ROOT, 'packages/cli/bin/outwitness.js');
const ROUNDS = 5;

interface Row {
  direction?: string;
  channel?: string;
  phase?: string;
  port?: number;
  package?: string;
  basis?: string;
  site?: string;
}

/** Whom an outbound call may be put down to: the package of the node, else its transport, marked as such. */
const EXPECTED = [
  { port: PORTS.web, node: 'http request', packages: ['@node-red/nodes', 'node-red'], transport: 'got' },
  { port: PORTS.lines, node: 'tcp request', packages: ['@node-red/nodes', 'node-red'] },
  { port: PORTS.mail, node: 'e-mail', packages: ['node-red-node-email'], transport: 'nodemailer' },
];
const INBOUND_PACKAGES = ['node-red', '@node-red/nodes', '@node-red/editor-api'];

const data = mkdtempSync(join(tmpdir(), 'outwitness-claim-'));
try {
  const redJs = installNodeRed();
  const code = await runWithoutNetwork([
    process.execPath,
    join(ROOT, 'examples/node-red/drive.mjs'),
    redJs,
    data,
    String(ROUNDS),
  ]);
  const rows = outwitness('journal')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row & { kind: string })
    .filter((row) => row.kind === 'net' && row.phase !== 'end');
  print(rows);
  const problems = code === 0 ? problemsOf(rows) : [`the run inside the namespace ended with ${code}: expected 0`];
  const verified = outwitness('verify');
  const { verdict } = JSON.parse(verified.stdout) as { verdict: string };
  process.stdout.write(`\n${rows.length} calls; verify says ${verdict}\n`);
  // Nobody pinned this ledger, and nobody could within one run.
  if (!['VERIFIED', 'UNANCHORED'].includes(verdict)) problems.push(`verify says ${verdict}`);
  for (const problem of problems) process.stdout.write(`WRONG: ${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(data, { recursive: true, force: true });
}

function outwitness(command: string): { stdout: string } {
  return spawnSync(process.execPath, [OUTWITNESS, command, '--data', data, '--json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Every wrong name, and every call that has no row. */
function problemsOf(rows: readonly Row[]): string[] {
  const problems: string[] = [];
  const outbound = rows.filter((row) => row.direction === 'out');
  for (const { port, node, packages, transport } of EXPECTED) {
    const mine = outbound.filter((row) => row.port === port);
    if (mine.length !== ROUNDS) problems.push(`${node}: ${mine.length} rows for ${ROUNDS} calls`);
    for (const row of mine) {
      const named = packages.includes(row.package ?? '');
      const weak = transport !== undefined && row.package === transport && row.basis === 'transport';
      if (!named && !weak) problems.push(`${node}: ${row.package ?? 'nobody'} by ${row.basis ?? 'nothing'}`);
    }
  }
  const ports = new Set<number | undefined>(EXPECTED.map(({ port }) => port));
  for (const row of outbound) {
    if (!ports.has(row.port)) problems.push(`a call that the flow does not make: ${JSON.stringify(row)}`);
  }
  const inbound = rows.filter((row) => row.direction === 'in');
  if (inbound.length < ROUNDS + 3)
    problems.push(`${inbound.length} inbound rows: expected the editor's and the flow's`);
  for (const row of inbound) {
    if (!INBOUND_PACKAGES.includes(row.package ?? '')) problems.push(`inbound: ${row.package ?? 'nobody'}`);
  }
  return problems;
}

function print(rows: readonly Row[]): void {
  const counts = new Map<string, number>();
  for (const { direction, channel, port, package: name, basis, site } of rows) {
    const line = [direction, channel, port, name ?? '(nobody)', basis, site]
      .map((cell, column) => String(cell ?? '').padEnd([9, 8, 5, 20, 9, 0][column] ?? 0))
      .join('  ');
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  process.stdout.write('calls  direction  channel   port   package               basis      site\n');
  for (const line of [...counts.keys()].toSorted()) {
    process.stdout.write(`${String(counts.get(line)).padStart(5)}  ${line.trimEnd()}\n`);
  }
}
