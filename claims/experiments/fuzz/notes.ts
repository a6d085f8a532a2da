/** Checkpoints compared with others, and pins. Taken only if the log key signed every word of them that counts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Dice } from './dice.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1, HISTORIES, type History, historiesOf, latin1, withoutWitnesses } from './histories.ts';
import { type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { drawProof, sayProof } from './proofs.ts';
import { EPOCH_LINE, PIN_LINES, WITNESSES } from './uncovered.ts';

const REFERENCE = HISTORIES.filter(({ ledger }) => ledger.origin === HISTORIES[0]!.ledger.origin);
const TAKEN = new Set(['same', 'prefix', 'unproven', 'split-view']);

const drawHistory = (dice: Dice): History => (dice.chance(0.7) ? dice.of(REFERENCE) : dice.of(HISTORIES));
const drawNote = (dice: Dice): string => dice.of(drawHistory(dice).ledger.notes).text;

export const NOTES: Kind = {
  name: 'note',
  share: 540,
  make(dice, folder): Made {
    const history = drawHistory(dice);
    const { text, how } = mutate(latin1(dice.of(history.ledger.notes).text), latin1(drawNote(dice)), dice);
    const bytes = fromLatin1(text);
    const isBundle = dice.chance(0.005);
    const other = isBundle ? history.ledger.bundle({ dropped: new Set(history.dropped) }) : Buffer.from(drawNote(dice));
    const inFiles = isBundle || dice.chance(0.01);
    const pins = dice.chance(0.8) ? [history.ledger.vkey] : [];
    return {
      how,
      bytes,
      judge: async (target) =>
        judgeNote(target, inFiles ? folder : undefined, bytes, other, pins, isBundle ? history : undefined),
    };
  },
};

type Comparison = Awaited<ReturnType<Target['comparePaths']>>;

async function judgeNote(
  target: Target, folder: string | undefined, bytes: Buffer, other: Buffer, pins: string[], history?: History,
): Promise<Said> {
  const said = await (folder === undefined
    ? inMemory(target, bytes, other, pins)
    : fromFiles(target, folder, bytes, other, pins));
  return typeof said === 'string' ? { verdict: said, accepted: false } : sayComparison(bytes, history ?? withoutWitnesses(latin1(other), false), said);
} // prettier-ignore

/** Files cost more than their comparison, so most notes have none. */
async function inMemory(target: Target, bytes: Buffer, other: Buffer, pins: string[]): Promise<Comparison | string> {
  const [one, two] = [target.parseNote(bytes), target.parseNote(other)];
  if (typeof two === 'string') throw new Error(`a genuine note is none: ${two}`);
  return typeof one === 'string' ? 'no note' : target.compare({ notes: [one] }, { notes: [two] }, target.crypto, pins);
}

async function fromFiles(
  target: Target, folder: string, bytes: Buffer, other: Buffer, pins: string[],
): Promise<Comparison | string> {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  writeFileSync(one, bytes);
  writeFileSync(two, other);
  try {
    return await target.comparePaths(one, two, { pins });
  } catch (error) {
    if ((error as Error).name !== 'UsageError') throw error;
    return 'USAGE';
  }
} // prettier-ignore

/** @param beside the ledger whose bundle it was compared with, or the note */
function sayComparison(bytes: Buffer, beside: History | string, said: Comparison): Said {
  const { relation } = said;
  const broken = malformed(said);
  if (!TAKEN.has(relation) || broken !== undefined) return { verdict: relation, accepted: false, wrong: broken };
  const text = latin1(bytes);
  const own = withoutWitnesses(text, false);
  const [origin = ''] = text.split('\n');
  const signed = historiesOf(origin).filter(({ logNotes }) => logNotes.has(own));
  const isBeside = (one: History): boolean =>
    typeof beside === 'string' ? one.logNotes.has(beside) : beside.logNotes.has(own);
  const agreed = signed.some(isBeside);
  const wrong =
    signed.length === 0
      ? `${relation} for a note that the log key did not sign`
      : relation === 'split-view' && agreed
        ? 'split-view of two notes of one history'
        : (relation === 'same' || relation === 'prefix') && !agreed
          ? `${relation} of two notes of two histories`
          : undefined;
  return { verdict: relation, accepted: true, wrong, uncovered: differing(text, own) };
}

function differing(text: string, own: string): string[] {
  const both = withoutWitnesses(text);
  const isGenuine = HISTORIES.some(({ notes }) => notes.has(both));
  return [...(both === text ? [] : [WITNESSES]), ...(isGenuine || own === text ? [] : [EPOCH_LINE])];
}

export const PINS: Kind = {
  name: 'pin',
  share: 100,
  make(dice): Made {
    const { text } = drawProof(dice);
    const draw = (): string => (dice.chance(0.5) ? dice.of(HISTORIES).ledger.vkey : drawNote(dice));
    const { text: changed, how } = mutate(latin1(draw()), latin1(draw()), dice);
    // A pin comes as text: its bytes are no longer known where they were no UTF-8.
    const pin = fromLatin1(changed).toString('utf8');
    const bytes = fromLatin1(text);
    return { how, bytes: Buffer.from(pin), judge: async (target) => judgePin(target, bytes, pin) };
  },
};

async function judgePin(target: Target, proof: Buffer, pin: string): Promise<Said> {
  let result: Awaited<ReturnType<Target['verifyProof']>>;
  try {
    result = await target.verifyProof(proof, target.crypto, { pins: [pin] });
  } catch (error) {
    if ((error as Error).name !== 'UsageError') throw error;
    return { verdict: 'USAGE', accepted: false };
  }
  const broken = malformed(result);
  const { pinned, verdict, origin } = result;
  if (!pinned || broken !== undefined) return { verdict: 'not pinned', accepted: false, wrong: broken };
  const text = latin1(pin);
  const own = withoutWitnesses(text, false);
  const signed = historiesOf(origin);
  // By the blanks of Unicode, as a verifier cuts them off.
  const lines = pin
    .trim()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line, at) => at === 0 || line !== '');
  const isKey = signed.some(({ ledger }) => lines.includes(ledger.vkey));
  const isNote = signed.some(({ logNotes }) => logNotes.has(own));
  const uncovered = isKey ? (lines.length > 1 ? [PIN_LINES] : []) : differing(text, own);
  const wrong =
    isKey || isNote ? sayProof(proof, { ...result, findings: [] }, [pin]).wrong : 'pinned by what no ledger signed';
  return { verdict: `pinned ${verdict}`, accepted: true, wrong, uncovered };
}
