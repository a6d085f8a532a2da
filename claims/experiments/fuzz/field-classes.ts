/**
 * Mutations of one text by class of field. Texts are bytes as Latin-1, one character for each byte, so that a mutation
 * can also break UTF-8. Each gives back undefined where the text has no field of its class.
 */
import type { Dice } from './dice.ts';
import { jsonMutations } from './json-mutations.ts';

/** @param other another text of the same kind */
export type Mutation = (text: string, dice: Dice, other: string) => string | undefined;

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Replaces one match of a pattern by what `change` makes of it. */
function field(text: string, pattern: RegExp, dice: Dice, change: (found: string) => string): string | undefined {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return undefined;
  const { index, 0: all } = dice.of(found);
  return text.slice(0, index) + change(all) + text.slice(index + all.length);
}

/** The piece from `from` on, of so many characters, replaced. */
const splice = (text: string, from: number, length: number, by: string): string =>
  text.slice(0, from) + by + text.slice(from + length);

const NUMBERS = [
  '0', '-0', '-1', '1', '2', '00', '01', '1.0', '1e3', '+1', '0x10', ' 1', '2147483648', '4294967295', '4294967296', '9007199254740991',
  '9007199254740992', '9007199254740993', '9999999999999999', '18446744073709551616', '1'.repeat(400), 'NaN', 'Infinity', '',
]; // prettier-ignore
const NOT_UTF8 = ['\xff', '\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x80', '\xc3', '\x80'];
const ODD_TEXT = ['\u{FEFF}', '\u2028', '\u0085', 'e\u0301', '\u202e', '\u{1F600}', '\u212a', '\uff11', '\0', '\u007f'];
const SEPARATORS = [' ', '\n', '\r\n', '\r', '\t', '  ', '\n\n', '\u00a0', '', ',', ':', '+', '='].map(bytes);
const DASH = bytes('—');

/** Digits in place of others, or a little more or less. */
const number: Mutation = (text, dice) =>
  field(text, /(?<![0-9a-zA-Z])\d{1,20}(?![0-9a-zA-Z])/g, dice, (found) =>
    dice.chance(0.5) ? dice.of(NUMBERS) : String(BigInt(found) + BigInt(dice.below(9) - 4)),
  );

const hex: Mutation = (text, dice) =>
  field(text, /(?<![0-9a-zA-Z])[0-9a-f]{8,64}(?![0-9a-zA-Z])/g, dice, (found) => {
    const at = dice.below(found.length);
    switch (dice.below(6)) {
      case 0: return found.toUpperCase();
      case 1: return splice(found, at, 1, '');
      case 2: return splice(found, at, 0, dice.of('0123456789abcdef'));
      case 3: return splice(found, at, 1, dice.of('ghxXzZ .-'));
      case 4: return dice.of('01f').repeat(found.length);
      default: return splice(found, at, 1, dice.of('0123456789abcdef'));
    }
  }); // prettier-ignore

const BASE64 = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{20,}={0,2}/g;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const base64: Mutation = (text, dice) =>
  field(text, BASE64, dice, (found) => {
    const at = dice.below(found.length);
    switch (dice.below(7)) {
      case 0: return found.replace(/=*$/, dice.of(['', '=', '==', '===']));
      case 1: return found.replace(/.(=*)$/, `${dice.of(ALPHABET)}$1`);
      case 2: return found.replaceAll('+', '-').replaceAll('/', '_');
      case 3: return splice(found, at, 0, dice.of([' ', '\n', '=', '\r\n']));
      case 4: return splice(found, at, 1, '');
      case 5: return found.slice(0, at - (at % 4));
      default: return splice(found, at, 1, dice.of(ALPHABET));
    }
  }); // prettier-ignore

const separator: Mutation = (text, dice) =>
  field(text, /[ \n,:+]|\xe2\x80\x94/g, dice, (found) =>
    dice.chance(0.3) ? found + found : found === DASH ? dice.of(['-', '--', '', bytes('–')]) : dice.of(SEPARATORS),
  );

/** Lines left out, twice, in another order, or of another text. */
const line: Mutation = (text, dice, other) => {
  const lines = text.split('\n');
  const [at, to] = [dice.below(lines.length), dice.below(lines.length)];
  const one = lines[at] ?? '';
  switch (dice.below(6)) {
    case 0: lines.splice(at, 1); break;
    case 1: lines.splice(at, 0, one); break;
    case 2: [lines[at], lines[to]] = [lines[to] ?? '', one]; break;
    case 3: lines.splice(to, 0, ...lines.splice(at, 1)); break;
    case 4: lines.splice(at, 0, ''); break;
    default: lines.splice(at, dice.below(2), dice.of(other.split('\n')));
  } // prettier-ignore
  return lines.join('\n');
};

/** Lines of a note that begin with a dash: names, key IDs, order, number, those of witnesses. */
const signatureLine: Mutation = (text, dice, other) => {
  const pattern = /\xe2\x80\x94 [^\n]*\n?/g;
  const all = text.match(pattern) ?? [];
  const others = other.match(pattern) ?? [];
  return field(text, pattern, dice, (found) => {
    const witness = `${DASH} witness.example/w ${Buffer.alloc(4 + dice.below(80), 7).toString('base64')}\n`;
    switch (dice.below(10)) {
      case 0: return '';
      case 1: return found + found;
      case 2: return found.replace(/ \S+ /, ' witness.example/w ');
      case 3: return found.replace(/\/epoch\/\d+|(?= \S+\n?$)/, `/epoch/${dice.of(['0', '1', '2', '01', '-1', '', '9999999999', 'x'])}`);
      case 4: return found.replace(/(\S+)(\n?)$/, (_, signature: string, end: string) => {
        const raw = Buffer.from(signature, 'base64');
        if (raw.length > 0) raw[dice.below(raw.length)]! ^= 1 << dice.below(8);
        return raw.subarray(0, dice.chance(0.2) ? dice.below(6) : undefined).toString('base64') + end;
      });
      case 5: return dice.of(all) + found;
      case 6: return others.length === 0 ? '' : dice.of(others);
      case 7: return found + witness.repeat(dice.of([1, 1, 2, 61, 62, 63]));
      case 8: return witness + found;
      default: return found.replace(/ (\S+) /, (_, name: string) => ` ${splice(name, dice.below(name.length), 1, dice.of(' +\taZ'))} `);
    }
  }); // prettier-ignore
};

const utf8: Mutation = (text, dice) =>
  splice(
    text,
    dice.below(text.length + 1),
    dice.below(3),
    dice.chance(0.5) ? dice.of(NOT_UTF8) : bytes(dice.of(ODD_TEXT)),
  );

const anyByte: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  const code = text.charCodeAt(at) || 0;
  const one = String.fromCharCode(dice.chance(0.5) ? code ^ (1 << dice.below(8)) : dice.below(256));
  return splice(text, at, dice.of([0, 1, 1, 1]), dice.chance(0.1) ? '' : one);
};

const truncation: Mutation = (text, dice) => {
  const at = dice.below(text.length + 1);
  if (dice.chance(0.3)) return text.slice(at);
  return text.slice(0, dice.chance(0.5) ? at : text.indexOf('\n', at) + 1);
};

const splicing: Mutation = (text, dice, other) => {
  const [one, two] = [text.split('\n'), other.split('\n')];
  if (dice.chance(0.3)) return text.slice(0, dice.below(text.length)) + other.slice(dice.below(other.length));
  const at = dice.below(Math.min(one.length, two.length));
  return [...one.slice(0, at), ...two.slice(dice.chance(0.7) ? at : dice.below(two.length))].join('\n');
};

const repeat: Mutation = (text, dice) => {
  const at = dice.below(text.length);
  const piece = text.slice(at, at + 1 + dice.below(dice.of([1, 8, 100])));
  return splice(text, at, 0, piece.repeat(1 + dice.below(dice.chance(0.02) ? 4000 : 5)));
};

/** Longer than a note, a proof, evidence or a line of a bundle may be. Seldom: each costs as much as hundreds of others. */
const beyondLimit: Mutation = (text, dice) => {
  if (!dice.chance(0.003)) return undefined;
  const length = dice.chance(0.1) ? 6_300_000 : dice.of([131_073, 262_145, 524_289]);
  return splice(text, dice.below(text.length + 1), 0, dice.of('Aa0 ').repeat(length));
};

/** What stands in base64 is a text of its own: a note in a bundle, a leaf in a proof. */
const insideBase64: Mutation = (text, dice, other) =>
  field(text, BASE64, dice, (found) => {
    const inner = Buffer.from(found, 'base64').toString('latin1');
    const [one] = (other.match(BASE64) ?? ['']).slice(-1);
    const within = Buffer.from(one ?? '', 'base64').toString('latin1');
    const { name, change } = dice.of(CLASSES);
    const changed = name === INSIDE ? undefined : change(inner, dice, within);
    return Buffer.from(changed ?? inner, 'latin1').toString('base64');
  });

const INSIDE = 'inside base64';

/** Every class of fields, by the name that the report prints. */
export const CLASSES: readonly { readonly name: string; readonly change: Mutation }[] = [
  { name: 'number', change: number },
  { name: 'hex', change: hex },
  { name: 'base64', change: base64 },
  { name: INSIDE, change: insideBase64 },
  { name: 'separator', change: separator },
  { name: 'line', change: line },
  { name: 'signature line', change: signatureLine },
  ...jsonMutations,
  { name: 'UTF-8', change: utf8 },
  { name: 'byte or bit', change: anyByte },
  { name: 'truncation', change: truncation },
  { name: 'splice of two', change: splicing },
  { name: 'repeat', change: repeat },
  { name: 'beyond a limit of length', change: beyondLimit },
];

const LONGEST = 600_000;

/** A text with one to five mutations, and the classes of those that found a field. */
export function mutate(text: string, other: string, dice: Dice, classes = CLASSES): { text: string; how: string[] } {
  const how: string[] = [];
  const wanted = dice.of([1, 1, 1, 1, 1, 1, 2, 2, 3, 5]);
  let changed = text;
  for (let tries = 0; how.length < wanted && tries < 40; tries += 1) {
    const { name, change } = dice.of(classes);
    // What is beyond a limit already costs every further class its length over again, or a regular expression its stack.
    if (how.length > 0 && changed.length > LONGEST) break;
    const after = change(changed, dice, other);
    if (after === undefined || after === changed) continue;
    changed = after;
    how.push(name);
  }
  return { text: changed, how };
}
