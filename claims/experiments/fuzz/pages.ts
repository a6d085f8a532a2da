/** The same before the verifier for browsers, whose hash and signatures are others: it must say what the one on Node says. */
import { isDeepStrictEqual } from 'node:util';

import { mutateBundle, sayBundle } from './bundles.ts';
import type { Dice } from './dice.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1 } from './histories.ts';
import type { Kind, Made, Said, Target } from './kind.ts';
import { drawProof, sayProof } from './proofs.ts';
import { mutateEvidence, sayEvidence } from './split-views.ts';

const SQLITE = 'SQLite format 3\0';

interface Drawn {
  bytes: Buffer;
  how: string[];
  pins: string[];
  say: (result: Awaited<ReturnType<Target['verifyBundle']>>) => Said;
}

function draw(dice: Dice): Drawn {
  const input = dice.below(5);
  if (input < 2) {
    const { text, pins } = drawProof(dice);
    const { text: changed, how } = mutate(text, drawProof(dice).text, dice);
    const bytes = fromLatin1(changed);
    return { bytes, how, pins, say: (result) => sayProof(bytes, result, pins) };
  }
  if (input < 3) {
    const { bytes, how, history } = mutateEvidence(dice);
    return { bytes, how, pins: [history.ledger.vkey], say: (result) => sayEvidence(bytes, result) };
  }
  const { bytes, how, history } = mutateBundle(dice);
  const pins = dice.chance(0.8) ? [history.ledger.vkey] : [];
  return { bytes, how, pins, say: (result) => sayBundle(bytes, result, pins) };
}

export const PAGES: Kind = {
  name: 'in the page',
  share: 7,
  make(dice): Made {
    const drawn = draw(dice);
    if (dice.chance(0.01)) drawn.bytes = Buffer.concat([Buffer.from(SQLITE), drawn.bytes]);
    return { how: drawn.how, bytes: drawn.bytes, judge: async (target) => judge(target, drawn) };
  },
};

async function judge(target: Target, { bytes, pins, say }: Drawn): Promise<Said> {
  const isDatabase = bytes.toString('latin1', 0, 16) === SQLITE;
  try {
    const options = { pins };
    const inPage = await target.verifyBlob(new Blob([new Uint8Array(bytes)]), options, () => {});
    if (isDatabase) return { verdict: inPage.verdict, accepted: false, wrong: 'a database is judged in the page' };
    const onNode = await onNodeOf(target, bytes, options);
    const wrong = isDeepStrictEqual(inPage, onNode)
      ? undefined
      : `the page says ${JSON.stringify(inPage)}, Node ${JSON.stringify(onNode)}`;
    if (wrong !== undefined) return { verdict: inPage.verdict, accepted: false, wrong };
    return say(inPage);
  } catch (error) {
    if (isDatabase && (error as Error).name === 'NotHereError') return { verdict: 'not here', accepted: false };
    throw error;
  }
}

async function onNodeOf(
  target: Target,
  bytes: Buffer,
  options: { pins: string[] },
): ReturnType<Target['verifyBundle']> {
  const start = bytes.toString('latin1', 0, 32);
  if (start.startsWith('c2sp.org/tlog-proof')) return target.verifyProof(bytes, target.crypto, options);
  if (start.startsWith('outwitness-split-view')) return target.verifySplitView(bytes, target.crypto, options);
  return target.verifyBundle([bytes], target.crypto, options);
}
