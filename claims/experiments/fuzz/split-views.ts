/** Evidence of split views. Taken only for two notes that the log key signed and that cannot be of one history. */
import { tiles } from '../../../packages/verifier/test/reference-writer.ts';
import type { Dice } from './dice.ts';
import { mutate } from './field-classes.ts';
import { fromLatin1, HISTORIES, type History, historiesOf, latin1, withoutWitnesses } from './histories.ts';
import { type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { EPOCH_LINE, GENESIS_LINE, WITNESSES } from './uncovered.ts';

const named = (name: string): History => HISTORIES.find((one) => one.name === name)!;
const SIDES = ['sample', 'long', 'forked', 'short'].map(named);

/** Evidence by the page, also of notes that do not contradict each other. */
function evidence(dice: Dice): { text: string; history: History } {
  const [one, two] = dice.chance(0.3)
    ? [dice.of(SIDES), dice.of(SIDES)]
    : [named('forked'), dice.of(SIDES.slice(0, 2))];
  const [a, b] = [dice.of(one.ledger.notes), dice.of(two.ledger.notes)];
  const [older, newer, of] = a.size <= b.size ? [a, b, two] : [b, a, one];
  const { ledger } = of;
  const genesis = JSON.parse(ledger.leaves[0]!) as Record<string, string>;
  const hashes = ledger.hashes.slice(0, newer.size);
  const lines = [
    'outwitness-split-view 1',
    `origin ${ledger.origin}`,
    `key ${genesis['logKey']}`,
    ...(dice.chance(0.7) ? [`genesis ${genesis['epochKey']} ${genesis['nonce']}`] : []),
    ...[older, newer].map(({ text }) => `note ${Buffer.from(text).toString('base64')}`),
    ...(older.size === newer.size && dice.chance(0.9)
      ? []
      : [
          ['left', ...tiles(0, older.size, hashes)].join(' '),
          ['right', ...tiles(older.size, newer.size, hashes)].join(' '),
        ]),
  ];
  return { text: lines.map((line) => `${line}\n`).join(''), history: of };
}

export function mutateEvidence(dice: Dice): { bytes: Buffer; how: string[]; history: History } {
  const { text, history } = evidence(dice);
  const { text: changed, how } = mutate(text, evidence(dice).text, dice);
  return { bytes: fromLatin1(changed), how, history };
}

export const SPLIT_VIEWS: Kind = {
  name: 'split view',
  share: 80,
  make(dice): Made {
    const { bytes, how, history } = mutateEvidence(dice);
    const pins = dice.chance(0.7) ? [history.ledger.vkey] : [];
    return {
      how,
      bytes,
      judge: async (target) =>
        sayEvidence(bytes, await target.verifySplitView(bytes, target.crypto, pins.length === 0 ? {} : { pins })),
    };
  },
};

export function sayEvidence(bytes: Buffer, result: Awaited<ReturnType<Target['verifySplitView']>>): Said {
  const { verdict, findings } = result;
  const broken = malformed(result);
  const taken = findings.some(({ code }) => code === 'split-view');
  if (!taken) {
    const isQuiet = result.exit < 20 && broken === undefined;
    return { verdict, accepted: false, wrong: isQuiet ? `${verdict} for evidence of a split view` : broken };
  }
  const text = latin1(bytes);
  const notes = [...text.matchAll(/^note (\S+)$/gm)].map(([, encoded = '']) =>
    Buffer.from(encoded, 'base64').toString('latin1'),
  );
  const own = notes.map((note) => withoutWitnesses(note, false));
  const origin = /^origin (\S+)$/m.exec(text)?.[1] ?? '';
  const all = historiesOf(origin);
  const isSigned = own.length === 2 && own.every((note) => all.some(({ logNotes }) => logNotes.has(note)));
  const isOne = all.some(({ logNotes }) => own.every((note) => logNotes.has(note)));
  const wrong = !isSigned
    ? 'split-view of notes that the log key did not sign'
    : isOne
      ? 'split-view of two notes of one history'
      : tilesProblem(text, own, all);
  const isGenuine = notes.every((note) => HISTORIES.some((one) => one.notes.has(withoutWitnesses(note))));
  const uncovered = [
    ...(notes.some((note) => withoutWitnesses(note) !== note) ? [WITNESSES] : []),
    ...(isGenuine ? [] : [EPOCH_LINE]),
    ...(text.includes('\ngenesis ') ? [] : [GENESIS_LINE]),
  ];
  return { verdict: 'split-view', accepted: true, wrong: broken ?? wrong, uncovered };
}

function tilesProblem(text: string, own: readonly string[], all: readonly History[]): string | undefined {
  const [, left, right] = /^left (.*)\nright (.*)\n/m.exec(text) ?? [];
  if (left === undefined) return undefined;
  const [older = 0, newer = 0] = own.map((note) => Number(note.split('\n')[1]));
  const isGenuine = all.some(
    ({ logNotes, ledger }) =>
      logNotes.has(own[1] ?? '') &&
      left === tiles(0, older, ledger.hashes.slice(0, newer)).join(' ') &&
      right === tiles(older, newer, ledger.hashes.slice(0, newer)).join(' '),
  );
  return isGenuine ? undefined : 'split-view by tiles that are not those of the newer note';
}
