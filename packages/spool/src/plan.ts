import { type FieldType, NET_FIELDS, RECORD_FIELDS, RECORD_KINDS } from '@outwitness/event';

const HEAD: { readonly [name: string]: FieldType } = {
  kind: { type: 'string', limit: 16 },
  n: { type: 'int' },
  time: { type: 'int' },
};

interface Member {
  readonly name: string;
  readonly type: FieldType;
}

/** The members of each kind in canonical order. */
const LAYOUT = new Map<string, readonly Member[]>(
  RECORD_KINDS.map((kind) => {
    const fields = { ...NET_FIELDS, ...RECORD_FIELDS[kind], ...HEAD };
    const names = Object.keys(fields).toSorted();
    return [kind, names.map((name) => ({ name, type: fields[name] as FieldType }))];
  }),
);

/** A record as it is handed over, before its number. */
export interface Named {
  readonly kind: string;
  readonly [name: string]: unknown;
}

/**
 * One shape of record, and the last record of that shape with its frame. Few flat arrays: between two calls the application's work has pushed out of the processor's caches what is kept here, and each line of it that a record needs is fetched anew.
 *
 * Members are counted as the record has them; one more, the last, is the number that the writer gives.
 */
export interface Plan {
  readonly names: readonly string[];
  /** `undefined`: docs/formats/spool.md does not know it. */
  readonly types: readonly (FieldType | undefined)[];
  /** Members that are written, in canonical order. */
  readonly order: readonly number[];
  /** `"name":` */
  readonly labels: readonly string[];
  /** What the last record said: of numbers here, NaN for others. */
  readonly numbers: Float64Array;
  /** Of the rest here. */
  readonly values: unknown[];
  /** Where in `bytes` the value begins and how long it is; nowhere (−1) if it is not written. */
  readonly at: Int32Array;
  readonly length: Int32Array;
  /** Its frame, with room to grow: the payload begins at {@link BODY}. */
  bytes: Uint8Array;
  /** From where the frame begins. */
  whole: Uint8Array;
  /** Where the payload ends; 0: there is no frame. */
  end: number;
  /** CRC-32 of the payload, unless it is not `summed`. */
  crc: number;
  summed: boolean;
}

/** Where in the bytes of a plan the payload begins: behind the longest length, the checksum, and a space behind each. */
export const BODY = 15;

/** Plans by kind; those in use come to the front by and by. */
const plans = new Map<string, Plan[]>();
/** A record of our own making has one of a few shapes; whoever makes others pays for it. */
const MOST_PLANS = 24;

/** Finds the plan of a record's shape. */
export function planOf(record: Named): Plan {
  const known = plans.get(record.kind);
  if (known !== undefined) {
    for (let i = 0; i < known.length; i++) {
      const plan = known[i] as Plan;
      if (!isOf(plan, record)) continue;
      if (i > 1) [known[i - 1], known[i]] = [plan, known[i - 1] as Plan];
      return plan;
    }
  }
  const plan = newPlan(record);
  if (known === undefined) plans.set(record.kind, [plan]);
  else {
    if (known.length >= MOST_PLANS) known.pop();
    known.push(plan);
  }
  return plan;
}

function isOf({ names }: Plan, record: Named): boolean {
  let i = 0;
  for (const name in record) if (name !== names[i++]) return false;
  return i === names.length;
}

function newPlan(record: Named): Plan {
  const names: string[] = [];
  // Whatever the application put on the prototype of all objects is enumerated too, and written never.
  for (const name in record) names.push(name);
  const size = names.length + 1;
  const plan = {
    names,
    types: Array<FieldType | undefined>(size).fill(undefined),
    order: [] as number[],
    labels: Array<string>(size).fill(''),
    numbers: new Float64Array(size).fill(Number.NaN),
    values: Array<unknown>(size).fill(undefined),
    at: new Int32Array(size).fill(-1),
    length: new Int32Array(size),
    bytes: NONE,
    whole: NONE,
    end: 0,
    crc: 0,
    summed: false,
  };
  for (const { name, type } of membersOf(record.kind)) {
    const member = name === 'n' ? names.length : Object.hasOwn(record, name) ? names.indexOf(name) : -1;
    if (member < 0) continue;
    plan.types[member] = type;
    plan.labels[member] = `"${name}":`;
    plan.order.push(member);
  }
  return plan;
}

const NONE = new Uint8Array(0);

/** The members of a record that docs/formats/spool.md knows, in canonical order. */
export function membersOf(kind: string): readonly Member[] {
  return LAYOUT.get(kind) ?? [];
}
