/** THE CONTRACT: what every part of Outwitness agrees on. Pure; imports nothing. Source: docs/formats/event.md and spool.md. */
export { canonical, parseCanonical, type Flat, type FlatValue } from './canonical.ts';
export { clean, cleanField, cleanList, utf8Length } from './clean.ts';
export { OutwitnessError, type EventErrorCode } from './errors.ts';
export {
  FIELDS,
  type FieldType,
  LEAF_FIELDS,
  MAX_LEAF_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_RECORD_BYTES,
  NET_FIELDS,
  RECORD_FIELDS,
} from './fields.ts';
export type * from './judgement.ts';
export { networkProgram, networkProgramsIn } from './network-programs.ts';
export type * from './records.ts';
export { toRecord } from './shape.ts';
export * from './vocabulary.ts';
