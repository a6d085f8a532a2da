import fs from 'node:fs';
import type { ByeRecord, GapEvent, HelloRecord } from '@outwitness/event';
import { Batch } from './batch.ts';
import { overBudget, usage } from './budget.ts';
import { closeSegment, type Descriptor, inspect, openSegment } from './descriptor.ts';
import type { Unnumbered } from './encode.ts';
import { errorCode } from './errors.ts';
import { SPOOL_LIMITS, type SpoolLimits } from './limits.ts';
import { type Loss, Losses } from './loss.ts';
import { segmentName } from './name.ts';
import { WriteSpeed } from './speed.ts';

// Captured before the audited app can replace it. Never the raw binding's write.
const { writeSync } = fs;

/** What a writer needs from the process it stands in. */
export interface SpoolWriterOptions {
  directory: string;
  /** See `writerName`. */
  writer: string;
  pid: number;
  /** First record of each segment. */
  hello(segment: number): Unnumbered<HelloRecord>;
  /** Guard hits so far, for `bye`. */
  faults(): number;
  /** µs since 1970. */
  now(): number;
  /** µs, monotonic. */
  monotonic(): number;
  /** Runs the function once at the end of the tick, without keeping the process alive. */
  schedule(flush: () => void): void;
  limits?: Partial<SpoolLimits>;
}

/** Segments whose size is known by name where the directory cannot be listed. */
const OWN_NAMES = 64;

interface Stop {
  event: GapEvent;
  text: string;
}

/** Counters of a writer. */
export interface SpoolWriterState {
  /** File name of the open segment, absent while there is none. */
  file: string | undefined;
  /** Records written by this writer, all segments. */
  records: number;
  /** Records lost by budget or write errors. */
  lost: number;
  /** Writes that took longer than the limit. */
  slow: number;
  /** Why nothing is written right now. */
  stopped: string | undefined;
}

/**
 * Appends records to a file of its own (docs/formats/spool.md). No method throws: what cannot be written is counted and told by one `gap` record when writing works again.
 *
 * On a kill of the process all records given to {@link writeNow} are on disk (in the kernel), those given to {@link writeLater} since the last tick are lost. See DURABILITY.md.
 */
export class SpoolWriter {
  readonly #options: SpoolWriterOptions;
  readonly #limits: SpoolLimits;
  readonly #batch: Batch = new Batch();
  readonly #losses: Losses = new Losses();
  readonly #own: string[] = [];
  readonly #speed: WriteSpeed;
  #descriptor: Descriptor | undefined;
  #segment = -1;
  /** Number of the next record in the segment. */
  #next = 0;
  /** Bytes in the segment's file. */
  #bytes = 0;
  /** Bytes that may still be written before the budgets are asked again. */
  #room = 0;
  #torn = false;
  #scheduled = false;
  #ended: Unnumbered<ByeRecord> | undefined;
  #records = 0;
  #lost = 0;
  #stopped: Stop | undefined;
  readonly #flushTick = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(options: SpoolWriterOptions) {
    this.#options = options;
    this.#limits = { ...SPOOL_LIMITS, ...options.limits };
    this.#speed = new WriteSpeed(this.#limits);
    this.check();
  }

  /** The open descriptor, −1 while there is none. */
  get fd(): number {
    return this.#descriptor?.fd ?? -1;
  }

  get state(): SpoolWriterState {
    return {
      file: this.#descriptor?.name,
      records: this.#records,
      lost: this.#lost,
      slow: this.#speed.slow,
      stopped: this.#stopped?.text,
    };
  }

  /** Hands a record, and all that wait before it, to the kernel in one `write`. */
  writeNow(record: Unnumbered): void {
    this.#put(record);
    this.flush();
  }

  /** Puts a record at the end of the batch that is written at the end of the tick or with the next {@link writeNow}. */
  writeLater(record: Unnumbered): void {
    this.#put(record);
    if (this.#scheduled || this.#batch.records === 0) return;
    this.#scheduled = true;
    this.#options.schedule(this.#flushTick);
  }

  /** Writes all that waits. */
  flush(): void {
    const batch = this.#batch;
    const descriptor = this.#descriptor;
    const length = batch.length;
    if (batch.records === 0 || descriptor === undefined) return;
    const started = this.#options.monotonic();
    let done = 0;
    try {
      while (done < length) {
        const count = writeSync(descriptor.fd, batch.buffer, done, length - done);
        if (count <= 0) throw new Error('EIO');
        done += count;
      }
    } catch (error) {
      this.#failed(done, errorCode(error));
      return;
    }
    this.#torn = false;
    this.#bytes += length;
    this.#room -= length;
    this.#records += batch.records;
    batch.clear();
    const slow = this.#speed.judge(started, this.#options.monotonic());
    if (slow !== undefined) this.#losses.add(slow);
  }

  /**
   * To be called at each beat: is the file still ours and in its place, is there room? Opens the next segment if not, or if an earlier attempt failed.
   */
  check(): void {
    if (this.#ended !== undefined) return;
    const descriptor = this.#descriptor;
    const finding = descriptor && inspect(this.#options.directory, descriptor, this.#bytes);
    if (descriptor !== undefined && finding !== undefined) {
      if (finding.ours) closeSegment(descriptor);
      this.#descriptor = undefined;
      this.#losses.add({ event: 'lost-spool', text: `${finding.fault}: ${descriptor.name}`, missing: 0, count: 1 });
    }
    this.#measure();
    if (this.#descriptor === undefined && this.#stopped === undefined) this.#open();
    this.flush();
  }

  /** Ends the segment. A record that still comes (an exit handler of the app may make a call) gets a segment of its own. */
  end(reason: string, code?: number): void {
    if (this.#ended !== undefined) return;
    if (this.#descriptor !== undefined) {
      // Beyond the budget too: how much was lost is worth these few hundred bytes.
      this.#tell();
      this.#add(this.#bye(reason, code));
      this.flush();
    }
    this.#ended = this.#bye(reason, code);
    this.#close();
  }

  /** Takes {@link end} back: the process goes on after all, in a segment of its own. */
  resume(): void {
    if (this.#ended === undefined) return;
    this.#ended = undefined;
    this.check();
  }

  #put(record: Unnumbered): void {
    if (this.#ended !== undefined) this.#putLate(record, this.#ended);
    else if (this.#ready()) this.#add(record);
    else this.#lose(this.#stopped ?? { event: 'degraded', text: 'there is no spool file' }, record);
  }

  #putLate(record: Unnumbered, bye: Unnumbered<ByeRecord>): void {
    if (this.#stopped !== undefined) return;
    this.#open();
    this.#add(record);
    this.#add({ ...bye, time: this.#options.now(), records: this.#records + this.#batch.records + 1 });
    this.flush();
    this.#close();
  }

  /** Makes sure that there is an open segment with room. */
  #ready(): boolean {
    if (this.#descriptor === undefined || this.#stopped !== undefined) return false;
    if (this.#room <= this.#batch.length) this.#measure();
    if (this.#stopped !== undefined) return false;
    if (this.#bytes + this.#batch.length >= this.#limits.segmentBytes) this.#rotate();
    if (this.#descriptor !== undefined) this.#tell();
    return this.#descriptor !== undefined;
  }

  #rotate(): void {
    this.#add(this.#bye('rotate', undefined));
    this.flush();
    this.#close();
    this.#open();
  }

  #open(): void {
    const { directory, writer } = this.#options;
    this.#drop(0, { event: 'lost-spool', text: 'records waited for a spool file that went away' });
    for (let attempt = 0; attempt < 16; attempt++) {
      const segment = ++this.#segment;
      const name = segmentName(writer, segment);
      try {
        this.#descriptor = openSegment(directory, name);
      } catch (error) {
        if (errorCode(error) === 'EEXIST') continue;
        this.#segment--;
        this.#stopped = { event: 'degraded', text: `cannot create a spool file: ${errorCode(error)}` };
        return;
      }
      this.#own.push(name);
      if (this.#own.length > OWN_NAMES) this.#own.shift();
      this.#next = 0;
      this.#bytes = 0;
      this.#torn = false;
      this.#stopped = undefined;
      this.#add(this.#options.hello(segment));
      return;
    }
    this.#stopped = { event: 'degraded', text: 'cannot create a spool file: 16 names are taken' };
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSegment(this.#descriptor);
    this.#descriptor = undefined;
  }

  #add(record: Unnumbered, tells?: Loss): void {
    if (!this.#batch.roomy) this.flush();
    if (this.#torn && this.#batch.length === 0) this.#batch.endTornLine();
    try {
      this.#batch.add(record, this.#next, isRow(record), tells);
    } catch (error) {
      this.#lose(
        { event: 'fault', text: `a record of kind ${record.kind} cannot be written: ${errorCode(error)}` },
        record,
      );
      return;
    }
    this.#next++;
  }

  #tell(): void {
    if (!this.#losses.some) return;
    for (const loss of this.#losses.take()) this.#add({ kind: 'gap', time: this.#options.now(), ...loss }, loss);
  }

  #bye(reason: string, code: number | undefined): Unnumbered<ByeRecord> {
    const bye: Unnumbered<ByeRecord> = {
      kind: 'bye',
      time: this.#options.now(),
      records: this.#records + this.#batch.records + 1,
      faults: this.#options.faults(),
      reason,
    };
    if (code !== undefined) bye.code = code;
    return bye;
  }

  /** Asks the disk how much was used, and sets how much may be written before it is asked again. */
  #measure(): void {
    try {
      const used = usage(this.#options.directory, this.#options.pid, this.#own);
      const limits = this.#limits;
      const spent = overBudget(used, limits);
      this.#stopped = spent === undefined ? undefined : { event: 'budget', text: spent };
      const room = Math.min(limits.processBytes - used.process, limits.directoryBytes - used.directory);
      this.#room = Math.min(room, limits.segmentBytes);
    } catch (error) {
      this.#stopped = { event: 'degraded', text: `the spool cannot be measured: ${errorCode(error)}` };
      this.#room = 0;
    }
  }

  #failed(bytes: number, code: string): void {
    this.#bytes += bytes;
    this.#room -= bytes;
    this.#drop(bytes, { event: 'degraded', text: `spool write failed: ${code}` });
    if (code !== 'EBADF') return;
    // The number is no longer ours: nothing may be written or closed under it.
    this.#descriptor = undefined;
    this.#stopped = { event: 'lost-spool', text: 'spool descriptor was closed' };
  }

  /** Empties the batch of which `bytes` reached the file and notes what is lost. */
  #drop(bytes: number, why: Stop): void {
    if (this.#batch.records === 0) return;
    const broken = this.#batch.break(bytes, this.#next);
    if (bytes > 0) this.#torn = broken.torn;
    this.#records += broken.written;
    this.#next = broken.next;
    for (const loss of broken.untold) this.#losses.add(loss);
    this.#lost += broken.records;
    this.#losses.add({ ...why, missing: broken.rows, count: Math.max(broken.records, 1) });
  }

  #lose(why: Stop, record: Unnumbered): void {
    this.#lost++;
    this.#losses.add({ ...why, missing: isRow(record) ? 1 : 0, count: 1 });
  }
}

/** A lost `open` or `conn` is a lost row. */
function isRow(record: Unnumbered): boolean {
  return record.kind === 'open' || record.kind === 'conn';
}
