import {
  canonical,
  cleanField,
  cleanList,
  type Flat,
  MAX_RECORD_BYTES,
  type SpoolRecord,
  utf8Length,
} from '@outwitness/event';
import { membersOf } from './plan.ts';

/** A record before the writer has given it its number. */
export type Unnumbered<R extends SpoolRecord = SpoolRecord> = R extends SpoolRecord ? Omit<R, 'n'> : never;

/** Canonical text of a record and its length in UTF-8. */
export interface Encoded {
  text: string;
  bytes: number;
}

/**
 * Cleans, cuts and serialises one record. Members that docs/formats/spool.md does not know are left out.
 *
 * @param n number of the record in its segment
 * @throws OutwitnessError `canonical-value` if a member has not the type of its field
 */
export function encodeRecord(record: Unnumbered, n: number): Encoded {
  const members: Flat = { ...record, n };
  const cut = Array.isArray(members['cut']) ? [...(members['cut'] as readonly string[])] : [];
  const cleaned: { [name: string]: Flat[string] } = {};
  for (const { name, type } of membersOf(record.kind)) {
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
    if (bytes <= MAX_RECORD_BYTES) return { text, bytes };
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
