/** How long the proof takes that one row is in the tree of the newest note. */
import { join } from 'node:path';
import { inclusionProof } from '@outwitness/ledger';
import { openEvidence } from '@outwitness/store-sqlite';
import { type Figure, quantile } from './figures.ts';
import { seededRandom } from './seeded-random.ts';

const GOAL_MS = 1;
const PROOFS = 2000;

export async function proofTime(folder: string, seed: number): Promise<Figure> {
  const journal = openEvidence(join(folder, 'ledger.db'));
  try {
    const size = (await journal.lastNote())?.size ?? 0;
    const random = seededRandom(seed);
    const times: number[] = [];
    for (let at = 0; at < PROOFS; at++) {
      const seq = random.below(size);
      const began = performance.now();
      await inclusionProof(journal, seq, size);
      // The first ones read the pages that all others share.
      if (at >= PROOFS / 10) times.push(performance.now() - began);
    }
    const [half, most] = [quantile(times, 0.5), quantile(times, 0.95)];
    return {
      work: 'inclusion proof of a row, median (95th percentile)',
      rows: size,
      value: `${half.toFixed(2)} ms (${most.toFixed(2)} ms)`,
      budget: `< ${GOAL_MS} ms`,
      held: half < GOAL_MS,
    };
  } finally {
    journal.close();
  }
}
