/** The process boundary: framed append-only files between an audited process and the collector (docs/formats/spool.md). */
export type { Damage } from './damage.ts';
export { encodeRecord, type Encoded, type Unnumbered } from './encode.ts';
export type { SpoolErrorCode } from './errors.ts';
export { frameText, MAX_FRAME_BYTES, scanFrame } from './frame.ts';
export { SPOOL_LIMITS, type SpoolLimits } from './limits.ts';
export { parseNoteName, parseSegmentName, type SegmentName, segmentName, writerName } from './name.ts';
export { removeNote } from './note.ts';
export { type SpoolFile, type SpoolListing, type SpoolNote, type SpoolRead, SpoolReader } from './reader.ts';
export { type Cursor, type Placed, START } from './scan.ts';
export { chooseSweep, type DrainedSegment, removeSegments } from './sweep.ts';
export { SpoolWriter, type SpoolWriterOptions, type SpoolWriterState } from './writer.ts';
