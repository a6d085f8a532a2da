/** Shares the mutants among worker threads; one that never comes back is ended and counts as killed. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { Prepared } from '../tamper/experiment.ts';
import type { Mutant } from './mutants.ts';
import type { Outcome, Task, Work } from './worker.ts';

/** A mutant that makes the verifier run on is ended after so long. */
const HANGS_AFTER_MS = 300_000;

export interface Verdict {
  readonly mutant: Mutant;
  /** What killed it; undefined: it survived. */
  readonly by: string | undefined;
}

export async function killAll(mutants: readonly Mutant[], work: Work): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const progress = process.stderr.isTTY;
  const left = [...mutants.entries()];
  const lane = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [id, mutant] = next;
      worker ??= new Worker(new URL('worker.ts', import.meta.url), { workerData: work });
      const outcome = await oneTask(worker, { id, mutant, order: orderFor(mutant, work.inputs) });
      if (outcome === 'hangs') {
        await worker.terminate();
        worker = undefined;
      }
      if (progress) process.stderr.write(`\r${verdicts.length} of ${mutants.length} checks\u001B[K`);
      const by = outcome === 'hangs' ? 'it never ends' : saidOf(outcome, work.inputs);
      verdicts.push({ mutant, by });
      if (by === undefined) process.stderr.write(`survives: ${mutant.file}:${mutant.line} ${mutant.check}\n`);
    }
    await worker?.terminate();
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, lane));
  return verdicts.toSorted((a, b) =>
    a.mutant.file === b.mutant.file ? a.mutant.start - b.mutant.start : a.mutant.file < b.mutant.file ? -1 : 1,
  );
}

async function oneTask(worker: Worker, task: Task): Promise<Outcome | 'hangs'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => resolve('hangs')), HANGS_AFTER_MS);
    const onMessage = (outcome: Outcome): void => settle(() => resolve(outcome));
    const onError = (error: Error): void => settle(() => reject(error));
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError);
      end();
    };
    worker.on('message', onMessage).on('error', onError);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
    worker.postMessage(task);
  });
}

function saidOf({ killed }: Outcome, inputs: readonly Prepared[]): string | undefined {
  if (killed === undefined) return undefined;
  const { what = '', input = '' } = inputs[killed.input] ?? {};
  return `${what} (${input})`;
}

/** Where a check names no finding itself: those that it leads to. */
const CODES_OF: readonly [file: RegExp, codes: string][] = [
  [/compare|split-view/, 'split-view signature unreadable subset'],
  [/canonical/, 'leaf-canonical bundle'],
  [/leaf-shape/, 'leaf-shape version'],
  [/note-sources/, 'note'],
  [/note\.js/, 'note bundle key signature'],
  [/bundle|lines/, 'bundle unreadable version'],
  [/proof/, 'bundle unreadable note key'],
  [/retention/, 'vacuum-age vacuum-floor vacuum-range vacuum-unsigned leaf-gone erase-row dropped'],
  [/columns/, 'column'],
  [/schema/, 'schema empty'],
  [/rollup/, 'rollup'],
  [/bytes/, 'bundle note text leaf-shape genesis key'],
  [/pins/, 'key split-view pin-ahead unanchored'],
  [/merkle/, 'root'],
  [/ledger/, 'key signature epoch genesis leaf-canonical'],
  [/tables/, 'pending writers text nodes'],
  [/path|store|high-water/, 'unreadable empty schema note high-water'],
];

/**
 * First the inputs that can tell, where the very finding of the check is expected, those that are judged faster before
 * the stores; then all others, so that only what nothing at all notices counts as a survivor.
 */
function orderFor({ file, code }: Mutant, inputs: readonly Prepared[]): number[] {
  const codes = code === undefined ? (CODES_OF.find(([name]) => name.test(file))?.[1] ?? '').split(' ') : [code];
  const finding = new RegExp(`\\b(?<!-)(?:${codes.join('|')}) -?\\d`);
  const rank = (at: number): number =>
    (finding.test(inputs[at]?.expected ?? '') ? 0 : 2) + (inputs[at]?.input === 'store' ? 1 : 0);
  return [...inputs.keys()].toSorted((a, b) => rank(a) - rank(b));
}
