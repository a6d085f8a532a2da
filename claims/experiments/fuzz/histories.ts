/** The ledgers that were really written: what is accepted must be of one of them. All texts are bytes as Latin-1. */
import { EPOCH_KEYS, epochLedger } from '../../../packages/verifier/test/epoch-ledger.ts';
import { type LedgerOptions, ReferenceLedger, sampleLedger } from '../../../packages/verifier/test/reference-writer.ts';
import type { Dice } from './dice.ts';

const DAY = 86_400_000_000;
const KEPT = /"kind":"(?:genesis|key|policy|vacuum|erase)"/;

export interface History {
  readonly name: string;
  readonly ledger: ReferenceLedger;
  /** What the ledger was made with. */
  readonly options: LedgerOptions;
  /** Rows whose leaves it has dropped, by rows of its own. */
  readonly dropped: ReadonlySet<number>;
  /** By the words of a note that its signatures cover and the signatures themselves: its size. */
  readonly notes: ReadonlyMap<string, number>;
  /** The same with the signature of the log key alone. */
  readonly logNotes: ReadonlyMap<string, number>;
}

export const latin1 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('latin1');
export const fromLatin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A note without the lines of witnesses, which nothing of ours covers (checkpoint.md, "Note"). */
export function withoutWitnesses(note: string, epochToo = true): string {
  const [origin = ''] = note.split('\n');
  return note
    .split('\n')
    .filter((line) => {
      const name = /^\xe2\x80\x94 (\S+) /.exec(line)?.[1];
      return name === undefined || name === origin || (name.startsWith(`${origin}/epoch/`) && epochToo);
    })
    .join('\n');
}

function history(
  name: string,
  ledger: ReferenceLedger,
  options: LedgerOptions = {},
  dropped: Iterable<number> = [],
): History {
  const notes = ledger.notes.map(({ size, text }) => [latin1(text), size] as const);
  return {
    name,
    ledger,
    options,
    dropped: new Set(dropped),
    notes: new Map(notes),
    logNotes: new Map(notes.map(([text, size]) => [withoutWitnesses(text, false), size])),
  };
}

/** Calls in batches of three; from batch `change` on to another host: two histories under one key. */
function batches(count: number, change = Infinity): ReferenceLedger {
  const ledger = new ReferenceLedger();
  for (let batch = 0; batch < count; batch += 1) {
    for (let n = 0; n < 3; n += 1) ledger.net(batch >= change ? { host: 'harmless.example' } : {});
    ledger.seal();
  }
  return ledger;
}

function erased(): History {
  const options = { seed: 'erased' };
  const ledger = sampleLedger(options);
  ledger.row({ kind: 'erase', actor: 'cli', text: 'a person asked for it', row: 4 });
  ledger.seal();
  return history('erased', ledger, options, [4]);
}

function vacuumed(): History {
  const options = { seed: 'vacuumed' };
  const ledger = sampleLedger(options);
  const to = ledger.leaves.length;
  ledger.nextEpoch();
  ledger.seal();
  ledger.epoch = 1;
  ledger.row({ kind: 'policy', event: 'retention', text: 'longer', keepDays: 100 });
  ledger.time += 101 * DAY;
  const gone = [...ledger.leaves.keys()].filter((seq) => seq < to - 1 && !KEPT.test(ledger.leaves[seq] ?? ''));
  ledger.row({
    kind: 'vacuum',
    actor: 'collector',
    text: 'by policy',
    from: 0,
    to,
    dropped: gone.length,
    rollupDays: ['20717 ab'],
  });
  ledger.net();
  ledger.seal();
  return history('vacuumed', ledger, options, gone);
}

function successor(): History {
  const before = sampleLedger();
  const genesis = {
    successorOf: before.origin, successorNote: before.notes.at(-1)!.text, successorVerdict: 'VERIFIED', successorWhy: 'the disk was lost',
  }; // prettier-ignore
  const options = { seed: 'successor', genesis };
  const ledger = new ReferenceLedger(options);
  ledger.net();
  ledger.seal();
  return history('successor', ledger, options);
}

function single(): History {
  const options = { seed: 'single' };
  const ledger = new ReferenceLedger(options);
  ledger.note();
  return history('single', ledger, options);
}

/** So many rows that a subtree of the store is whole, and more than a result lists findings of one code. */
function many(): History {
  const options = { seed: 'many' };
  const ledger = new ReferenceLedger(options);
  ledger.uids = ['app=999', 'collector=999'];
  for (let n = 0; n < 300; n += 1) ledger.net();
  ledger.seal();
  return history('many', ledger, options);
}

function lacking(): History {
  const options = { seed: 'lacking' };
  const ledger = sampleLedger(options);
  ledger.gap(3);
  ledger.seal();
  return history('lacking', ledger, options);
}

/** Under the first key several histories were signed: some go on from others, `forked` contradicts. */
export const HISTORIES: readonly History[] = [
  history('sample', sampleLedger()),
  history('epochs', epochLedger(), { epochKeys: [...EPOCH_KEYS] }),
  history('short', batches(3)),
  history('long', batches(5)),
  history('forked', batches(5, 2)),
  history('other', sampleLedger({ seed: 'other' }), { seed: 'other' }),
  erased(),
  vacuumed(),
  successor(),
  single(),
  lacking(),
  many(),
];

/** One of them, the long one seldom. */
export function drawHistory(dice: Dice): History {
  const drawn = dice.of(HISTORIES);
  return drawn.name === 'many' && dice.chance(0.9) ? drawHistory(dice) : drawn;
}

export const historiesOf = (origin: string): History[] =>
  HISTORIES.filter(({ ledger }) => latin1(ledger.origin) === origin);
