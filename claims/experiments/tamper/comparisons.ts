/** Two statements about one record, `verify --compare`: they agree, contradict each other, or show nothing. */
import { finishBundle, ReferenceLedger, vkey } from '../../../packages/verifier/test/reference-writer.ts';
import type { Aim, Experiment } from './experiment.ts';
import { Forgery, type Key, makeKey } from './forgery.ts';

type Pair = readonly [one: Uint8Array | string, other: Uint8Array | string, aim?: Aim];
const MINE = makeKey('mine');
const noteOf = (forgery: Forgery, at = -1): string => forgery.notes.at(at)!.text;

function pair(what: string, expected: string, make: (genuine: Forgery, forged: Forgery) => Pair): Experiment {
  return {
    what: `two compared: ${what}`,
    by: 'courier',
    expected,
    file: (forgery, { data }) => {
      const [one, other, aim = {}] = make(forgery, Forgery.of(data));
      return [{ bytes: Buffer.from(one), other: typeof other === 'string' && other.startsWith('/') ? other : Buffer.from(other), ...aim }];
    },
  }; // prettier-ignore
}

/** Goes on with a call that the other history does not have, and so many more, and signs that. */
function another(forged: Forgery, calls = 1, signer?: Key): Forgery {
  if (signer !== undefined) Object.assign(forged, { logKey: signer });
  for (let call = 0; call < calls; call += 1) forged.net({ host: 'harmless.test' });
  forged.seal();
  return forged;
}

function goesOn(genuine: Forgery): Forgery {
  genuine.net();
  genuine.seal();
  return genuine;
}

export const COMPARISONS: readonly Experiment[] = [
  pair('a bundle and its newest note', 'same: VERIFIED', (one) => [one.bundle(), noteOf(one)]),
  pair('a note and itself', 'same: VERIFIED', (one) => [noteOf(one), noteOf(one)]),
  pair('a bundle and an older note', 'prefix: VERIFIED', (one) => [noteOf(one, -9), one.bundle()]),
  pair('a bundle and an older bundle', 'prefix: VERIFIED', (one, other) => [other.bundle(), goesOn(one).bundle()]),
  pair('an older note before a part', 'unproven: INCOMPLETE subset', (one) => [
    noteOf(one, -30),
    one.bundle({ from: 280, to: 290 }),
  ]),
  pair('two notes of two sizes', 'unproven: INCOMPLETE subset', (one) => [noteOf(one, -9), noteOf(one)]),
  pair('a newer note and a bundle', 'unproven: INCOMPLETE subset', (one, other) => [
    other.bundle(),
    noteOf(goesOn(one)),
  ]),
  pair('two notes, their key pinned by a key line among others', 'same: VERIFIED', (one) => [
    noteOf(one),
    noteOf(one),
    { pins: [`${vkey('local/outwitness/ab', MINE)}\n${one.vkey}\n`] },
  ]),
  pair('two notes of one size with two roots', 'split-view: TAMPERED split-view newest+2', (one, other) => [
    noteOf(goesOn(one)),
    noteOf(another(other)),
  ]),
  pair('two bundles of one size with two roots', 'split-view: TAMPERED split-view newest+2', (one, other) => [
    goesOn(one).bundle(),
    another(other).bundle(),
  ]),
  pair(
    'two bundles with two roots, no pin (the genesis rows tie the key)',
    'split-view: TAMPERED split-view newest+2',
    (one, other) => [goesOn(one).bundle(), another(other).bundle(), { pins: [] }],
  ),
  pair('a note and a longer bundle that has another root there', 'split-view: TAMPERED split-view newest+2', (one, other) => [
    noteOf(goesOn(one)),
    another(other, 9).bundle(),
  ]),
  pair('a longer bundle first', 'split-view: TAMPERED split-view newest+2', (one, other) => [
    another(other, 9).bundle(),
    noteOf(goesOn(one)),
  ]),
  pair('two histories of which one is of another key', 'unverifiable: TAMPERED signature newest+2', (one, other) => [
    noteOf(goesOn(one)),
    noteOf(another(other, 1, MINE)),
  ]),
  pair('a first one that the log key did not sign', 'unverifiable: TAMPERED signature newest+2', (one, other) => [
    noteOf(another(other, 1, MINE)),
    noteOf(one),
  ]),
  pair('notes of two records', 'unverifiable: UNVERIFIABLE unreadable', (one) => [noteOf(one), elsewhere(one).notes[0]!.text]),
  pair('two notes and no pin', 'unverifiable: UNVERIFIABLE unreadable', (one) => [noteOf(one), noteOf(one), { pins: [] }]),
  pair('two notes, a note of the record pinned and no key', 'unverifiable: UNVERIFIABLE unreadable', (one) => [
    noteOf(one),
    noteOf(one),
    { pins: [noteOf(one)] },
  ]),
  pair('two notes and the key of another record pinned', 'unverifiable: UNVERIFIABLE unreadable', (one) => [
    noteOf(one),
    noteOf(one),
    { pins: [vkey('local/outwitness/ab', MINE)] },
  ]),
  pair('a bundle with a changed row, and its newest note', 'unverifiable: TAMPERED chain 151, root 151', (one) => [
    finishBundle(
      one.bundleLines().map((line) => (line.startsWith('row 150 ') ? line.replace('"host":"', '"host":"x') : line)),
    ),
    noteOf(one),
  ]),
  pair('a bundle of an epoch key that nobody introduced', 'unverifiable: TAMPERED signature newest', (one, other) => {
    one.notes.pop();
    one.epochKeys[one.today] = MINE;
    one.note();
    return [one.bundle(), noteOf(other, -2)];
  }),
  pair('a bundle and text', 'USAGE', (one) => [one.bundle(), 'neither\n']),
  pair('a bundle and one whose notes cannot be read', 'USAGE', (one) => [
    one.bundle(),
    finishBundle(one.bundleLines().map((line) => (line.startsWith('note') ? 'note ***' : line))),
  ]),
  pair('a bundle and a folder', 'USAGE', (one) => [one.bundle(), '/']),
  pair('two notes and a pin that is none', 'USAGE', (one) => [noteOf(one), noteOf(one), { pins: ['what I know'] }]),
]; // prettier-ignore

function elsewhere(forgery: Forgery): ReferenceLedger {
  const other = new ReferenceLedger({ seed: 'other', start: forgery.time });
  other.seal();
  return other;
}
