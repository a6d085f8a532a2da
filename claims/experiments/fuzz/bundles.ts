/** Bundles: whole, in part, with leaves gone. Accepted only if every line is of one ledger that was written. */
import { createHash } from 'node:crypto';

import { inclusion, tiles } from '../../../packages/verifier/test/reference-writer.ts';
import type { Dice } from './dice.ts';
import { mutate } from './field-classes.ts';
import {
  drawHistory,
  fromLatin1,
  HISTORIES,
  type History,
  historiesOf,
  latin1,
  withoutWitnesses,
} from './histories.ts';
import { isAccepting, type Kind, type Made, malformed, type Said, type Target } from './kind.ts';
import { EXPORTED, NOTES, TEXTS, UNRELATED, WITNESSES } from './uncovered.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** With the digest that belongs to it, as whoever passes it on would write it. */
export function ended(text: string): string {
  const at = text.lastIndexOf('\nend ');
  const body = at < 0 ? text : text.slice(0, at + 1);
  return `${body}end ${sha256(body)}\n`;
}

function drawBundle(dice: Dice): { text: string; history: History } {
  const history = drawHistory(dice);
  const { ledger, dropped } = history;
  const size = ledger.notes.at(-1)!.size;
  const from = dice.chance(0.6) ? 0 : dice.of([3, 8, size - 1]) % size;
  const to = dice.chance(0.6) ? size : dice.of([from + 1, Math.min(from + 6, size)]);
  const key = `${history.name} ${from} ${to}`;
  let text = texts.get(key);
  if (text === undefined) texts.set(key, (text = latin1(ledger.bundle({ from, to, dropped: new Set(dropped) }))));
  return { text, history };
}

const texts = new Map<string, string>();

export function mutateBundle(dice: Dice): { bytes: Buffer; how: string[]; history: History } {
  const { text, history } = drawBundle(dice);
  const { text: changed, how } = mutate(text, drawBundle(dice).text, dice);
  if (dice.chance(1 / 2000)) return { bytes: withLongLine(changed, dice), how: [...how, 'line beyond 6 MiB'], history };
  return { bytes: fromLatin1(dice.chance(0.85) ? ended(changed) : changed), how, history };
}

function withLongLine(text: string, dice: Dice): Buffer {
  const at = text.indexOf('\n', dice.below(text.length)) + 1;
  return fromLatin1(text.slice(0, at) + 'x'.repeat(7 << 20) + text.slice(at));
}

export function drawPins({ ledger, name }: History, dice: Dice): string[] {
  // What was known of the ledger before a successor says nothing of the successor itself.
  const before = name === 'successor' && dice.chance(0.5) ? [dice.of([HISTORIES[0]!.ledger.vkey, dice.of(FIRST)])] : [];
  return [...pinsOf(ledger, dice), ...before];
}

/** Notes of all histories under the first key. */
const FIRST = HISTORIES.filter(({ ledger }) => ledger.origin === HISTORIES[0]!.ledger.origin).flatMap(({ ledger }) =>
  ledger.notes.map(({ text }) => text),
);

function pinsOf(ledger: History['ledger'], dice: Dice): string[] {
  return dice.of([[ledger.vkey], [ledger.vkey], [ledger.vkey], [], [dice.of(ledger.notes).text]]);
}

export const BUNDLES: Kind = {
  name: 'bundle',
  share: 18,
  make(dice): Made {
    const { bytes, how, history } = mutateBundle(dice);
    const pins = drawPins(history, dice);
    const chunks = inPieces(bytes, dice);
    const now = dice.chance(0.8) ? { now: history.ledger.time + 60_000_000 } : {};
    return {
      how,
      bytes,
      judge: async (target) =>
        sayBundle(
          bytes,
          await target.verifyBundle(chunks, target.crypto, { ...(pins.length === 0 ? {} : { pins }), ...now }),
          pins,
        ),
    };
  },
};

export function inPieces(bytes: Buffer, dice: Dice): Buffer[] {
  const isLong = bytes.length > 1 << 20;
  if (dice.chance(0.7) && !isLong) return [bytes];
  const pieces: Buffer[] = [];
  // Line by line at least: each piece that ends none is copied with what was kept before it.
  const most = isLong ? 1 << 20 : dice.of([60, 700, 5000]);
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + dice.below(most);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

type Result = Awaited<ReturnType<Target['verifyBundle']>>;

export function sayBundle(bytes: Buffer, result: Result, pins: readonly string[]): Said {
  const { verdict, pinned, range, size, origin } = result;
  const broken = malformed(result);
  if (!isAccepting(result) || broken !== undefined) return { verdict, accepted: false, wrong: broken };
  const read = readBundle(latin1(bytes));
  if (typeof read === 'string') return { verdict, accepted: true, wrong: `${verdict} for ${read}` };
  const { history, from, to, uncovered, gone } = read;
  const { ledger } = history;
  const isWhole = from === 0 && to === read.size;
  const wrong =
    origin !== ledger.origin || size !== read.size || range[0] !== from || range[1] !== to
      ? 'origin, size or range is another than that of the bundle'
      : pinned !== pins.length > 0
        ? 'pinned though no pin holds, or the other way round'
        : verdict !== 'INCOMPLETE' && (!isWhole || gone > 0 || history.name === 'lacking')
          ? `${verdict} for a bundle that lacks rows`
          : verdict === 'VERIFIED' && !pinned
            ? 'VERIFIED without a pin'
            : undefined;
  return { verdict, accepted: true, wrong, uncovered };
}

interface Read {
  history: History;
  from: number;
  to: number;
  size: number;
  gone: number;
  uncovered: string[];
}

/** Of which ledger are these lines? A text says which line is of none. */
export function readBundle(text: string): Read | string {
  const [, origin = '', a = '', b = ''] =
    /^outwitness-bundle 1\norigin ([^\n]*)\nexported [^\n]*\nrange (\d+) (\d+)\n/.exec(text) ?? [];
  let said = `a bundle of no ledger that was written: ${JSON.stringify(origin)}`;
  for (const history of historiesOf(origin)) {
    const read = readAs(text, history, Number(a), Number(b));
    if (typeof read !== 'string') return read;
    said = `a bundle with a line that is not of the ledger: ${read}`;
  }
  return said;
}

/** Signed by the same log over rows that this part does not hold: whether they are the same cannot be told here. */
function isOfAnotherHistory(note: string, origin: string, from: number, to: number): boolean {
  const sizes = historiesOf(origin).flatMap(({ notes }) => notes.get(note) ?? []);
  return sizes.some((size) => size < from || size > to);
}

function readAs(text: string, history: History, from: number, to: number): Read | string {
  const { ledger, dropped } = history;
  const lines = text.split('\n');
  let at = 4;
  const uncovered = new Set<string>();
  const exported = `exported ${ledger.time} reference/1`;
  if (lines[2] !== exported) uncovered.add(EXPORTED);
  let size = 0;
  let notes = 0;
  for (; lines[at]?.startsWith('note ') === true; at += 1, notes += 1) {
    const note = Buffer.from(lines[at]!.slice(5), 'base64').toString('latin1');
    const own = withoutWitnesses(note);
    if (own !== note) uncovered.add(WITNESSES);
    const known = history.notes.get(own);
    if (known !== undefined) size = known;
    else if (isOfAnotherHistory(own, ledger.origin, from, to)) uncovered.add(UNRELATED);
    else return lines[at]!;
  }
  if (notes !== history.notes.size) uncovered.add(NOTES);
  const hashes = ledger.hashes.slice(0, size);
  for (; lines[at]?.startsWith('leaf ') === true; at += 2) {
    const seq = Number(/\d+/.exec(lines[at]!)?.[0]);
    if (lines[at] !== latin1(`leaf ${seq} ${ledger.leaves[seq]}`)) return lines[at]!;
    const proof = inclusion(seq, hashes).map((hash) => hash.toString('hex'));
    if (lines[at + 1] !== ['proof', seq, ...proof].join(' ')) return lines[at + 1] ?? 'a proof that is missing';
  }
  const expected = [
    ['left', ...tiles(0, from, hashes)].join(' '),
    ...Array.from({ length: to - from }, (_, offset) => from + offset),
    ['right', ...tiles(to, size, hashes)].join(' '),
  ];
  let gone = 0;
  for (const wanted of expected) {
    const line = lines[at] ?? '';
    at += 1;
    if (line === wanted || line === latin1(`row ${wanted} ${ledger.leaves[wanted as number]}`)) continue;
    if (typeof wanted === 'string' || !dropped.has(wanted)) return line;
    if (line !== `hash ${wanted} ${hashes[wanted]!.toString('hex')}`) return line;
    gone += 1;
  }
  const named = [...ledger.texts].map(([digest, said]) => `text ${digest} ${Buffer.from(said).toString('base64')}`);
  const given: string[] = [];
  for (; lines[at]?.startsWith('text ') === true; at += 1) {
    const [, digest = '', encoded = ''] = lines[at]!.split(' ');
    if (sha256(Buffer.from(encoded, 'base64').toString('latin1')) !== digest) return lines[at]!;
    given.push(lines[at]!);
  }
  if (given.join('\n') !== named.join('\n')) uncovered.add(TEXTS);
  if (lines.slice(at).join('\n') !== `end ${sha256(`${lines.slice(0, at).join('\n')}\n`)}\n`)
    return lines[at] ?? 'no end';
  return { history, from, to, size, gone, uncovered: [...uncovered] };
}
