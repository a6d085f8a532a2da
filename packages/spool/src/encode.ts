import {
  canonical,
  cleanField,
  cleanList,
  type FieldType,
  type Flat,
  MAX_RECORD_BYTES,
  NET_FIELDS,
  RECORD_FIELDS,
  RECORD_KINDS,
  type SpoolRecord,
  utf8Length,
} from '@outwitness/event';

/** A record before the writer has given it its number. */
export type Unnumbered<R extends SpoolRecord = SpoolRecord> = R extends SpoolRecord ? Omit<R, 'n'> : never;

const ORDINARY = /^[\u0020\u0021\u0023-\u005b\u005d-\u007e]*$/;
const HEAD: { readonly [name: string]: FieldType } = {
  kind: { type: 'string', limit: 16 },
  n: { type: 'int' },
  time: { type: 'int' },
};

interface Member {
  name: string;
  /** `"name":` */
  label: string;
  type: FieldType;
}

/** The members of each kind in canonical order. */
const LAYOUT = new Map(
  RECORD_KINDS.map((kind) => {
    const fields = { ...NET_FIELDS, ...RECORD_FIELDS[kind], ...HEAD };
    const names = Object.keys(fields).toSorted();
    return [
      kind,
      names.map((name): Member => ({ name, label: `"${name}":`, type: fields[name] as FieldType })),
    ] as const;
  }),
);

/** The members of one shape of record in canonical order: asking each record for all it could have costs 16 µs on Node 20. */
const plans = new Map<string, readonly Member[]>();
const MOST_PLANS = 500;

function planOf(record: Unnumbered): readonly Member[] {
  const names = Object.keys(record);
  const shape = `${record.kind} ${names.join(' ')}`;
  let plan = plans.get(shape);
  if (plan === undefined) {
    plan = (LAYOUT.get(record.kind) ?? []).filter(({ name }) => name === 'n' || names.includes(name));
    if (plans.size >= MOST_PLANS) plans.clear();
    plans.set(shape, plan);
  }
  return plan;
}

/** Canonical text of a record and its length in UTF-8. */
export interface Encoded {
  text: string;
  bytes: number;
  /** All characters are ASCII. */
  ascii: boolean;
}

/**
 * Cleans, cuts and serialises one record. Members that docs/formats/spool.md does not know are left out.
 * Almost every record is plain ASCII within its limits and is joined in one pass; any other is cleaned first and goes through `canonical`.
 *
 * @param n number of the record in its segment
 * @throws OutwitnessError `canonical-value` if a member has not the type of its field
 */
export function encodeRecord(record: Unnumbered, n: number): Encoded {
  const plan = planOf(record);
  const text = plainText(plan, record, n);
  if (text !== undefined && text.length <= MAX_RECORD_BYTES) return { text, bytes: text.length, ascii: true };
  return cleanedText(plan, { ...record, n });
}

function plainText(plan: readonly Member[], record: Flat, n: number): string | undefined {
  let text = '';
  for (const { name, label, type } of plan) {
    const value = name === 'n' ? n : record[name];
    if (value === undefined) continue;
    let part: string;
    if (typeof value === 'string') {
      if (type.type !== 'string' || value.length > type.limit || !ORDINARY.test(value)) return undefined;
      part = `"${value}"`;
    } else if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || type.type !== 'int') return undefined;
      part = `${value}`;
    } else if (typeof value === 'boolean') part = value ? 'true' : 'false';
    else {
      if (type.type !== 'strings' || value.length > type.count) return undefined;
      for (const element of value) if (element.length > type.limit || !ORDINARY.test(element)) return undefined;
      part = value.length === 0 ? '[]' : `["${value.join('","')}"]`;
    }
    text += (text === '' ? '{' : ',') + label + part;
  }
  return text === '' ? '{}' : `${text}}`;
}

function cleanedText(plan: readonly Member[], members: Flat): Encoded {
  const cut = Array.isArray(members['cut']) ? [...(members['cut'] as readonly string[])] : [];
  const cleaned: { [name: string]: Flat[string] } = {};
  for (const { name, type } of plan) {
    const value = members[name];
    if (type.type === 'string' && typeof value === 'string') cleaned[name] = cleanField(name, value, type.limit, cut);
    else if (type.type === 'strings' && Array.isArray(value))
      cleaned[name] = cleanList(name, value, type.count, type.limit, cut);
    else if (value !== undefined) cleaned[name] = value;
  }
  for (;;) {
    if (cut.length > 0) cleaned['cut'] = cut.toSorted();
    const text = canonical(cleaned);
    const bytes = utf8Length(text);
    if (bytes <= MAX_RECORD_BYTES) return { text, bytes, ascii: bytes === text.length };
    dropLongest(cleaned, cut);
  }
}

/** Only a manifest full of quotes or a sealed part can exceed the frame: the longest string goes, its name stays in `cut`. */
function dropLongest(members: { [name: string]: Flat[string] }, cut: string[]): void {
  let longest = '';
  let length = -1;
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'string' && name !== 'kind' && value.length > length) [longest, length] = [name, value.length];
  }
  delete members[longest];
  if (!cut.includes(longest)) cut.push(longest);
}
