import { isUtf8 } from 'node:buffer';
import { type Flat, parseCanonical, RECORD_KINDS, type SpoolRecord, toRecord } from '@outwitness/event';

const KINDS: ReadonlySet<string> = new Set(RECORD_KINDS);

/** What a frame whose CRC agrees holds. */
export type Parsed =
  | { state: 'record'; record: SpoolRecord }
  /** Canonical JSON of a kind that an agent may not write. `n` if it has one. */
  | { state: 'foreign'; n: number | undefined }
  | { state: 'damaged' };

/** Parses an untrusted payload: valid UTF-8, canonical, of a known kind and shape. */
export function parsePayload(payload: Buffer): Parsed {
  if (!isUtf8(payload)) return { state: 'damaged' };
  let object: Flat;
  try {
    object = parseCanonical(payload.toString('utf8'));
  } catch {
    return { state: 'damaged' };
  }
  const { kind, n } = object;
  if (typeof kind === 'string' && !KINDS.has(kind))
    return { state: 'foreign', n: typeof n === 'number' && n >= 0 ? n : undefined };
  try {
    return { state: 'record', record: toRecord(object) };
  } catch {
    return { state: 'damaged' };
  }
}
