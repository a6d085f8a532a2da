/** Runs one workload with and without the agent, side by side, and checks that the audited one was recorded whole. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { NodeBinary } from '../../claims/system/node-binaries.ts';
import { calls, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { LANES, WARM_UP, type Case } from './cases.ts';

const HERE = import.meta.dirname;

/** What one process used: user and system time, all its threads. */
interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
}

export interface Measured {
  /** CPU per call, µs, median over the rounds. */
  readonly withoutUs: number;
  readonly withUs: number;
  /** Requests that were really exchanged in the audited runs, and rows of them. */
  readonly requests: number;
  readonly rows: number;
  readonly verified: boolean;
}

export interface StartUp {
  /** Medians. */
  readonly withoutMs: number;
  readonly withMs: number;
  readonly withoutMiB: number;
  readonly withMiB: number;
}

/** Rounds with and without the agent in turn, so that whatever else the machine does meets both alike. */
export async function measureCase(one: Case, node: NodeBinary, rounds: number): Promise<Measured> {
  const bare: number[] = [];
  const audited: number[] = [];
  const seen = { requests: 0, rows: 0, verified: true };
  await using stub = await startStub();
  const run = async (withAgent: boolean): Promise<void> => {
    using folder = temporaryFolder('overhead');
    const data = withAgent ? join(folder.path, 'data') : undefined;
    const before = await stub.requests();
    const { cpuUs, answered } = await runWorkload(one, node, stub.port, data);
    (withAgent ? audited : bare).push(cpuUs / one.calls);
    if (data === undefined) return;
    seen.requests += (await stub.requests()) - before + answered;
    for (const direction of ['in', 'out'] as const) seen.rows += (await calls(data, direction)).length;
    seen.verified &&= (await verify(data)).exit === 10;
  };
  for (let round = 0; round < rounds; round++) {
    const auditedFirst = round % 2 === 1;
    await run(auditedFirst);
    await run(!auditedFirst);
  }
  return { withoutUs: median(bare), withUs: median(audited), ...seen };
}

export async function measureStartUp(node: NodeBinary, rounds: number): Promise<StartUp> {
  const bare: Usage[] = [];
  const audited: Usage[] = [];
  for (let round = 0; round < rounds; round++) {
    using folder = temporaryFolder('overhead');
    bare.push(await lastLine<Usage>(start('start-up', node, {})));
    audited.push(await lastLine<Usage>(start('start-up', node, {}, join(folder.path, 'data'))));
  }
  const ms = (usages: readonly Usage[]): number => median(usages.map(({ cpuUs }) => cpuUs / 1_000));
  const MiB = (usages: readonly Usage[]): number => median(usages.map(({ rss }) => rss / 2 ** 20));
  return { withoutMs: ms(bare), withMs: ms(audited), withoutMiB: MiB(bare), withMiB: MiB(audited) };
}

export async function runWorkload(
  one: Case,
  node: NodeBinary,
  stubPort: number,
  data: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<Usage & { answered: number }> {
  const settings = { LANES, WARM_UP, CALLS: one.calls, STUB_PORT: stubPort, ...more };
  const child = start(one.name, node, settings, data);
  if (!one.inbound) return { ...(await lastLine<Usage>(child)), answered: 0 };
  const { port } = await firstLine<{ port: number }>(child);
  const usage = lastLine<Usage>(child);
  const driver = [join(HERE, 'load-driver.mjs'), port, WARM_UP + one.calls, LANES].map(String);
  const load = lastLine<{ answered: number }>(
    spawn(process.execPath, driver, { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  return { ...(await usage), ...(await load) };
}

/** Starts a workload, under audit if it is given a data directory. */
function start(
  workload: string,
  node: NodeBinary,
  settings: Readonly<Record<string, number | string>>,
  data?: string,
): ChildProcess {
  const program = [node.path, join(HERE, 'workload', `${workload}.mjs`)];
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, `${value}`]));
  if (data !== undefined) {
    return startOutwitness(['run', '--no-serve', '--quiet', '--data', data, '--', ...program], { env }).child;
  }
  const child = spawn(node.path, program.slice(1), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.resume();
  return child;
}

interface Stub extends AsyncDisposable {
  readonly port: number;
  requests(): Promise<number>;
}

export async function startStub(): Promise<Stub> {
  const child = fork(join(HERE, 'stub-server.mjs'));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    requests: async () => {
      const answer = once(child, 'message') as Promise<[{ requests: number }]>;
      child.send('count');
      return (await answer)[0].requests;
    },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** The first line of JSON that a program prints. */
async function firstLine<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer | string): void => {
      output += chunk.toString();
      const line = /^\{.*\}$/m.exec(output)?.[0];
      if (line === undefined) return;
      child.stdout?.off('data', read);
      resolve(JSON.parse(line) as T);
    };
    child.stdout?.on('data', read);
    child.once('close', (code) => reject(new Error(`expected a line of JSON, but it ended with ${code}: ${output}`)));
  });
}

/** The last line of JSON that a program prints before it ends. */
async function lastLine<T>(child: ChildProcess): Promise<T> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer | string) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const line = output.split('\n').findLast((text) => text.startsWith('{'));
  if (code !== 0 || line === undefined) throw new Error(`expected a line of JSON and exit 0, got ${code}: ${output}`);
  return JSON.parse(line) as T;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
