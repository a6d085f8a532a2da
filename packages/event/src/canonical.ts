import { OutwitnessError } from './errors.ts';

/** A value of canonical JSON as docs/formats/event.md allows it. */
export type FlatValue = string | number | boolean | readonly string[];

/** One flat object: a record or a leaf. A member that is `undefined` counts as absent. */
export type Flat = { readonly [name: string]: FlatValue | undefined };

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const PLAIN = /^[\u0020\u0021\u0023-\u005b\u005d-\ud7ff\ue000-\uffff]*$/;

/**
 * Serialises one flat object to canonical JSON (RFC 8785 restricted as in docs/formats/event.md).
 *
 * @param object members whose value is `undefined` are left out
 * @returns the text; its UTF-8 encoding is what is stored and hashed
 * @throws OutwitnessError `canonical-value` for a name or value outside the subset, a lone surrogate included
 * @example canonical({ b: 1, a: ['x'] }) // '{"a":["x"],"b":1}'
 */
export function canonical(object: Flat): string {
  let text = '';
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value === undefined) continue;
    if (!NAME.test(name)) throw invalid(`member name ${JSON.stringify(name)}`, 'letters and digits, a letter first');
    text += `${text === '' ? '' : ','}"${name}":${valueText(name, value)}`;
  }
  return `{${text}}`;
}

function valueText(name: string, value: FlatValue): string {
  if (typeof value === 'string') return stringText(name, value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw invalid(`${name}: ${value}`, 'a safe integer');
    return String(value);
  }
  if (!Array.isArray(value)) throw invalid(`${name}: ${typeof value}`, 'integer, string, boolean or array of strings');
  let text = '[';
  for (let i = 0; i < value.length; i++) {
    const element: unknown = value[i];
    if (typeof element !== 'string') throw invalid(`${name}[${i}]: ${typeof element}`, 'a string');
    text += (i === 0 ? '' : ',') + stringText(name, element);
  }
  return `${text}]`;
}

function stringText(name: string, value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw invalid(`${name}: a lone surrogate`, 'well-formed Unicode');
  return JSON.stringify(value);
}

function invalid(got: string, expected: string): OutwitnessError {
  return new OutwitnessError('canonical-value', `cannot write ${got} as canonical JSON: expected ${expected}`);
}

/**
 * Parses canonical JSON and accepts nothing else: `canonical(parseCanonical(text)) === text` holds for all it returns.
 *
 * @param text decoded UTF-8, untrusted
 * @returns an object with a null prototype
 * @throws OutwitnessError `canonical-syntax`
 */
export function parseCanonical(text: string): Flat {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new OutwitnessError('canonical-syntax', 'not JSON: expected one canonical object', cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new OutwitnessError('canonical-syntax', 'expected one JSON object');
  }
  const object: { [name: string]: FlatValue | undefined } = Object.create(null);
  for (const name of Object.keys(parsed)) object[name] = (parsed as { [name: string]: FlatValue })[name];
  let again: string;
  try {
    again = canonical(object);
  } catch (cause) {
    throw new OutwitnessError('canonical-syntax', 'a value outside the canonical subset', cause);
  }
  if (again !== text)
    throw new OutwitnessError('canonical-syntax', 'not in canonical form (order, space, escape, number or duplicate)');
  return object;
}
