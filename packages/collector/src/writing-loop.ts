import { setImmediate as breathe } from 'node:timers/promises';
import type { ControlEvent } from '@outwitness/event';
import type { Appended, Ledger, OwnRow } from '@outwitness/ledger';
import { chooseSweep, removeNote, removeSegments, type SpoolFile, SpoolReader } from '@outwitness/spool';
import { Inbox } from './control/inbox.ts';
import type { ControlAnswer, ControlRequest } from './control/requests.ts';
import type { DataDir } from './data-dir.ts';
import { COMMIT_AFTER_MS, COMMIT_AFTER_RECORDS, DRAIN_INTERVAL_MS } from './defaults.ts';
import { type LivingWriter, SpoolDrain } from './spool-drain.ts';

/** What the loop tells its owner. */
export interface WritingListener {
  /** After a commit; never for one without rows. */
  committed(appended: Appended): void;
  /** A turn failed: nothing is lost, the next one tries again. */
  failed(error: Error): void;
  /** Another process asks for something: resolves once it is done and its row committed. */
  requested(request: ControlRequest): Promise<ControlAnswer>;
}

interface WaitingRow {
  row: OwnRow;
  settle: (error: Error | undefined) => void;
}

/**
 * The loop that moves records from the spool to the ledger: one turn every 200 ms, a commit after 100 records or 1 s. It is the only caller of the ledger, so order and offsets have one owner.
 */
export class WritingLoop {
  readonly #dir: DataDir;
  readonly #ledger: Ledger;
  readonly #listener: WritingListener;
  readonly #reader: SpoolReader;
  readonly #inbox: Inbox;
  #drain: SpoolDrain;
  #own: WaitingRow[] = [];
  #notes: string[] = [];
  /** ms since 1970: the oldest thing that waits for a commit came then; 0 = nothing waits. */
  #since = 0;
  #sweptAt = 0;
  #stopping = false;
  #wake: (() => void) | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(dir: DataDir, ledger: Ledger, listener: WritingListener) {
    this.#dir = dir;
    this.#ledger = ledger;
    this.#listener = listener;
    this.#reader = new SpoolReader(dir.spool);
    this.#inbox = new Inbox(dir.control);
    this.#drain = new SpoolDrain(dir.spool, [...ledger.spools().values()]);
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Resolves when the row is committed; rejects if it cannot be. */
  write(row: OwnRow): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#own.push({ row, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      this.#wake?.();
    });
  }

  control(event: ControlEvent, actor: string, text: string): Promise<void> {
    return this.write({ kind: 'control', event, actor, text });
  }

  living(): LivingWriter[] {
    return this.#drain.living();
  }

  /** Bytes in the spool that were seen and not read, and the age in ms of the oldest thing not committed. */
  backlog(now: number): { bytes: number; lagMs: number } {
    return { bytes: this.#drain.backlog, lagMs: this.#since === 0 ? 0 : Math.max(0, now - this.#since) };
  }

  /** Reads everything that is left, writes the closing seal. The ledger is closed afterwards. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#ended;
    await this.#close();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let left = false;
      try {
        left = await this.#turn(Date.now());
      } catch (error) {
        this.#failed(error as Error);
        if (this.#ledger.frozen !== undefined) return;
      }
      if (left) await breathe();
      else await this.#sleep();
    }
  }

  /** @returns true if records were committed and more lie there than one turn reads: the next one follows at once */
  async #turn(now: number): Promise<boolean> {
    const { segments } = this.#look(now);
    const waits = this.#drain.waiting + this.#own.length + this.#notes.length;
    if (waits > 0 && this.#since === 0) this.#since = now;
    // A clock that was put back makes nothing wait for it to come round again.
    const due = waits >= COMMIT_AFTER_RECORDS || this.#own.length > 0 || Math.abs(now - this.#since) >= COMMIT_AFTER_MS;
    if (due) await this.#commit();
    if (Math.abs(now - this.#sweptAt) >= 60_000) this.#sweep(segments, now);
    return due && waits > 0 && this.#drain.backlog > 0;
  }

  #look(now: number): { segments: SpoolFile[] } {
    const { notes, segments } = this.#drain.turn(now);
    this.#notes = notes;
    this.#takeRequests(now);
    return { segments };
  }

  #takeRequests(now: number): void {
    const { requests, foreign } = this.#inbox.look(now);
    for (const { name, request } of requests) {
      const answer = (done: ControlAnswer | Error): void => this.#inbox.answer(name, done);
      this.#listener
        .requested(request)
        .then(answer, answer)
        .catch((error: unknown) => this.#listener.failed(error as Error));
    }
    if (foreign === 0) return;
    const text = `control/ held ${foreign} files that are no request of this user; they were thrown away`;
    const row = { kind: 'gap', event: 'foreign-kind', text, missing: 0, count: foreign } as const;
    this.#own.push({ row, settle: () => undefined });
  }

  async #commit(): Promise<void> {
    const { files, gone, silent } = this.#drain.harvest();
    const own = this.#own;
    const notes = this.#notes;
    this.#own = [];
    const rows = [...own.map(({ row }) => row), ...notes.flatMap((name) => this.#noteRow(name))];
    try {
      const appended = await this.#ledger.append({ own: rows, files, gone, silent });
      this.#drain.taken();
      this.#since = 0;
      for (const name of notes) removeNote(this.#dir.spool, name);
      for (const { settle } of own) settle(undefined);
      if (appended.rows.length > 0) this.#listener.committed(appended);
    } catch (error) {
      // What was asked for is answered at once; what was drained is drained again from what the ledger holds.
      for (const { settle } of own) settle(error as Error);
      this.#drain = new SpoolDrain(this.#dir.spool, [...this.#ledger.spools().values()]);
      throw error;
    }
  }

  async #close(): Promise<void> {
    if (this.#ledger.frozen !== undefined) return;
    try {
      for (;;) {
        this.#look(Date.now());
        if (
          this.#drain.waiting === 0 &&
          this.#own.length === 0 &&
          this.#notes.length === 0 &&
          this.#drain.backlog === 0
        )
          break;
        await this.#commit();
      }
      const appended = await this.#ledger.close();
      this.#listener.committed(appended);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #noteRow(name: string): OwnRow[] {
    try {
      const { pid, text } = this.#reader.readNote(name);
      return [
        { kind: 'gap', event: 'not-loaded', text: `no watcher in process ${pid}: ${text}`, missing: 0, count: 1, pid },
      ];
    } catch {
      return []; // gone already, or no regular file: nothing that could be told
    }
  }

  #sweep(segments: readonly SpoolFile[], now: number): void {
    this.#sweptAt = now;
    const drained = [...this.#ledger.spools().values()]
      .filter((mark) => mark.drained > 0)
      .map((mark) => ({ name: mark.name, drainedMs: mark.drained / 1_000 }));
    this.#drain.forget(removeSegments(this.#dir.spool, chooseSweep(segments, drained, now)));
  }

  #failed(error: Error): void {
    this.#since = 0;
    this.#listener.failed(error);
  }

  #sleep(): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, DRAIN_INTERVAL_MS);
      const wake = (): void => done();
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = wake;
    });
  }
}
