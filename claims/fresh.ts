/**
 * A fresh clone passes `npm test`, and `npm start` serves its report and ends cleanly: counts and seconds.
 *
 * OUTWITNESS_FRESH_TEST=0 leaves `npm test` out. Exit code: 0 when all of it held, else 1.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { printTable, type Cell } from './output/table.ts';

const ROOT = join(import.meta.dirname, '..');
const SERVED = /http:\/\/127\.0\.0\.1:\d+\/#token=\S+/;
const SERVED_WITHIN_MS = 300_000;
const ENDED_WITHIN_MS = 15_000;

const folder = mkdtempSync(join(tmpdir(), 'outwitness-fresh-'));
const clone = join(folder, 'clone');
const rows: Cell[][] = [];
let held = true;
try {
  run('git', ['clone', '--quiet', ROOT, clone], folder);
  if (process.env['OUTWITNESS_FRESH_TEST'] !== '0') testClone();
  await startClone();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
printTable(['what', 'value', 'expected', 'held'], rows);
process.exitCode = held ? 0 : 1;

function testClone(): void {
  const start = performance.now();
  const { status, stdout, stderr } = run('npm', ['test'], clone);
  const tests = Number(/^ℹ tests (\d+)$/m.exec(stdout)?.[1] ?? 0);
  if (status !== 0) process.stderr.write(`${stdout.slice(-8000)}\n${stderr.slice(-8000)}\n`);
  record('tests', tests, '> 0', tests > 0);
  record('exit code of npm test', status ?? -1, '0', status === 0);
  record('seconds of npm test', secondsSince(start), '< 600', secondsSince(start) < 600);
}

async function startClone(): Promise<void> {
  const start = performance.now();
  // A process group of its own shows whether anything outlives npm.
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: strangersEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  try {
    const address = await servedAddress(child);
    record('seconds until served', secondsSince(start), '< 300', true);
    const { status } = await fetch(address);
    record('HTTP status of the page', status, '200', status === 200);
    const ending = performance.now();
    child.kill('SIGTERM');
    const [code, signal] = await Promise.race([
      exited,
      sleep(ENDED_WITHIN_MS, [null, 'still running'], { ref: false }),
    ]);
    const exit = `${code ?? signal}`;
    record('exit after SIGTERM', exit, '0 or 143', ['0', '143', 'SIGTERM'].includes(exit));
    record('seconds until ended', secondsSince(ending), '< 10', secondsSince(ending) < 10);
    record('process left behind', signalGroup(child, 0) ? 'yes' : 'no', 'no', !signalGroup(child, 0));
  } finally {
    signalGroup(child, 'SIGKILL');
  }
}

/** False when no process of the group is left. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Waits for the line with the address and its one-time token, and gives the address without the token. */
async function servedAddress(child: ChildProcess): Promise<string> {
  let output = '';
  const found = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = SERVED.exec(output)?.[0];
      if (address !== undefined) resolve(address.replace(/#.*/, ''));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => {
      reject(
        new Error(`npm start ended before it served a report: expected a line like ${SERVED}. It wrote:\n${output}`),
      );
    });
  });
  const late = sleep(SERVED_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`npm start served no report within ${SERVED_WITHIN_MS / 1000} s. It wrote:\n${output}`);
  });
  return Promise.race([found, late]);
}

function record(what: string, value: Cell, expected: string, holds: boolean): void {
  rows.push([what, `${value}`, expected, holds ? 'yes' : 'NO']);
  held &&= holds;
}

function run(command: string, args: string[], cwd: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: strangersEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** A newcomer has his own Node, and nothing of npm or of this checkout in his environment. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|NODE_OPTIONS$|NODE_TEST_CONTEXT$|OUTWITNESS_)/i.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return { ...Object.fromEntries(inherited), PATH: path.join(delimiter) };
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
