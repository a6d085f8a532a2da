/** Shares the inputs among worker threads. One that never ends, or that ends its worker, is a failure by its number. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import type { ScriptCoverage } from './branches.ts';
import { Tally, type TallyData } from './tally.ts';
import type { Told, Work } from './worker.ts';

export interface Fuzzing {
  readonly seed: string;
  readonly count: number;
  readonly kind?: string;
  /** Only this one. */
  readonly only?: number;
  readonly folder: string;
  readonly workers: number;
  /** URL of a module that exports a `target`; default: the real one. */
  readonly target?: string;
  /** CPU time of one input, above which it hangs. */
  readonly limitMs?: number;
  /** Ends the run early: each worker ends after the input at hand. */
  readonly stop?: AbortSignal;
  readonly onProgress?: (done: number, all: number) => void;
}

export interface Fuzzed {
  readonly tally: TallyData;
  /** Of each worker that came to its end. */
  readonly coverage: readonly (readonly ScriptCoverage[])[];
}

const LIMIT_MS = 10_000;
/** An input that takes no time and still gets no verdict: a promise that nothing settles. */
const IDLE_MS = 60_000;
const LOOKED_EVERY_MS = 250;
const SILENT_MS = 5_000;
const MEMORY_MIB = 1024;

export async function fuzz(options: Fuzzing): Promise<Fuzzed> {
  const { count, only, workers, stop, onProgress } = options;
  const tally = new Tally();
  const coverage: (readonly ScriptCoverage[])[] = [];
  const lanes = only === undefined ? workers : 1;
  let done = 0;
  const lane = async (first: number): Promise<void> => {
    const end = only === undefined ? count : only + 1;
    for (let from = only ?? first; from < end;) {
      if (stop?.aborted === true) return;
      const current = new Int32Array(new SharedArrayBuffer(8));
      current[0] = -1;
      const onStop = (): void => void Atomics.store(current, 1, 1);
      stop?.addEventListener('abort', onStop);
      const ended = await oneWorker(options, { from, to: end, step: lanes, current, lane: first }, (told) => {
        tally.merge(told.tally);
        const inputs = [...told.tally.kinds.values()].reduce((sum, one) => sum + one.inputs, 0);
        onProgress?.((done += inputs), only === undefined ? count : 1);
        if (told.coverage !== undefined) coverage.push(told.coverage);
      });
      if (ended.failure !== undefined) tally.fail(ended.failure);
      stop?.removeEventListener('abort', onStop);
      from = ended.next;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)));
  return { tally: tally.data, coverage };
}

type Part = Pick<Work, 'from' | 'to' | 'step' | 'current'> & { lane: number };
type Ended = { next: number; failure?: TallyData['failures'][number] };

async function oneWorker(options: Fuzzing, part: Part, onTold: (told: Told) => void): Promise<Ended> {
  const { seed, kind, folder, target = new URL('target.ts', import.meta.url).href, limitMs = LIMIT_MS } = options;
  const { lane, ...range } = part;
  const workerData: Work = {
    seed,
    target,
    folder: join(folder, `${lane}`),
    ...range,
    ...(kind === undefined ? {} : { kind }),
  };
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  let next = part.from;
  let problem: string | undefined;
  const watch = watched(worker, part.current, limitMs, (what) => {
    problem = what;
    void worker.terminate();
  });
  worker.on('message', (told: Told) => {
    next = told.next;
    onTold(told);
  });
  worker.on('error', (error) => (problem ??= `ended its worker: ${error.stack ?? error.message}`));
  await new Promise((resolve) => worker.once('exit', resolve));
  watch.stop();
  if (next >= part.to) return { next };
  const index = part.current[0] ?? -1;
  const what = problem ?? 'never got a verdict: nothing settles its promise';
  if (index < part.from) throw new Error(`the worker of the fuzzer did not begin: ${what}`);
  // What was judged since the worker told last is lost from the counts, the input itself is not tried again.
  return { next: index + part.step, failure: { kind: '', index, how: [], what, bytes: '' } };
}

/** User and system time of a worker, ms. One that does not answer counts as at work all the while. */
async function cpuOf(worker: Worker): Promise<number> {
  const asked = performance.now();
  const silent = new AbortController();
  const used = await Promise.race([
    worker.cpuUsage(),
    sleep(SILENT_MS, undefined, { signal: silent.signal, ref: false }).catch(() => undefined),
  ]);
  silent.abort();
  return used === undefined ? asked + SILENT_MS : (used.user + used.system) / 1000;
}

/** Ends an input that takes too much of the worker's own time, so that a busy machine is no hang. */
function watched(
  worker: Worker,
  current: Int32Array,
  limitMs: number,
  onHang: (what: string) => void,
): { stop(): void } {
  let [index, cpu, since] = [-1, 0, performance.now()];
  const look = async (): Promise<void> => {
    const at = Atomics.load(current, 0);
    const now = await cpuOf(worker);
    if (at !== index) [index, cpu, since] = [at, now, performance.now()];
    if (at < 0) return;
    if (now - cpu > limitMs) onHang(`hangs: more than ${limitMs} ms of CPU time`);
    else if (performance.now() - since > IDLE_MS) onHang(`never got a verdict within ${IDLE_MS} ms`);
  };
  // A worker that is gone meanwhile has no time to tell.
  const timer = setInterval(() => void look().catch(() => clearInterval(timer)), LOOKED_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
