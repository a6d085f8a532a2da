/** Successors: what their genesis row says of the ledger before, true and forged, with and without its evidence. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ReferenceLedger, vkey } from '../../../packages/verifier/test/reference-writer.ts';
import { type Aim, Copy, type Experiment } from './experiment.ts';
import { Forgery, makeKey, type Members } from './forgery.ts';

const MINE = makeKey('mine');
const STRANGER = makeKey('stranger');

interface Succession {
  /** What the genesis row says, other than the truth. */
  readonly says?: (before: Forgery) => Members;
  /** Members that it lacks. */
  readonly lacks?: readonly string[];
  /** Folder with the evidence of the ledger before; `false` = none is given. */
  readonly evidence?: ((copy: Copy) => string) | false;
  /** Beside the key of the successor. */
  readonly pins?: (before: Forgery) => readonly string[];
  readonly ownKeyUnpinned?: boolean;
}

/** Puts a successor of the ledger into the copy; the untouched ledger is the evidence of what was before. */
function follow(copy: Copy, { says = () => ({}), lacks = [], evidence, pins, ownKeyUnpinned }: Succession): Aim {
  const before = (): Forgery => Forgery.of(copy.attacked.data);
  const truth = {
    successorOf: before().origin,
    successorNote: before().notes.at(-1)!.text,
    successorVerdict: 'TAMPERED',
    successorWhy: 'the ledger froze',
  };
  const genesis: Members = { ...truth, ...says(before()) };
  for (const name of lacks) delete genesis[name];
  const successor = copy.forgery.begin(MINE, genesis);
  successor.store(copy.data);
  const own = ownKeyUnpinned === true ? [] : [vkey(successor.origin, MINE)];
  const predecessor = evidence === false ? undefined : (evidence?.(copy) ?? copy.attacked.data);
  return {
    pins: [...own, ...(pins?.(before()) ?? [])],
    ...(predecessor === undefined ? {} : { predecessor }),
  };
}

function succession(
  what: string,
  by: Experiment['by'],
  expected: string,
  options: Succession = {},
  exported = expected,
): Experiment {
  return { what: `a successor, ${what}`, by, expected, exported, store: (copy) => follow(copy, options) };
}

/** A note over the same rows by a key that is not that of the ledger before, in its name. */
function noteOf(before: Forgery, size: number, call: string): string {
  const other = new ReferenceLedger({ seed: 'other', logKey: STRANGER, start: before.time });
  while (other.leaves.length < size - 1) other.net({ host: call });
  other.seal();
  return other.notes.at(-1)!.text.replaceAll(other.origin, before.origin);
}

const elsewhere = new ReferenceLedger({ seed: 'elsewhere', logKey: STRANGER });
elsewhere.net();
elsewhere.seal();
const ELSEWHERE = { successorOf: elsewhere.origin, successorNote: elsewhere.notes.at(-1)!.text };
const OWN_ORIGIN = new ReferenceLedger({ seed: 'mine', logKey: MINE }).origin;
const PREDECESSOR = 'TAMPERED predecessor 0';

/** Another history under the key of the ledger, of the same size. */
function secondHistory(before: Forgery): string {
  before.edit(before.of('net').at(-1)!, { host: 'harmless.test' });
  before.chain();
  before.sign(before.leaves.length, (epoch) => before.epochKeys[epoch]!);
  return before.notes.at(-1)!.text;
}

export const PREDECESSORS: readonly Experiment[] = [
  succession('the ledger before given too', 'nobody', 'VERIFIED+VERIFIED'),
  succession('no evidence of the ledger before', 'nobody', 'VERIFIED', { evidence: false }),
  succession('no evidence of the ledger before, its key pinned too', 'nobody', 'VERIFIED', {
    evidence: false,
    pins: ({ vkey: key }) => [key],
  }),
  succession('its last note pinned too', 'nobody', 'VERIFIED', {
    evidence: false,
    pins: ({ notes }) => [notes.at(-1)!.text],
  }),
  succession('the ledger before was changed', 'admin', 'VERIFIED+TAMPERED', {
    evidence: ({ data, attacked }) => {
      const before = new Copy(`${data}-before`, attacked);
      before.sql('DELETE FROM rows WHERE seq = 40');
      return before.data;
    },
  }),
  succession('the ledger before was put back', 'root', 'VERIFIED+ROLLBACK', {
    evidence: ({ attacked }) => attacked.earlier,
  }),
  succession('only the ledger before is pinned', 'root', 'TAMPERED key', {
    evidence: false,
    ownKeyUnpinned: true,
    pins: ({ vkey: key }) => [key],
  }),
  succession('its link taken out', 'root', PREDECESSOR, {
    lacks: ['successorOf', 'successorNote', 'successorVerdict', 'successorWhy'],
  }),
  succession('its reason taken out', 'root', 'TAMPERED+VERIFIED leaf-shape 0', { lacks: ['successorWhy'] }),
  succession('named by itself', 'root', 'TAMPERED predecessor 0, unanchored', {
    ownKeyUnpinned: true,
    says: ({ origin, notes }) => ({
      successorOf: OWN_ORIGIN,
      successorNote: notes.at(-1)!.text.replaceAll(origin, OWN_ORIGIN),
    }),
    evidence: false,
  }),
  succession('itself given as the ledger before', 'root', PREDECESSOR, { evidence: ({ data }) => data }),
  succession('the last note signed by another key', 'root', PREDECESSOR, {
    says: (before) => ({ successorNote: noteOf(before, before.leaves.length, 'a.test') }),
  }),
  succession('the last note signed by another key, the true one pinned', 'root', PREDECESSOR, {
    says: (before) => ({ successorNote: noteOf(before, before.leaves.length, 'a.test') }),
    evidence: false,
    pins: ({ vkey: key }) => [key],
  }),
  succession('the last note of another ledger', 'root', PREDECESSOR, {
    says: () => ({ successorNote: ELSEWHERE.successorNote }),
    evidence: false,
  }),
  succession('a last note that is none', 'root', PREDECESSOR, {
    says: () => ({ successorNote: 'none' }),
    evidence: false,
  }),
  succession('of another ledger than the one that is given', 'root', PREDECESSOR, { says: () => ELSEWHERE }),
  succession('a second history of the ledger before named, the first pinned', 'root', PREDECESSOR, {
    says: (before) => ({ successorNote: secondHistory(before) }),
    evidence: false,
    pins: ({ notes }) => [notes.at(-1)!.text],
  }),
  succession('evidence that cannot be read', 'admin', 'UNVERIFIABLE unreadable 0', {
    evidence: ({ data }) => {
      writeFileSync(join(data, 'noise'), 'noise');
      return join(data, 'noise');
    },
  }),
];
