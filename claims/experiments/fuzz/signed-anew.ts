/**
 * Bundles and proofs by somebody who holds every key and writes what no writer would: leaves mutated by class of field,
 * rows put in or left out, then hashed, chained and signed. Accepted only if each leaf is canonical, numbered, chained.
 */
import { createHash } from 'node:crypto';

import { canonical, type Members, ReferenceLedger, rowHash } from '../../../packages/verifier/test/reference-writer.ts';
import { drawPins, ended, inPieces } from './bundles.ts';
import type { Dice } from './dice.ts';
import { CLASSES, mutate } from './field-classes.ts';
import { drawHistory, fromLatin1, HISTORIES, type History, latin1 } from './histories.ts';
import { isAccepting, type Kind, type Made, malformed, type Said, type Target } from './kind.ts';

const LEAF_CLASSES = CLASSES.filter(({ name }) => /JSON|number|hex|UTF-8|byte|repeat/.test(name));
const KINDS = [
  'genesis', 'net', 'control', 'gap', 'hook', 'policy', 'seal', 'key', 'vacuum', 'erase', 'anchor', 'read', 'body', 'witness', 'x',
]; // prettier-ignore
const DAY = 86_400_000_000;
const SEAL = {
  epoch: 0, wall: 1, monotonic: 1, boot: 'x', rows: 1, net: 1, gaps: 0, missing: 0, pending: 0, pendingDigest: '00'.repeat(32), writersDigest: '00'.repeat(32),
}; // prettier-ignore
/** Members by which one row says something about others. */
const odd = (dice: Dice, rows: number): Members => {
  const at = (): number => dice.below(rows + 3);
  const kind = dice.of(KINDS);
  switch (kind) {
    case 'vacuum': return { kind, actor: 'cli', text: 'x', from: dice.of([0, 0, at()]), to: dice.of([8, at()]), dropped: at(), rollupDays: ['20717 00'] };
    case 'erase': return { kind, actor: 'cli', text: dice.of(['why', '']), row: at() };
    case 'policy': return dice.chance(0.5)
      ? { kind, event: 'retention', text: 'x', keepDays: dice.of([0, 1, 30, 36_500, 36_501]) }
      : { kind, event: dice.of(['catalogue', 'manifest', 'x']), text: 'x', ...(dice.chance(0.7) ? { catalogue: 'ab'.repeat(32) } : {}) };
    case 'key': return { kind, epoch: dice.of([0, 1, 2, 3]), event: 'next', epochKey: dice.of(['00', 'ff', '11', 'ec']).repeat(32) };
    case 'gap': return { kind, event: dice.of(['damaged', 'x']), text: 'x', missing: dice.below(3), count: 1 };
    case 'control': return { kind, event: dice.of(['hello', 'x']), actor: dice.of(['agent', 'x']), text: 'x' };
    case 'net': return {
      kind, direction: 'out', channel: 'http', class: 'internal', declared: 'none', catalogue: 'ab'.repeat(32), app: 'shop', pid: 1, thread: 0,
      spool: 'x', spoolSeq: 1, phase: dice.of(['whole', 'open', 'end']), ...(dice.chance(0.7) ? { outcome: 'ok' } : {}),
      ...(dice.chance(0.7) ? { call: 1 } : {}), ...dice.of([{}, {}, { host: true }, { via: 'x' }, { port: ['1'] }, { host: '\u00e9\u{1F600}\u4e2d'.repeat(30) }] as Members[]),
    };
    case 'genesis': return { kind, ...dice.of([{ epoch: 1 }, { successorOf: 'x' }, { logKey: '00'.repeat(32) }, { epochKey: 'ff'.repeat(32) }] as Members[]) };
    case 'seal': return { kind, ...SEAL, closing: true, ...dice.of([{ uids: ['app=999', 'collector=999'] }, { uids: ['app=1'] }, {}] as Members[]) };
    case 'hook': return { kind, event: 'changed', text: 'x', app: 'shop', pid: 1, thread: 0, spool: 'x', spoolSeq: 1 };
    default: return { kind };
  } // prettier-ignore
};

/** Leaves as somebody would write them, each with the `prev` that fits, unless it is no JSON. */
function chained(leaves: readonly string[]): string[] {
  const made: string[] = [];
  for (const leaf of leaves) {
    const prev = made.length === 0 ? '0'.repeat(64) : rowHash(fromLatin1(made.at(-1)!)).toString('hex');
    made.push(leaf.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`));
  }
  return made;
}

function changedLeaves({ ledger }: History, dice: Dice, how: string[]): string[] {
  const leaves = ledger.leaves.map(latin1);
  for (let times = dice.of([1, 1, 1, 2, 3]); times > 0; times -= 1) {
    const at = dice.of([0, leaves.length - 1, ...Array.from({ length: 4 }, () => dice.below(leaves.length))]);
    const leaf = leaves[at] ?? '{}';
    switch (dice.below(6)) {
      case 2: leaves[at] = at === 0 ? successorLeaf(latin1(ledger.leaves[0] ?? '{}'), dice) : dice.of(['{}', '[]', '', '{} ', `${leaf} `, leaf.replace(/"spool[^,]*,/, '')]); how.push('another leaf'); break;
      case 0: {
        const first = JSON.parse(ledger.leaves[at] ?? '{}') as Members;
        const { v = 1, ledger: id = '', seq = at, prev = '', salt = '', time = 0 } = first;
        const later = Number(time) + dice.of([0, 0, DAY, 100 * DAY]);
        const members = odd(dice, leaves.length);
        const kept = members['kind'] === first['kind'] ? first : { v, ledger: id, seq, prev, salt };
        leaves[at] = latin1(canonical({ ...kept, time: later, ...members }));
        how.push('row of another kind');
        break;
      }
      case 1:
        if (leaves.length === 1) break;
        how.push('row left out');
        leaves.splice(at, 1);
        break;
      default: {
        const { text, how: ways } = mutate(leaf, dice.of(leaves), dice, LEAF_CLASSES);
        leaves[at] = text.replaceAll('\n', ' ');
        how.push(...ways);
      }
    } // prettier-ignore
  }
  return chained(leaves);
}

const AGAIN = HISTORIES.map(({ ledger }) => ({ origin: ledger.origin, note: ledger.notes.at(-1)!.text }));

/** A genesis row that names a ledger before it, be that what it may. */
function successorLeaf(leaf: string, dice: Dice): string {
  const genesis = JSON.parse(leaf) as Members;
  const own = String(genesis['origin']);
  const [of, note] = [dice.of(AGAIN), dice.of(AGAIN)];
  const named = { successorOf: dice.of([own, of.origin, note.origin]), successorNote: dice.of([note.note, 'x']) };
  return latin1(
    canonical({ ...genesis, ...named, successorVerdict: 'STALE', ...(dice.chance(0.8) ? { successorWhy: 'x' } : {}) }),
  );
}

function signed(history: History, leaves: readonly string[], dice: Dice): ReferenceLedger {
  const { ledger, options } = history;
  const made = new ReferenceLedger({ ...options, from: ledger });
  made.leaves.splice(0, Infinity, ...leaves);
  made.hashes.splice(0, Infinity, ...leaves.map((leaf) => rowHash(fromLatin1(leaf))));
  made.notes.length = 0;
  for (const { size, text } of ledger.notes) {
    const epoch = dice.chance(0.02) ? dice.below(3) : Number(/\/epoch\/(\d+)/.exec(text)?.[1] ?? 0);
    if (size <= leaves.length && !dice.chance(0.05)) made.note({ size, epoch });
  }
  if (made.notes.length === 0) made.note();
  return made;
}

export const SIGNED_ANEW: Kind = {
  name: 'signed anew',
  share: 8,
  make(dice): Made {
    const history = drawHistory(dice);
    const how: string[] = [];
    const ledger = signed(history, changedLeaves(history, dice, how), dice);
    const pins = drawPins(history, dice);
    const size = ledger.notes.at(-1)!.size;
    const [from, to] = dice.chance(0.7) ? [0, size] : [dice.below(size), size];
    const dropped = new Set(
      dice.chance(0.8) ? history.dropped : [dice.below(size), dice.below(size), ...history.dropped],
    );
    if (dice.chance(0.15)) {
      ledger.leaves.splice(0, Infinity, ...ledger.leaves.map((leaf) => fromLatin1(leaf).toString('utf8')));
      const bytes = fromLatin1(ledger.proof(dice.below(size)));
      return {
        how,
        bytes,
        judge: async (target) => sayProof(await target.verifyProof(bytes, target.crypto, { pins })),
      };
    }
    const bytes = fromLatin1(ended(`${ledger.bundleLines({ from, to, dropped }).join('\n')}\n`));
    const chunks = inPieces(bytes, dice);
    const now = ledger.time + 60_000_000;
    return {
      how,
      bytes,
      judge: async (target) => sayRows(bytes, await target.verifyBundle(chunks, target.crypto, { pins, now })),
    };
  },
};

function sayProof(result: Awaited<ReturnType<Target['verifyProof']>>): Said {
  return { verdict: result.verdict, accepted: isAccepting(result), wrong: malformed(result) };
}

function sayRows(bytes: Buffer, result: Awaited<ReturnType<Target['verifyBundle']>>): Said {
  const { verdict } = result;
  const accepted = isAccepting(result);
  const broken = malformed(result);
  if (!accepted || broken !== undefined) return { verdict, accepted, wrong: broken };
  let before: string | undefined;
  let id: unknown;
  for (const [, word, number, rest = ''] of latin1(bytes).matchAll(/^(row|hash|leaf) (\d+) (.*)$/gm)) {
    if (word === 'hash') {
      before = rest;
      continue;
    }
    const text = fromLatin1(rest).toString('utf8');
    const leaf = JSON.parse(text) as Members;
    id ??= leaf['ledger'];
    const wrong =
      canonical(leaf) !== text || latin1(text) !== rest
        ? 'a leaf that is not canonical'
        : leaf['v'] !== 1 || leaf['ledger'] !== id || leaf['seq'] !== Number(number)
          ? 'a leaf of another number, version or ledger'
          : Object.values(leaf).some((value) => !isFlat(value))
            ? 'a leaf with a value of no type there is'
            : word === 'row' && before !== undefined && leaf['prev'] !== before
              ? 'a leaf that is not chained'
              : undefined;
    if (wrong !== undefined) return { verdict, accepted, wrong: `${verdict} with ${wrong}: ${text.slice(0, 200)}` };
    before = word === 'row' ? createHash('sha256').update('\0').update(rest, 'latin1').digest('hex') : undefined;
  }
  return { verdict, accepted };
}

function isFlat(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return typeof value === 'string' || typeof value === 'boolean';
}
