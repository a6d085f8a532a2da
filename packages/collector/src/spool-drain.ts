import type { DrainedFile, SpoolMark } from '@outwitness/ledger';
import { type Cursor, type SpoolFile, type SpoolRead, SpoolReader, START } from '@outwitness/spool';
import { READ_AT_MOST, SILENT_AFTER_MS } from './defaults.ts';
import { processAlive } from './process-alive.ts';

/** A writer that has not said `bye`. Times in ms since 1970. */
export interface LivingWriter {
  writer: string;
  pid: number;
  /** When its file last grew. */
  lastSeen: number;
  silent: boolean;
}

/** What the ledger is to take over next. */
export interface Harvest {
  files: DrainedFile[];
  /** Writers whose process ended without a `bye`, all their files read to the end. */
  gone: string[];
  /** Writers that have become silent. */
  silent: string[];
}

/** A segment as it stands between two harvests. */
interface Segment {
  cursor: Cursor;
  /** Where the ledger's mark stands. */
  marked: number;
  waiting: DrainedFile | undefined;
  ended: boolean;
}

interface WriterFacts {
  pid: number;
  startMs: number;
  grewAt: number;
  silent: boolean;
  left: boolean;
}

/**
 * Reads the spool directory in turns and keeps what was read until the ledger has taken it over.
 */
export class SpoolDrain {
  readonly #reader: SpoolReader;
  readonly #segments = new Map<string, Segment>();
  readonly #writers = new Map<string, WriterFacts>();
  #silent: string[] = [];
  #gone: string[] = [];
  #records = 0;
  #backlog = 0;

  constructor(spool: string, marks: readonly SpoolMark[]) {
    this.#reader = new SpoolReader(spool);
    for (const { name, offset, n, drained } of marks) {
      this.#segments.set(name, {
        cursor: { ...START, offset, next: n },
        marked: offset,
        waiting: undefined,
        ended: drained > 0,
      });
    }
  }

  /** Bytes seen and not yet read at the end of the last turn. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Records, damages and ended writers that wait for the ledger. */
  get waiting(): number {
    return this.#records + this.#gone.length + this.#silent.length;
  }

  /** Writers that live, as far as the system tells. */
  living(): LivingWriter[] {
    return [...this.#writers]
      .filter(([, facts]) => !facts.left)
      .map(([writer, { pid, grewAt, silent }]) => ({ writer, pid, lastSeen: grewAt, silent }));
  }

  /**
   * Looks at the directory once and reads what is new.
   *
   * @param now ms since 1970
   * @returns names of notes that were found
   * @throws OutwitnessError `spool-open` if the directory cannot be listed
   */
  turn(now: number): { notes: string[]; segments: SpoolFile[] } {
    const listing = this.#reader.list();
    this.#backlog = 0;
    const byWriter = Map.groupBy(listing.segments, (file) => file.writer);
    for (const [writer, files] of byWriter) this.#writer(writer, files, now);
    for (const writer of this.#writers.keys()) if (!byWriter.has(writer)) this.#vanished(writer);
    return { notes: listing.notes, segments: listing.segments };
  }

  /** Takes what waits, to be committed; {@link taken} must follow before the next call. */
  harvest(): Harvest {
    const files = [...this.#segments.values()].flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting]));
    return { files, gone: this.#gone, silent: this.#silent };
  }

  /** The ledger has taken over the last harvest. */
  taken(): void {
    for (const segment of this.#segments.values()) {
      segment.marked = segment.waiting?.nextOffset ?? segment.marked;
      segment.waiting = undefined;
    }
    this.#gone = [];
    this.#silent = [];
    this.#records = 0;
  }

  /** Forgets segments that were removed from the directory. */
  forget(names: readonly string[]): void {
    for (const name of names) this.#segments.delete(name);
  }

  #writer(writer: string, files: readonly SpoolFile[], now: number): void {
    const facts = this.#facts(writer, files, now);
    if (facts === undefined) return;
    // Asked before reading: what a process wrote before it ended is then surely in the file.
    const seenMs = Math.max(facts.startMs, ...files.map(({ mtimeMs }) => mtimeMs));
    const alive = facts.left || processAlive(facts.pid, seenMs);
    let grew = false;
    for (const file of files) grew = this.#segment(file, facts, !alive) || grew;
    if (grew) Object.assign(facts, { grewAt: now, silent: false });
    if (facts.left) return;
    if (!alive && !grew) {
      facts.left = true;
      this.#gone.push(writer);
    } else if (alive && !facts.silent && now - facts.grewAt > SILENT_AFTER_MS) {
      facts.silent = true;
      this.#silent.push(writer);
    }
  }

  /** Undefined for a writer all of whose segments have ended. */
  #facts(writer: string, files: readonly SpoolFile[], now: number): WriterFacts | undefined {
    const known = this.#writers.get(writer);
    if (known !== undefined) return known;
    const [first] = files;
    const open = files.some(({ name, size }) => {
      const segment = this.#segments.get(name);
      return segment === undefined || !segment.ended || size > segment.cursor.offset;
    });
    if (!open || first === undefined) return undefined;
    const facts = { pid: first.pid, startMs: first.startMs, grewAt: now, silent: false, left: false };
    this.#writers.set(writer, facts);
    return facts;
  }

  /** @returns true if something new was read */
  #segment(file: SpoolFile, facts: WriterFacts, last: boolean): boolean {
    let segment = this.#segments.get(file.name);
    if (segment === undefined) {
      segment = { cursor: START, marked: 0, waiting: undefined, ended: false };
      this.#segments.set(file.name, segment);
    }
    if (file.size === segment.cursor.offset && (!last || segment.ended)) return false;
    // What a power cut took of a file that was drained further is in the ledger, and its writer adds nothing any more.
    if ((last || facts.left) && segment.cursor.file === '' && file.size < segment.cursor.offset) return false;
    const read = this.#read(file.name, segment.cursor, last);
    if (read === undefined) return false;
    const replaced = read.damage.some(({ event }) => event === 'lost-spool');
    const moved = read.cursor.offset !== segment.cursor.offset || read.damage.length > 0;
    segment.cursor = read.cursor;
    this.#backlog += Math.max(0, read.size - read.cursor.offset);
    if (!moved) return false;
    this.#keep(file, segment, read, replaced, facts);
    return true;
  }

  #keep(file: SpoolFile, segment: Segment, read: SpoolRead, replaced: boolean, facts: WriterFacts): void {
    const records = read.records.map(({ record }) => record);
    const newest = records.at(-1);
    segment.ended =
      read.drained && newest !== undefined ? newest.kind === 'bye' : segment.ended && records.length === 0;
    if (newest?.kind === 'bye' && newest.reason !== 'rotate') facts.left = true;
    this.#records += records.length + read.damage.length;
    const before = segment.waiting;
    segment.waiting = {
      name: file.name,
      owner: read.uid,
      offset: replaced && before === undefined ? 0 : segment.marked,
      records: before === undefined ? records : [...before.records, ...records],
      nextOffset: read.cursor.offset,
      nextN: read.cursor.next,
      damage: [
        ...(before?.damage ?? []),
        ...read.damage.map(({ event, missing, count }) => ({ event, missing, count })),
      ],
      ended: segment.ended,
    };
  }

  /** Undefined if the file is gone or is none: the next listing tells. */
  #read(name: string, cursor: Cursor, last: boolean): SpoolRead | undefined {
    try {
      return this.#reader.read(name, cursor, READ_AT_MOST, last);
    } catch {
      return undefined;
    }
  }

  /** All files of a writer are gone from the directory: if it had not left, its calls cannot be followed any more. */
  #vanished(writer: string): void {
    if (this.#writers.get(writer)?.left === false) this.#gone.push(writer);
    this.#writers.delete(writer);
  }
}
