/** A mutated bundle beside genuine evidence: compared with a note, or as what is left of the ledger before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mutateBundle, readBundle } from './bundles.ts';
import type { Dice } from './dice.ts';
import { HISTORIES, historiesOf, latin1 } from './histories.ts';
import { isAccepting, type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { sayEvidence } from './split-views.ts';

const SUCCESSOR = HISTORIES.find(({ name }) => name === 'successor')!.ledger;

export const COMPARED: Kind = {
  name: 'bundle compared',
  share: 2,
  make(dice, folder): Made {
    const { bytes, how, history } = mutateBundle(dice);
    const { ledger } = dice.chance(0.8) ? dice.of(historiesOf(latin1(history.ledger.origin))) : dice.of(HISTORIES);
    const note = dice.of(ledger.notes).text;
    const pins = dice.chance(0.5) ? [history.ledger.vkey] : [];
    return { how, bytes, judge: async (target) => compared(target, folder, bytes, note, pins) };
  },
};

async function compared(target: Target, folder: string, bytes: Buffer, note: string, pins: string[]): Promise<Said> {
  const [one, two] = [join(folder, 'bundle'), join(folder, 'note')];
  writeFileSync(one, bytes);
  writeFileSync(two, note);
  try {
    const said = await target.comparePaths(one, two, { pins });
    const { relation, evidence } = said;
    const broken = malformed(said);
    if (relation === 'split-view') {
      const shown = Buffer.from(evidence);
      const { wrong } = sayEvidence(shown, await target.verifySplitView(shown, target.crypto, { pins }));
      return { verdict: relation, accepted: true, wrong: broken ?? wrong };
    }
    const accepted = relation === 'same' || relation === 'prefix' || relation === 'unproven';
    const read = accepted ? readBundle(latin1(bytes)) : undefined;
    return {
      verdict: relation,
      accepted,
      wrong: broken ?? (typeof read === 'string' ? `${relation} for ${read}` : undefined),
    };
  } catch (error) {
    if ((error as Error).name !== 'UsageError') throw error;
    return { verdict: 'USAGE', accepted: false };
  }
}

export const BEFORE: Kind = {
  name: 'ledger before',
  share: 2,
  make(dice: Dice, folder): Made {
    const { bytes, how } = mutateBundle(dice);
    const isSuccessor = dice.chance(0.9);
    const newer = isSuccessor ? SUCCESSOR.bundle() : HISTORIES[0]!.ledger.bundle();
    return { how, bytes, judge: async (target) => before(target, folder, bytes, newer) };
  },
};

async function before(target: Target, folder: string, bytes: Buffer, newer: Buffer): Promise<Said> {
  const [path, predecessor] = [join(folder, 'newer'), join(folder, 'before')];
  writeFileSync(path, newer);
  writeFileSync(predecessor, bytes);
  const result = await target.verifyPath(path, { predecessor });
  const evidence = result.predecessor?.evidence ?? undefined;
  const broken = malformed(result);
  if (evidence === undefined) {
    const wrong = isAccepting(result)
      ? `${result.verdict} though the evidence of the ledger before is none of it`
      : undefined;
    return { verdict: result.verdict, accepted: false, wrong: broken ?? wrong };
  }
  const accepted = isAccepting(evidence);
  const read = accepted ? readBundle(latin1(bytes)) : undefined;
  const wrong = typeof read === 'string' ? `${evidence.verdict} for ${read}` : undefined;
  return { verdict: `before: ${evidence.verdict}`, accepted, wrong: broken ?? wrong };
}
