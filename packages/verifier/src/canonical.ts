export type Value = number | string | boolean | string[];

/** A parsed leaf. A Map, so that no member name means anything to JavaScript. */
export type Leaf = ReadonlyMap<string, Value>;

const CHARACTERS = String.raw`[^"\\\u0000-\u001f]*`;
const STRING = String.raw`"${CHARACTERS}(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))${CHARACTERS})*"`;
const ARRAY = String.raw`\[(?:${STRING}(?:,${STRING})*)?\]`;
/** name, digits, a string that needs no decoding (most values are), any other value, what follows */
const MEMBER = new RegExp(
  `"([A-Za-z][A-Za-z0-9]*)":(?:(-?\\d+)|"(${CHARACTERS})"|(${STRING}|${ARRAY}|true|false))([,}])`,
  'y',
);
/** The BOM is kept, so that it is seen as the wrong first character. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8 to text; undefined if the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Parses one object in canonical JSON (event.md); a string says why it is none. Every rule of the page is one of this
 * grammar, which knows one spelling for each value, so nothing needs to be written again and compared:
 *
 * - names match their pattern, which excludes `__proto__`, and ascend strictly, which excludes duplicates;
 * - an integer is what `String` makes of it: no `-0`, `1.0`, `1e3`, `01`, and nothing that is not exact;
 * - a character stands for itself, or for its one escape if it has one. The text comes from a strict decoder, so a lone
 *   surrogate could be written only as `\ud…`, which is not among those escapes;
 * - white space, null, a byte order mark and nesting have no place, so no depth can exhaust anything.
 *
 * `JSON.parse` only sees strings, arrays of strings and flags that the grammar has accepted.
 */
export function parseCanonical(text: string): Map<string, Value> | string {
  const members = new Map<string, Value>();
  if (text === '{}') return members;
  if (!text.startsWith('{')) return 'it is no object';
  let last = '';
  let at = 1;
  for (let separator: string | undefined = ','; separator === ',';) {
    MEMBER.lastIndex = at;
    const match: RegExpExecArray | null = MEMBER.exec(text);
    const [, name = '', digits, plain, other = '', end]: (string | undefined)[] = match ?? [];
    if (name <= last) return `out of order or not in its one spelling at character ${at}`;
    const value = digits === undefined ? (plain ?? (JSON.parse(other) as Value)) : Number(digits);
    if (digits !== undefined && (!Number.isSafeInteger(value) || String(value) !== digits))
      return `${name} is no exact integer`;
    members.set(name, value);
    last = name;
    separator = end;
    at = MEMBER.lastIndex;
  }
  return at === text.length ? members : 'something stands after it';
}
