/** Asks audited servers, waits for the rows and ends what was started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { journal, type Row, startOutwitness } from '../../claims/system/outwitness.ts';

export interface NetRow extends Row {
  readonly path?: string;
  readonly status?: number;
  readonly basis?: string;
}

/** A collector as a service, ended after the test. */
export async function startCollector(context: TestContext, data: string): Promise<void> {
  const collector = startOutwitness(['collect', '--data', data]);
  context.after(async () => {
    collector.child.kill('SIGTERM');
    await collector.ended;
  });
  await collector.printed(/the report is at/);
}

/** Starts a program; resolves with the first match in its output. It is ended after the test. */
export async function startProgram(
  context: TestContext,
  command: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; until: RegExp; times?: number },
): Promise<{ child: ChildProcess; output: () => string; found: RegExpExecArray }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const times = options.times ?? 1;
  const pattern = new RegExp(options.until.source, 'g');
  for (const deadline = Date.now() + 60_000; ;) {
    const all = [...output.matchAll(pattern)];
    const [found] = all;
    if (found !== undefined && all.length >= times) return { child, output: () => output, found };
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${command.join(' ')}: expected ${options.until}, got (exit ${child.exitCode}):\n${output}`);
    await sleep(50);
  }
}

/** Ends a program as its user would. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Waits until so many rows satisfy `where`. */
export async function rowsOf(data: string, count: number, where: Readonly<Record<string, string>>): Promise<NetRow[]> {
  for (const deadline = Date.now() + 30_000; ;) {
    const rows = (await journal(data, { kind: 'net', ...where })).filter(({ app }) => app !== 'outwitness');
    if (rows.length >= count) return rows;
    if (Date.now() > deadline) throw new Error(`expected ${count} rows, got ${JSON.stringify(rows)}`);
    await sleep(200);
  }
}

/** The pid of a collector that started by itself. */
export function collectorPid(data: string): number {
  return (JSON.parse(readFileSync(join(data, 'alive'), 'utf8')) as { pid: number }).pid;
}
