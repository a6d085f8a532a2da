/** Prepares all experiments on disk, once, and lets verifiers judge them. */
import { cpSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Experiment, genuineOf, prepare, type Prepared, type Said, saying } from './experiment.ts';
import { type UnderAttack, writeLedger } from './ledger-under-attack.ts';
import { EXPERIMENTS } from './table.ts';

type Options = Pick<Prepared, 'pins' | 'now' | 'newest' | 'predecessor'>;

/** What all builds of the verifier on Node have in common. */
export interface Verifier {
  verifyPath(path: string, options: Options): Promise<Said>;
  comparePaths(path: string, other: string, options: Options): Promise<Said>;
}

/** Makes the ledger in a folder and does every experiment to a copy of it. */
export async function prepareAll(
  folder: string,
  experiments: readonly Experiment[] = EXPERIMENTS,
): Promise<{ attacked: UnderAttack; prepared: Prepared[] }> {
  mkdirSync(folder, { recursive: true });
  // What this machine knows of ledgers is part of some experiments, and none of what its user knows is.
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
  const attacked = await writeLedger(folder);
  const genuine = await genuineOf(attacked);
  const prepared: Prepared[] = [];
  for (const [at, experiment] of experiments.entries())
    prepared.push(...(await prepare(experiment, join(folder, `${at}`), genuine)));
  return { attacked, prepared };
}

/** Verdict and findings of one verifier on one input. */
export async function judge(
  verifier: Verifier,
  { path, other, lists, restless, ...options }: Prepared,
): Promise<string> {
  const touching = restless === true ? setInterval(() => touch(path), 1) : undefined;
  try {
    const judged =
      other === undefined ? verifier.verifyPath(path, options) : verifier.comparePaths(path, other, options);
    return saying(await judged, lists);
  } catch (error) {
    if ((error as Error).name === 'UsageError') return 'USAGE';
    throw error;
  } finally {
    clearInterval(touching);
  }
}

function touch(data: string): void {
  utimesSync(join(data, 'ledger.db'), new Date(), new Date());
}

interface Vector {
  path: string;
  pins: string[];
  now: number;
  verdict: string;
  findings: string[];
}

/** The frozen vectors of the verifier, as inputs; each is judged on a copy. */
export function frozenVectors(folder: string): Prepared[] {
  const frozen = fileURLToPath(new URL('../../../testdata/vectors/verifier/', import.meta.url));
  cpSync(frozen, folder, { recursive: true });
  const vectors = JSON.parse(readFileSync(join(frozen, 'expected.json'), 'utf8')) as Vector[];
  return vectors.map(({ path, pins, now, verdict, findings }) => ({
    what: `the frozen ${path}`,
    by: 'nobody',
    input: path.endsWith('.tlog-proof')
      ? 'proof'
      : path.endsWith('.txt')
        ? 'evidence'
        : path.endsWith('.outwitness')
          ? 'bundle'
          : 'store',
    path: join(folder, path),
    pins,
    now,
    expected: saying({
      verdict,
      notChecked: [],
      findings: findings.map((one) => {
        const [code = '', seq] = one.split(' ');
        return { code, seq: Number(seq) };
      }),
    }),
  }));
}
