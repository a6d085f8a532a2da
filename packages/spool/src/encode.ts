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
/** Longest text of a member that is kept for the next record. */
const MOST_REMEMBERED = 4096;
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

/** A member of one shape of record with the text it had last: host, package and header names are the same for call after call. */
interface Slot extends Member {
  last: string | readonly string[] | undefined;
  part: string;
}

/** Shapes that begin with the same members in the same order. Asking each record for all it could have costs 16 µs on Node 20, joining its names to a key 4 µs. */
interface Shapes {
  /** The child asked for last. */
  name: string;
  next: Shapes | undefined;
  readonly children: Map<string, Shapes>;
  readonly plans: Map<string, Slot[]>;
}

let shapes = noShapes();
let plansKnown = 0;
const MOST_PLANS = 500;

function noShapes(): Shapes {
  return { name: '', next: undefined, children: new Map(), plans: new Map() };
}

/** The members of one shape of record in canonical order. */
function planOf(record: Unnumbered): readonly Slot[] {
  let at = shapes;
  for (const name in record) at = at.next !== undefined && at.name === name ? at.next : childOf(at, name);
  return at.plans.get(record.kind) ?? newPlan(at, record);
}

function childOf(parent: Shapes, name: string): Shapes {
  let child = parent.children.get(name);
  if (child === undefined) parent.children.set(name, (child = noShapes()));
  parent.name = name;
  parent.next = child;
  return child;
}

function newPlan(at: Shapes, record: Unnumbered): Slot[] {
  const plan: Slot[] = [];
  for (const member of LAYOUT.get(record.kind) ?? []) {
    if (member.name === 'n' || Object.hasOwn(record, member.name)) plan.push({ ...member, last: undefined, part: '' });
  }
  // A record of our own making has one of a few shapes; whoever makes others pays for it.
  if (++plansKnown > MOST_PLANS) {
    plansKnown = 0;
    shapes = noShapes();
  } else at.plans.set(record.kind, plan);
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

function plainText(plan: readonly Slot[], record: Flat, n: number): string | undefined {
  let text = '';
  for (const slot of plan) {
    const value = slot.name === 'n' ? n : record[slot.name];
    if (value === undefined) continue;
    let part: string | undefined;
    if (typeof value === 'number') part = numberPart(slot, value);
    else if (typeof value === 'string') part = value === slot.last ? slot.part : stringPart(slot, value);
    else if (typeof value === 'boolean') part = slot.label + (value ? 'true' : 'false');
    else part = isLast(slot, value) ? slot.part : stringsPart(slot, value);
    if (part === undefined) return undefined;
    text += text === '' ? `{${part}` : `,${part}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function numberPart(slot: Slot, value: number): string | undefined {
  return Number.isSafeInteger(value) && slot.type.type === 'int' ? `${slot.label}${value}` : undefined;
}

function stringPart(slot: Slot, value: string): string | undefined {
  const { type } = slot;
  if (type.type !== 'string' || value.length > type.limit || !ORDINARY.test(value)) return undefined;
  return remember(slot, value, `${slot.label}"${value}"`);
}

function stringsPart(slot: Slot, value: readonly string[]): string | undefined {
  const { type } = slot;
  if (type.type !== 'strings' || value.length > type.count) return undefined;
  for (const element of value) if (element.length > type.limit || !ORDINARY.test(element)) return undefined;
  const list = value.length === 0 ? '[]' : `["${value.join('","')}"]`;
  return remember(slot, [...value], slot.label + list);
}

function remember(slot: Slot, value: string | readonly string[], part: string): string {
  // Not the long ones: a manifest is written once.
  if (part.length > MOST_REMEMBERED) return part;
  slot.last = value;
  slot.part = part;
  return part;
}

/** By its elements: whoever made the list may have changed it since. */
function isLast({ last }: Slot, value: readonly string[]): boolean {
  if (typeof last !== 'object' || last.length !== value.length) return false;
  for (let i = 0; i < value.length; i++) if (last[i] !== value[i]) return false;
  return true;
}

function cleanedText(plan: readonly Slot[], members: Flat): Encoded {
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
