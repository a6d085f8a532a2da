/** Proofs of one row. Accepted only if all of it, lines of witnesses apart, is what the ledger gives for that row. */
import type { Dice } from './dice.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1, HISTORIES, historiesOf, latin1, withoutWitnesses } from './histories.ts';
import { isAccepting, type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { WITNESSES } from './uncovered.ts';

/** Only ledgers whose rows all have leaves. */
const PROVABLE = HISTORIES.filter(({ dropped, name }) => dropped.size === 0 && name !== 'lacking' && name !== 'many');
const texts = new Map<string, string>();

function proofOf({ name, ledger }: (typeof HISTORIES)[number], seq: number): string {
  const key = `${name} ${seq}`;
  let text = texts.get(key);
  if (text === undefined) texts.set(key, (text = latin1(ledger.proof(seq))));
  return text;
}

export function drawProof(dice: Dice): { text: string; pins: string[] } {
  const history = dice.of(PROVABLE);
  const { ledger } = history;
  const pins = dice.of([[ledger.vkey], [ledger.vkey], [ledger.vkey], [], [dice.of(ledger.notes).text]]);
  return { text: proofOf(history, dice.below(ledger.notes.at(-1)!.size)), pins };
}

export const PROOFS: Kind = {
  name: 'proof',
  share: 110,
  make(dice): Made {
    const { text, pins } = drawProof(dice);
    const { text: changed, how } = mutate(text, drawProof(dice).text, dice);
    const bytes = fromLatin1(changed);
    return { how, bytes, judge: async (target) => judgeProof(target, bytes, pins) };
  },
};

async function judgeProof(target: Target, bytes: Buffer, pins: string[]): Promise<Said> {
  const result = await target.verifyProof(bytes, target.crypto, pins.length === 0 ? {} : { pins });
  return sayProof(bytes, result, pins);
}

type Result = Awaited<ReturnType<Target['verifyProof']>>;

export function sayProof(bytes: Buffer, result: Result, pins: readonly string[]): Said {
  const { verdict, size, range, pinned } = result;
  const broken = malformed(result);
  if (!isAccepting(result) || broken !== undefined) return { verdict, accepted: false, wrong: broken };
  const text = latin1(bytes);
  const [head = ''] = text.split('\n\n');
  const note = text.slice(head.length + (text[head.length + 2] === '\n' ? 3 : 2));
  const [origin = ''] = note.split('\n');
  const rest = `${text.slice(0, text.length - note.length)}${withoutWitnesses(note)}`;
  const index = Number(/\nindex (\d+)\n/.exec(text)?.[1]);
  const from = historiesOf(origin).find((one) => index < one.ledger.leaves.length && proofOf(one, index) === rest);
  const wrong =
    from === undefined
      ? `${verdict} for a proof that no ledger gives`
      : size !== from.ledger.notes.at(-1)!.size ||
          range[0] !== index ||
          range[1] !== index + 1 ||
          result.origin !== from.ledger.origin
        ? 'origin, size or row is another than the proof is of'
        : pinned !== pins.length > 0
          ? 'pinned though no pin holds, or the other way round'
          : (verdict === 'VERIFIED') !== (pinned && size === 1)
            ? `${verdict} for one row of ${size}`
            : undefined;
  return { verdict, accepted: true, wrong, uncovered: rest === text ? [] : [WITNESSES] };
}
