/** Mutations of the canonical JSON in a text: structure, types, spelling, names twice. */
import type { Dice } from './dice.ts';
import type { Mutation } from './field-classes.ts';

/** One member as it is spelt; strings with escapes and arrays of strings among the values. */
const STRING = String.raw`"(?:[^"\\\n]|\\.)*"`;
const MEMBER = new RegExp(String.raw`(${STRING}):(-?\d+|${STRING}|true|false|\[(?:${STRING}(?:,${STRING})*)?\])`, 'g');
const VALUES = [
  'null', '1.5', '-1', '1e3', '-0', '0', '""', '"x"', '[]', '["x"]', '[1]', '[[]]', '{}', '{"a":1}', 'true', 'false', '01', '"\\ud800"',
  '"\\u0041"', '"\\/"', '"\\n"', '9007199254740993', '[null]', '["",""]', 'undefined', "'x'", '"a\tb"',
]; // prettier-ignore
const NAMES = ['__proto__', 'constructor', '', 'a', 'zz', 'kind', 'v', 'é', '1a', 'toString', 'cut', 'n', 'call'];

interface Member {
  readonly at: number;
  readonly all: string;
  readonly name: string;
  readonly value: string;
}

function members(text: string): Member[] {
  return [...text.matchAll(MEMBER)].map(({ index, 0: all, 1: name = '', 2: value = '' }) => ({
    at: index,
    all,
    name,
    value,
  }));
}

const put = (text: string, { at, all }: Member, by: string): string =>
  text.slice(0, at) + by + text.slice(at + all.length);

function structure(text: string, dice: Dice): string | undefined {
  const all = members(text);
  if (all.length === 0) return undefined;
  const one = dice.of(all);
  const { name, value } = one;
  switch (dice.below(9)) {
    case 0: return put(text, one, `${name}:${dice.of(VALUES)}`);
    case 1: return put(text, one, `"${dice.of(NAMES)}":${value}`);
    case 2: return put(text, one, `${name}:{${name}:${value}}`);
    case 3: return put(text, one, `${name}:${'['.repeat(dice.of([1, 50, 5000]))}${value}`);
    case 4: return put(text, one, dice.of([` ${name}:${value}`, `${name} :${value}`, `${name}: ${value}`, `${name}:${value},`]));
    case 5: return put(text, one, value.startsWith('"') ? `${name}:"\\u00${dice.of(['41', '1f', '0a', '0A', '7f'])}${value.slice(1)}` : `${name}:${value}0`);
    case 6: return put(text, one, `${name}:${dice.of(all).value}`);
    case 7: return text.slice(0, one.at) + text.slice(one.at + one.all.length + 1);
    default: {
      const two = dice.of(all);
      const [first, second] = one.at <= two.at ? [one, two] : [two, one];
      return first === second ? `${text}}` : put(put(text, second, first.all), first, second.all);
    }
  } // prettier-ignore
}

function twice(text: string, dice: Dice): string | undefined {
  const all = members(text);
  if (all.length === 0) return undefined;
  const one = dice.of(all);
  return put(text, one, `${one.all},${dice.chance(0.5) ? one.all : `${one.name}:${dice.of(VALUES)}`}`);
}

/** Longer than any limit of the field table, just as long, or of other characters. */
function length(text: string, dice: Dice): string | undefined {
  const all = members(text).filter(({ value }) => value.startsWith('"') || value.startsWith('['));
  if (all.length === 0) return undefined;
  const one = dice.of(all);
  const count = dice.of([1, 16, 32, 33, 64, 65, 128, 129, 214, 254, 512, 1025, 16_384]);
  const unit = dice.of(['x', '\xc3\xa9', '\xe2\x82\xac', '\xf0\x9f\x98\x80', '\\"']);
  if (one.value.startsWith('"')) return put(text, one, `${one.name}:"${unit.repeat(count)}"`);
  return put(text, one, `${one.name}:[${Array.from({ length: count % 130 }, () => `"${unit}"`).join(',')}]`);
}

export const jsonMutations: readonly { readonly name: string; readonly change: Mutation }[] = [
  { name: 'JSON structure', change: structure },
  { name: 'JSON name twice', change: twice },
  { name: 'JSON length', change: length },
];
