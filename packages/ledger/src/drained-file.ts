import type { GapEvent, SpoolRecord } from '@outwitness/event';
import { ledgerError } from './errors.ts';

/** What the reader met in a file and could not make records of; each becomes one `gap` row. */
export interface Damage {
  readonly event: GapEvent;
  /** Rows known to be lost, 0 = none known. */
  readonly missing: number;
  /** How often since the last such row. */
  readonly count: number;
  /** One sentence for people. */
  readonly text?: string;
}

/** What one drain took out of one spool file. The ledger commits it together with the rows made of it. */
export interface DrainedFile {
  /** `<writer>.<segment>.spool` */
  readonly name: string;
  /** uid of the file's owner. */
  readonly owner: number;
  /** Byte offset where this drain began: what {@link Ledger.spools} said, 0 for a new or replaced file. */
  readonly offset: number;
  /** Parsed and shape-checked (`toRecord`), in file order. Untrusted. */
  readonly records: readonly SpoolRecord[];
  /** Where the next drain goes on. */
  readonly nextOffset: number;
  /** Number that the next record should have. */
  readonly nextN: number;
  readonly damage: readonly Damage[];
  /** The file was found at its end and its newest record is a `bye`. */
  readonly ended: boolean;
}

const SEGMENT = /^((\d{1,10})-(\d{1,10})-[0-9a-z]{1,10}-[0-9a-f]{8})\.\d{1,9}\.spool$/;

/** The writer that a file name tells. */
export interface WriterName {
  readonly writer: string;
  readonly pid: number;
  readonly thread: number;
}

/** @throws OutwitnessError `drained-file` for a name that is none of docs/formats/spool.md, "Files" */
export function writerOf(name: string): WriterName {
  const match = SEGMENT.exec(name);
  if (match === null) {
    throw ledgerError(
      'drained-file',
      `${JSON.stringify(name)} is no name of a spool file: expected <writer>.<segment>.spool. Do not drain it.`,
    );
  }
  return { writer: match[1] ?? '', pid: Number(match[2]), thread: Number(match[3]) };
}
