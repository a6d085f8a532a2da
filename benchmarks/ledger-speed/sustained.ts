/** The collector, as `outwitness collect` starts it, beside processes that write their spool files at a pace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Checks } from '../../claims/output/checks.ts';
import { type Running, startOutwitness, verify } from '../../claims/system/outwitness.ts';
import type { Figure } from './figures.ts';
import { APPS } from './seeded-calls.ts';
import { UNANCHORED } from './verify-cost.ts';

const FEEDER = join(import.meta.dirname, 'spool-feeder.ts');
const LAG_MS = 2000;
const LOOK_MS = 250;
const CLOCK_TICKS = 100;
const START_MS = 60_000;
const LIMIT_MS = 1_200_000;

interface Alive {
  readonly lagMs: number;
  readonly backlogBytes: number;
}

export interface SustainedPlan {
  readonly data: string;
  readonly seed: number;
  /** Of all processes together; 0: as fast as they can, before the collector starts. */
  readonly perSecond: number;
  readonly calls: number;
}

/** @param checks gets what must hold on any machine: each call has its row, and the ledger verifies */
export async function sustained(plan: SustainedPlan, checks: Checks): Promise<Figure[]> {
  const { data, perSecond, calls } = plan;
  const burst = perSecond === 0;
  if (burst) {
    // The data directory has to be there before its spool.
    await stop(await collect(data));
    await feed(plan);
  }
  const began = performance.now();
  const collector = await collect(data);
  const fed = burst ? undefined : feed(plan);
  const watched = watch(data, collector.child.pid ?? 0);
  const seconds = (await fed) ?? 0;
  while (watched.newest.backlogBytes > 0 || watched.newest.lagMs > 0) {
    if (performance.now() - began > LIMIT_MS) throw new Error(`the spool was not drained within ${LIMIT_MS / 1000} s`);
    await sleep(LOOK_MS);
  }
  const drainedMs = performance.now() - began;
  const cpuMs = watched.end();
  await stop(collector);
  const rows = rowsOfCalls(data);
  checks.equal(burst ? 'calls of a full spool with a row' : 'calls at that pace with a row', rows, calls);
  checks.equal('the ledger of it verifies with', (await verify(data)).exit, UNANCHORED);
  const cpu = `${((cpuMs * 1000) / calls).toFixed(0)} µs of CPU per call`;
  if (burst)
    return [
      {
        work: 'collector drains a spool that is full already',
        rows,
        value: `${((calls / drainedMs) * 1000).toFixed(0)} calls/s, ${cpu}`,
        budget: '',
      },
    ];
  const pace = calls / seconds;
  return [
    {
      work: `collector beside ${APPS.length} processes, for ${seconds.toFixed(0)} s`,
      rows,
      value: `${pace.toFixed(0)} calls/s, lag at most ${(watched.most / 1000).toFixed(1)} s, ${cpu}`,
      budget: `${perSecond} calls/s, lag < ${LAG_MS / 1000} s`,
      held: watched.most < LAG_MS && pace > perSecond * 0.97,
    },
  ];
}

async function collect(data: string): Promise<Running> {
  // What a collector before this one has left there says nothing of this one.
  rmSync(join(data, 'alive'), { force: true });
  const running = startOutwitness(['collect', '--no-serve', '--data', data]);
  for (const began = performance.now(); alive(data) === undefined;) {
    if (performance.now() - began > START_MS) throw new Error(`collect does not start:\n${running.output()}`);
    await sleep(10);
  }
  return running;
}

async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  if (code !== 0) throw new Error(`collect ended with ${code}, expected 0:\n${stderr}`);
}

/** @returns how long it took, in seconds */
async function feed({ data, seed, perSecond, calls }: SustainedPlan): Promise<number> {
  const ends = APPS.map(async (_, at) => {
    const numbers = [seed, at, share(calls, at), perSecond / APPS.length].map(String);
    const child = spawn(process.execPath, [FEEDER, join(data, 'spool'), ...numbers], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    await once(child, 'close');
    const { lost, seconds } = JSON.parse(told) as { lost: number; seconds: number };
    if (lost > 0) throw new Error(`the writer of process ${at} lost ${lost} records, expected none`);
    return seconds;
  });
  return Math.max(...(await Promise.all(ends)));
}

/** Calls of one process, so that all together make so many. */
function share(calls: number, at: number): number {
  return Math.floor((calls + at) / APPS.length);
}

/** Follows what the collector says of itself, and what the system says of its CPU. */
function watch(data: string, pid: number): { newest: Alive; most: number; end: () => number } {
  const watched = { newest: { lagMs: 1, backlogBytes: 0 } as Alive, most: 0, end };
  const timer = setInterval(() => {
    watched.newest = alive(data) ?? watched.newest;
    watched.most = Math.max(watched.most, watched.newest.lagMs);
  }, LOOK_MS);
  function end(): number {
    clearInterval(timer);
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS;
  }
  return watched;
}

function alive(data: string): Alive | undefined {
  try {
    return JSON.parse(readFileSync(join(data, 'alive'), 'utf8')) as Alive;
  } catch {
    return undefined;
  }
}

/** What the collector does itself is audited too, and no call of the feeders. */
function rowsOfCalls(data: string): number {
  const db = new DatabaseSync(join(data, 'ledger.db'), { readOnly: true });
  try {
    const count =
      "SELECT count(*) AS n FROM rows WHERE kind = 'net' AND app <> 'outwitness' AND leaf ->> '$.phase' <> 'end'";
    return Number(db.prepare(count).get()?.['n']);
  } finally {
    db.close();
  }
}
