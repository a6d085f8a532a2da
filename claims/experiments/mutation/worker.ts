/** Judges all inputs by a verifier with one check turned off, until one of them is judged otherwise than expected. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import type { Prepared } from '../tamper/experiment.ts';
import { judge, type Verifier } from '../tamper/run.ts';
import type { Mutant } from './mutants.ts';

/** What a worker begins with. */
export interface Work {
  readonly compiled: string;
  readonly folder: string;
  readonly inputs: readonly Prepared[];
}

/** One mutant, and in which order the inputs are tried. */
export interface Task {
  readonly id: number;
  readonly mutant: Mutant;
  readonly order: readonly number[];
}

export interface Outcome {
  readonly id: number;
  /** The first input that was judged otherwise, and how; undefined: none was. */
  readonly killed?: { readonly input: number; readonly said: string };
}

const { compiled, folder, inputs } = workerData as Work;

parentPort?.on('message', (task: Task) => void run(task));

async function run({ id, mutant, order }: Task): Promise<void> {
  const copy = join(folder, `mutant-${id}`);
  mkdirSync(copy, { recursive: true });
  cpSync(compiled, copy, { recursive: true, filter: (path) => !/\.(?:map|d\.ts|tsbuildinfo)$/.test(path) });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const path = join(copy, mutant.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, source.slice(0, mutant.start) + mutant.instead + source.slice(mutant.end));
  const verifier = (await import(pathToFileURL(join(copy, 'index.js')).href)) as Verifier;
  for (const at of order) {
    const input = inputs[at];
    if (input === undefined) continue;
    const said = await judge(verifier, input).catch((error: unknown) => `threw ${String(error)}`);
    if (said !== input.expected) {
      tell({ id, killed: { input: at, said } });
      return;
    }
  }
  tell({ id });
}

function tell(outcome: Outcome): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  parentPort?.postMessage(outcome);
}
