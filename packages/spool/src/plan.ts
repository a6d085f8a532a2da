import { type FieldType, NET_FIELDS, RECORD_FIELDS, RECORD_KINDS } from '@outwitness/event';

const HEAD: { readonly [name: string]: FieldType } = {
  kind: { type: 'string', limit: 16 },
  n: { type: 'int' },
  time: { type: 'int' },
};

interface Member {
  readonly name: string;
  /** `"name":` */
  readonly label: string;
  readonly type: FieldType;
}

/** The members of each kind in canonical order. */
const LAYOUT = new Map<string, readonly Member[]>(
  RECORD_KINDS.map((kind) => {
    const fields = { ...NET_FIELDS, ...RECORD_FIELDS[kind], ...HEAD };
    const names = Object.keys(fields).toSorted();
    return [kind, names.map((name) => ({ name, label: `"${name}":`, type: fields[name] as FieldType }))];
  }),
);

/** A member of one shape of record with the bytes it had last: host, package and header names are the same for call after call. */
export interface Slot extends Member {
  /** Where {@link planOf} puts the value; `undefined` for the record's number, which the writer gives. */
  readonly from: Shape | undefined;
  last: string | number | readonly string[] | undefined;
  /** Label and value, of which `length` bytes count. */
  bytes: Uint8Array;
  readonly labelLength: number;
  length: number;
  /** Where it stands in the frame of the plan, −1 if it is not in it. */
  at: number;
}

/** All members of one shape of record, in canonical order. */
export interface Plan {
  readonly slots: readonly Slot[];
  /** That of the last such record; `undefined` if it was not plain. */
  frame: Frame | undefined;
}

/** A whole frame with room to grow. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Where its payload begins and ends. */
  readonly start: number;
  end: number;
  /** Of the payload. */
  crc: number;
  /** The bytes that count, line end included. */
  whole: Uint8Array;
}

/** Shapes that begin with the same members in the same order. Asking each record for all it could have costs 16 µs on Node 20, joining its names to a key 4 µs. */
export interface Shape {
  /** Of the member by which it differs from the shape above, in the record looked at last. */
  value: unknown;
  /** The child asked for last. */
  name: string;
  next: Shape | undefined;
  readonly children: Map<string, Shape>;
  readonly plans: Map<string, Plan>;
}

let shapes = noShape();
let plansKnown = 0;
const MOST_PLANS = 500;

function noShape(): Shape {
  return { value: undefined, name: '', next: undefined, children: new Map(), plans: new Map() };
}

/** Finds the plan of a record's shape and notes its values on the way, which is the cheapest moment to read them. They are good until the next call. */
export function planOf(record: { readonly kind: string; readonly [name: string]: unknown }): Plan {
  let at = shapes;
  for (const name in record) {
    at = at.next !== undefined && at.name === name ? at.next : childOf(at, name);
    at.value = record[name];
  }
  return at.plans.get(record.kind) ?? newPlan(at, record);
}

function childOf(parent: Shape, name: string): Shape {
  let child = parent.children.get(name);
  if (child === undefined) parent.children.set(name, (child = noShape()));
  parent.name = name;
  parent.next = child;
  return child;
}

function newPlan(at: Shape, record: { readonly kind: string; readonly [name: string]: unknown }): Plan {
  const values = new Map<string, Shape>();
  let on = shapes;
  for (const name in record) values.set(name, (on = on.children.get(name) ?? on));
  const slots: Slot[] = [];
  for (const member of LAYOUT.get(record.kind) ?? []) {
    const from = Object.hasOwn(record, member.name) ? values.get(member.name) : undefined;
    if (member.name !== 'n' && from === undefined) continue;
    const bytes = Uint8Array.from(member.label, (character) => character.charCodeAt(0));
    slots.push({
      ...member,
      from: member.name === 'n' ? undefined : from,
      last: undefined,
      bytes,
      labelLength: bytes.length,
      length: 0,
      at: -1,
    });
  }
  const plan: Plan = { slots, frame: undefined };
  // A record of our own making has one of a few shapes; whoever makes others pays for it.
  if (++plansKnown > MOST_PLANS) {
    plansKnown = 0;
    shapes = noShape();
  } else at.plans.set(record.kind, plan);
  return plan;
}

/** The members of a record that docs/formats/spool.md knows, in canonical order. */
export function membersOf(kind: string): readonly Member[] {
  return LAYOUT.get(kind) ?? [];
}
