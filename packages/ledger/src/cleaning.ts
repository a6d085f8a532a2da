import { cleanField, cleanList, type FieldType, type Flat, type FlatValue, NET_FIELDS } from '@outwitness/event';

/** Members of a row or of a state record while they are collected. */
export type Members = { [name: string]: FlatValue | undefined };

/** Most bytes that one row may claim (2^40 − 1), so that no lie can overflow a sum of the rollup. */
const MOST_BYTES: number = 2 ** 40 - 1;
/** Most that an agent's `gap` may claim in `missing` or `count`, for the same reason. */
export const MOST_COUNT: number = 1_000_000_000;

const HEX_64 = /^[0-9a-f]{64}$/;
const FINGERPRINT = /^(?:p\.)?[0-9a-f]{32}$/;
const PORT = (value: FlatValue): boolean => typeof value === 'number' && value <= 65_535;

/** Fields whose values must have a form; one that has not is left out and named in `cut`. */
const FORMS: { readonly [name: string]: (value: FlatValue) => boolean } = {
  port: PORT,
  peerPort: PORT,
  localPort: PORT,
  certSha256: (value) => typeof value === 'string' && HEX_64.test(value),
  fingerprint: (value) => typeof value === 'string' && FINGERPRINT.test(value),
};

/** Not taken over as they are: they are no description of the call, or have a place of their own. */
const APART = new Set(['kind', 'n', 'time', 'for', 'by', 'call', 'conn', 'cut', 'outcome']);

/**
 * Takes the net fields out of a record and cuts them to their limits: the writer should have, but nobody trusts it.
 * Names of fields that were cut join those that the record names itself.
 *
 * @param record a record that `toRecord` accepted
 */
export function netFields(record: object): Members {
  const fields: Members = {};
  const said = (record as { cut?: readonly string[] }).cut;
  const cut: string[] = said === undefined ? [] : cleanList('cut', said, 63, 32, []);
  for (const [name, value] of Object.entries(record) as [string, FlatValue][]) {
    const type = NET_FIELDS[name];
    if (type === undefined || APART.has(name)) continue;
    if (FORMS[name]?.(value) === false) addName(cut, name);
    else fields[name] = fitted(name, type, value, cut);
  }
  if (cut.length > 0) fields['cut'] = [...new Set(cut)].sort();
  return fields;
}

/** Cuts one value to what its type allows. */
export function fitted(name: string, type: FieldType, value: FlatValue, cut: string[]): FlatValue {
  if (type.type === 'string') return cleanField(name, String(value), type.limit, cut);
  if (type.type === 'strings') return cleanList(name, value as readonly string[], type.count, type.limit, cut);
  if ((name === 'bytesOut' || name === 'bytesIn') && (value as number) > MOST_BYTES) {
    addName(cut, name);
    return MOST_BYTES;
  }
  return value;
}

/** Takes the members with these names out of a record, each cut to its limit. */
export function ownFields(
  record: object,
  types: { readonly [name: string]: FieldType },
  names: readonly string[],
): Members {
  const members: Members = {};
  const values = record as { readonly [name: string]: FlatValue | undefined };
  for (const name of names) {
    const value = values[name];
    const type = types[name];
    if (value !== undefined && type !== undefined) members[name] = fitted(name, type, value, []);
  }
  return members;
}

/** `a` overlaid by `b`; `cut` is the union of both. */
export function overlaid(a: Members, b: Members): Members {
  const both = { ...a, ...b };
  const names = [a['cut'], b['cut']].flatMap((cut) => (Array.isArray(cut) ? (cut as string[]) : []));
  if (names.length > 0) both['cut'] = [...new Set(names)].sort().slice(0, 64);
  return both;
}

/** All but the named members. */
export function without(from: Members, names: ReadonlySet<string>): Members {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.has(name)));
}

/** Only the named members. */
export function picked(from: Flat, names: readonly string[]): Members {
  const members: Members = {};
  for (const name of names) if (from[name] !== undefined) members[name] = from[name];
  return members;
}

function addName(cut: string[], name: string): void {
  if (!cut.includes(name)) cut.push(name);
}
