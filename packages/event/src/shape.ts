import type { Flat } from './canonical.ts';
import { OutwitnessError } from './errors.ts';
import { type FieldType, NET_FIELDS, RECORD_FIELDS } from './fields.ts';
import type { SpoolRecord } from './records.ts';

const REQUIRED: { readonly [kind: string]: readonly string[] } = {
  hello: ['v', 'app', 'pid', 'thread', 'segment', 'runtime', 'agent', 'loaded', 'channels'],
  pkg: ['package'],
  open: ['call', 'direction', 'channel'],
  conn: ['conn', 'direction', 'channel'],
  claim: ['call', 'conn'],
  done: ['outcome'],
  gap: ['event', 'text', 'missing', 'count'],
  hook: ['event', 'text'],
  settings: ['generation', 'enabled', 'strict', 'disabled'],
  part: ['call', 'part', 'direction', 'recipient', 'sealed'],
  beat: ['records', 'faults'],
  bye: ['records', 'faults', 'reason'],
};

/**
 * Checks that a parsed object is a record of docs/formats/spool.md: known kind, required members there, every member of its type. Lengths are not checked (the collector cuts).
 *
 * @param object what {@link parseCanonical} returned, untrusted
 * @throws OutwitnessError `record-shape`
 */
export function toRecord(object: Flat): SpoolRecord {
  const kind = object['kind'];
  const own = typeof kind === 'string' && Object.hasOwn(RECORD_FIELDS, kind) ? RECORD_FIELDS[kind] : undefined;
  if (own === undefined) throw shape(`unknown kind ${JSON.stringify(kind)}`);
  for (const name of ['n', 'time', ...(REQUIRED[kind as string] ?? [])]) {
    if (object[name] === undefined) throw shape(`${kind as string} without ${name}`);
  }
  for (const [name, value] of Object.entries(object)) {
    if (name === 'kind') continue;
    const type = name === 'n' || name === 'time' ? COUNT : (own[name] ?? NET_FIELDS[name]);
    if (type === undefined) throw shape(`${kind as string} has an unknown member ${name}`);
    if (!fits(type, value)) throw shape(`${kind as string}.${name} is no ${type.type}`);
  }
  if (kind === 'done' && object['call'] === undefined && object['conn'] === undefined)
    throw shape('done without call or conn');
  if (kind === 'conn' && object['for'] === undefined && object['by'] === undefined)
    throw shape('conn without for or by');
  return object as unknown as SpoolRecord;
}

const COUNT: FieldType = { type: 'int' };

function fits(type: FieldType, value: Flat[string]): boolean {
  switch (type.type) {
    case 'int':
      return typeof value === 'number' && value >= 0;
    case 'bool':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'strings':
      return Array.isArray(value);
  }
}

function shape(text: string): OutwitnessError {
  return new OutwitnessError('record-shape', `not a record of spool format 1: ${text}`);
}
