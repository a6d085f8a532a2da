export type Value = number | string | boolean | string[];

/** A parsed leaf. A Map, so that no member name means anything to JavaScript. */
export type Leaf = ReadonlyMap<string, Value>;

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
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
 * Parses one object in canonical JSON (event.md); a string says why it is none.
 *
 * Why it is enough to write the parsed value again and compare: `JSON.stringify` gives each value one spelling, and it
 * is the page's. A text that parses to the same value but is spelled otherwise therefore differs from it: white space;
 * `1.0`, `1e3`, `-0`, `01`; an escape that is not needed, in upper case, or long where a short one exists; a name that
 * comes twice (only the last one is written); a BOM or NUL does not even parse. What remains equal and is not allowed
 * is looked for by name: `\ud800` (bytes decoded strictly hold no lone surrogate themselves, so this escape is the only
 * way to write one, and `stringify` keeps it), values of other types, integers that are not exact, names out of order
 * (`stringify` keeps the order, since no allowed name looks like an array index) and names such as `__proto__`.
 * Nesting so deep that the engine gives up throws, and is refused like everything that throws.
 */
export function parseCanonical(text: string): Map<string, Value> | string {
  const members = new Map<string, Value>();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object';
    if (text !== JSON.stringify(value)) return 'it is spelled otherwise, or a name stands twice';
    if (text.includes('\\ud')) {
      if (/(?:^|[^\\])(?:\\\\)*\\ud/.test(text)) return 'a surrogate is escaped';
    }
    let last = '';
    for (const [name, member] of Object.entries(value)) {
      if (!NAME.test(name) || name <= last) return 'a name is not allowed or out of order';
      if (!isValue(member)) return `${name} is no exact integer, string, boolean or array of strings`;
      members.set(name, member);
      last = name;
    }
  } catch {
    return 'it is no JSON';
  }
  return members;
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
}
