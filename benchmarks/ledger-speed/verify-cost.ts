/** The verifier over a whole ledger, beside coreutils' sha256sum over the same leaves, in turns. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openEvidence } from '@outwitness/store-sqlite';
import { type Figure, median } from './figures.ts';
import { measureNode, type Measured, timesOf } from './measured-program.ts';
import { VERIFIER } from './programs.ts';

const GOAL = 1 / 3;
const SLICE = 1000;
/** Nobody pinned anything: all checks made and nothing found. */
export const UNANCHORED = 10;

export interface VerifyCost {
  readonly rows: number;
  readonly runs: readonly Measured[];
  readonly hashes: readonly Hashing[];
}

type Hashing = Awaited<ReturnType<typeof timesOf>>;

/** @param rounds runs of each, after one of each that does not count */
export async function verifyCost(folder: string, rows: number, rounds: number): Promise<VerifyCost> {
  const leaves = join(folder, 'leaves');
  await writeLeaves(join(folder, 'ledger.db'), leaves);
  const verify = async (): Promise<Measured> => {
    const run = await measureNode([VERIFIER, folder, '--json']);
    if (run.code !== UNANCHORED)
      throw new Error(`verify ended with ${run.code}, expected ${UNANCHORED}: ${run.stdout.slice(0, 2000)}`);
    return run;
  };
  const hash = (): Promise<Hashing> => timesOf('sha256sum', leaves);
  await hash();
  if (rounds > 1) await verify();
  const [runs, hashes]: [Measured[], Hashing[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    runs.push(await verify());
    hashes.push(await hash());
  }
  return { rows, runs, hashes };
}

export function verifyFigures(costs: readonly VerifyCost[]): Figure[] {
  const [first] = costs;
  const flat = (first === undefined ? 0 : rss(first)) * 1.5 + 64;
  return costs.flatMap((cost): Figure[] => {
    const { rows, runs, hashes } = cost;
    const [wallMs, cpuMs] = [median(runs.map((run) => run.wallMs)), median(runs.map((run) => run.cpuMs))];
    const [hashMs, hashCpuMs] = [median(hashes.map((run) => run.wallMs)), median(hashes.map((run) => run.cpuMs))];
    const against = (hash: number, verify: number): string =>
      `${seconds(verify)} : ${seconds(hash)} = 1/${(verify / hash).toFixed(1)}`;
    return [
      {
        work: 'verify the data directory : sha256sum of its leaves, wall',
        rows,
        value: `${against(hashMs, wallMs)}, ${((wallMs * 1000) / rows).toFixed(1)} µs a row`,
        budget: '>= 1/3',
        held: hashMs / wallMs >= GOAL,
      },
      {
        work: 'the same in CPU, which a busy machine bends less',
        rows,
        value: `${against(hashCpuMs, cpuMs)}, ${((cpuMs * 1000) / rows).toFixed(1)} µs a row`,
        budget: '',
      },
      {
        work: 'greatest memory of verify',
        rows,
        value: `${rss(cost).toFixed(0)} MiB`,
        budget: cost === first ? '' : `flat: <= ${flat.toFixed(0)} MiB`,
        ...(cost === first ? {} : { held: rss(cost) <= flat }),
      },
    ];
  });
}

function rss({ runs }: VerifyCost): number {
  return median(runs.map((run) => run.rssMiB));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

async function writeLeaves(store: string, file: string): Promise<void> {
  const journal = openEvidence(store);
  const fd = openSync(file, 'w');
  try {
    const size = await journal.size();
    for (let at = 0; at < size; at += SLICE)
      for (const { leaf } of await journal.rows(at, at + SLICE)) writeSync(fd, leaf);
  } finally {
    closeSync(fd);
    journal.close();
  }
}
