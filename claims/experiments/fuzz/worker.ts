/**
 * Makes inputs and lets them be judged, one after the other. The number of the one at hand stands in memory that the
 * main thread sees, so that one that never ends can be named. Code is counted from before it is loaded.
 */
import { Session } from 'node:inspector/promises';
import { mkdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import type { ScriptCoverage } from './branches.ts';
import type { Made, Target } from './kind.ts';
import { type Failure, Tally, type TallyData } from './tally.ts';

/** What a worker begins with. */
export interface Work {
  readonly seed: string;
  /** The first number, the one after the last, and every how many-th is this worker's. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** Only this kind. */
  readonly kind?: string;
  /** Module that exports the `target`. */
  readonly target: string;
  readonly folder: string;
  /** The number of the input at hand, and whether to end after it. */
  readonly current: Int32Array;
}

/** `next`: where to go on if this worker has to be ended. */
export type Told = { readonly tally: TallyData; readonly next: number; readonly coverage?: readonly ScriptCoverage[] };

const TOLD_AFTER = 500;
/** How a failure of the fuzzer itself begins. */
const NOT_MADE = 'could not be made:';

async function work({ seed, from, to, step, kind: wanted, target: module, folder, current }: Work): Promise<void> {
  using session = connected();
  await session.session.post('Profiler.enable');
  await session.session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const { target } = (await import(module)) as { target: Target };
  const { kindOf } = await import('./kinds.ts');
  const { Dice } = await import('./dice.ts');
  mkdirSync(folder, { recursive: true });
  let tally = new Tally();
  let since = 0;
  for (let index = from; index < to; index += step) {
    const kind = kindOf(index);
    if (wanted !== undefined && kind.name !== wanted) continue;
    Atomics.store(current, 0, index);
    const failure = await judged(
      () => kind.make(new Dice(`${seed} ${index}`), folder),
      target,
      kind.name,
      index,
      tally,
    );
    if (failure !== undefined) tally.fail(failure);
    if (Atomics.load(current, 1) === 1) break;
    if ((since += 1) % TOLD_AFTER !== 0) continue;
    tell({ tally: tally.data, next: index + step });
    tally = new Tally();
  }
  Atomics.store(current, 0, -1);
  const { result } = await session.session.post('Profiler.takePreciseCoverage');
  const coverage = result.filter(({ url }) => /\/packages\/(?:verifier|spool|event)\//.test(url));
  tell({ tally: tally.data, next: to, coverage });
}

async function judged(
  make: () => Made,
  target: Target,
  kind: string,
  index: number,
  tally: Tally,
): Promise<Failure | undefined> {
  let made: Made;
  try {
    made = make();
  } catch (error) {
    tally.count(kind, [], { verdict: 'not made', accepted: false });
    return { kind, index, how: [], bytes: '', what: `${NOT_MADE} ${(error as Error).stack ?? String(error)}` };
  }
  const { how, bytes } = made;
  const about = { kind, index, how, bytes: Buffer.from(bytes.subarray(0, 4096)).toString('base64') };
  try {
    const said = await made.judge(target);
    tally.count(kind, how, said);
    return said.wrong === undefined ? undefined : { ...about, what: said.wrong };
  } catch (error) {
    tally.count(kind, how, { verdict: 'threw', accepted: false });
    return { ...about, what: `threw ${(error as Error).stack ?? String(error)}` };
  }
}

function connected(): Disposable & { session: Session } {
  const session = new Session();
  session.connect();
  return { session, [Symbol.dispose]: () => session.disconnect() };
}

function tell(told: Told): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  parentPort?.postMessage(told);
}

await work(workerData as Work);
