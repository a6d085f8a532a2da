import type { Assembler } from './assembler.ts';
import { BatchBuilder } from './batch-builder.ts';
import { begin, refuseSuccessor } from './begin.ts';
import { Catalogues } from './catalogues.ts';
import { CheckpointLog } from './checkpoint-log.ts';
import type { DrainedFile } from './drained-file.ts';
import { type Epoch, EpochKeys, type NextEpoch } from './epochs.ts';
import { clockRows, type Moment } from './clock-rows.ts';
import { planErasure } from './erase.ts';
import { ledgerError } from './errors.ts';
import type { HighWater } from './high-water.ts';
import { HostMemory } from './host-memory.ts';
import type { Appended, Incoming, LedgerOptions, Vacuumed } from './ledger-options.ts';
import { signNote, vkey } from './note.ts';
import { type Floor, readFloor } from './retention-policy.ts';
import { ownRow } from './own-rows.ts';
import { readBack } from './read-back.ts';
import { reconcile, refuseBelow, resume, type Resumed } from './resume.ts';
import { sealMembers } from './seal.ts';
import type { Batch, SpoolMark, StoredNote } from './store.ts';
import { VacuumPlan } from './vacuum.ts';

/** µs after which a seal is written although nothing happened. */
const IDLE_SEAL = 600_000_000;
/** Rows whose leaves are dropped in one transaction: what is appended meanwhile waits so long. */
const DROPPED_AT_ONCE = 2_000;

/** What a commit does beside appending drafts. */
interface CommitOptions extends Pick<Batch, 'base' | 'erased'> {
  readonly closing?: boolean;
  readonly next?: NextEpoch | undefined;
}

/**
 * The one writer of a ledger. Owns the head of the chain, the assembler and `checkpoints.log`; appends are queued, so any
 * number of callers may call at once. A crash at any point loses at most the batch that was not committed, and the spool
 * offsets with it: it is drained again.
 */
export class Ledger {
  readonly origin: string;
  /** Verifier key line of the log key: what others pin. */
  readonly vkey: string;
  readonly #options: LedgerOptions;
  readonly #log: CheckpointLog;
  readonly #epochs: EpochKeys;
  readonly #hosts: HostMemory;
  readonly #catalogues: Catalogues;
  readonly #highWater: HighWater | undefined;
  #highWaterProblem = '';
  /** Guarded by the queue: only one append at a time touches what follows. Rebuilt from the store when an append fails. */
  #state: Resumed;
  #stale = false;
  #moved = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();
  #end: Error | undefined;

  private constructor(options: LedgerOptions, state: Resumed, log: CheckpointLog) {
    this.#options = options;
    this.#state = state;
    this.#log = log;
    this.#hosts = new HostMemory(options.store);
    this.#catalogues = new Catalogues(options.store);
    this.origin = state.identity.origin;
    this.vkey = vkey({ name: this.origin, publicKey: state.logKey.publicKey });
    this.#highWater = options.highWater?.(this.origin);
    this.#epochs = new EpochKeys(options.keys, this.origin, options.epoch);
  }

  /**
   * Opens the ledger in a store, or begins one in an empty store. The caller holds the lock.
   *
   * @throws OutwitnessError `keys-shared` `key-missing` `key-mode` `key-mismatch` `key-malformed` `key-weak` `operator-name`
   *   `checkpoint-log` `ledger-damaged` (the store contradicts its own newest note) `ledger-rolled-back` (the log or the
   *   high-water holds a valid newer note) `ledger-exists` (a successor would begin where a ledger is)
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    await refuseSuccessor(options);
    const state = await resume(options.store, options.keys);
    const log = new CheckpointLog(options.checkpoints);
    try {
      if (state === undefined) return await Ledger.#begin(options, log);
      await reconcile(options.store, log, state.identity, state.note);
      const ledger = new Ledger(options, state, log);
      await refuseBelow(ledger.#highWater, options.store, state.identity, state.note);
      ledger.#markHighWater(state.note);
      options.keys.publish(ledger.vkey);
      ledger.#epochs.claim(state.epoch, options.clock.wall());
      const { from, to } = await new VacuumPlan(options.store, state.identity, options.fold).cut();
      if ((await ledger.#drop(from, to)) > 0) await options.store.scrub();
      return ledger;
    } catch (error) {
      log.close();
      throw error;
    }
  }

  static async #begin(options: LedgerOptions, log: CheckpointLog): Promise<Ledger> {
    const { state, first } = begin(options, log);
    const ledger = new Ledger(options, state, log);
    await ledger.#enqueue(() => ledger.#commit([{ members: first }], new Map()));
    ledger.#epochs.claim(ledger.#state.epoch, options.clock.wall());
    return ledger;
  }

  /** The open epoch, and why it could not be closed or the key of one before it not be destroyed (else `''`). */
  get epoch(): { number: number; problem: string } {
    return { number: this.#state.epoch.number, problem: this.#epochs.problem };
  }

  /** Why the high-water cannot be kept, else `''`: rows are written all the same. */
  get highWaterProblem(): string {
    return this.#highWaterProblem;
  }

  /** Number of rows. */
  get size(): number {
    return this.#state.head.tree.size;
  }

  /** The newest note. It is on disk, in the store and in `checkpoints.log`. */
  get note(): StoredNote {
    return this.#state.note;
  }

  /** Why nothing can be appended any more. */
  get frozen(): Error | undefined {
    return this.#end;
  }

  /** How far each spool file is drained. Ask again after an append that failed. */
  spools(): ReadonlyMap<string, SpoolMark> {
    return this.#state.spools;
  }

  /** Writers that are not gone yet, whether their `bye` was seen, and whether they count as silent. */
  writers(): { writer: string; pid: number; thread: number; app: string; left: boolean; silent: boolean }[] {
    const writers = [];
    for (const entry of this.#state.assembler.writers.values()) {
      if (entry.type !== 'writer') continue;
      writers.push({
        writer: entry.name,
        pid: entry.pid,
        thread: entry.thread,
        app: entry.app,
        left: entry.left > 0,
        silent: entry.silent,
      });
    }
    return writers;
  }

  /** Open calls and connections. */
  get pending(): number {
    return this.#state.assembler.pending.size;
  }

  /**
   * Makes rows of what was drained and commits them with a seal and a note. Call it at least once a second even with
   * nothing in hand: rows of phase `open` and idle seals come of it.
   *
   * @throws OutwitnessError `ledger-append` (nothing was written, the cause says why; drain again from {@link spools}),
   *   `drained-file`, `catalogue-unknown`, `ledger-frozen`, `ledger-closed`
   */
  async append(incoming: Incoming = {}): Promise<Appended> {
    return this.#enqueue(() => this.#append(incoming, false));
  }

  /** Writes what is in hand and the closing seal. Nothing can be appended afterwards; the store stays open. */
  async close(incoming: Incoming = {}): Promise<Appended> {
    const appended = await this.#enqueue(() => this.#append(incoming, true));
    this.#end = ledgerError('ledger-closed', 'the ledger is closed: its closing seal is written. Open it again.');
    this.#log.close();
    return appended;
  }

  /** The retention that counts now. */
  async floor(): Promise<Floor> {
    return readFloor(this.#options.store, this.#options.clock.wall());
  }

  /**
   * Drops the leaves that the policy allows to drop, after checking them against the notes over them. Appends go on
   * meanwhile. A crash in between is made good by the next start.
   *
   * @param actor `collector` or `cli`
   * @returns how many leaves went, the end of the dropped prefix, and why it ends there
   * @throws OutwitnessError `ledger-damaged` if the rows are not what the notes sign; `ledger-append` `ledger-frozen` `ledger-closed`
   */
  async vacuum(actor: string): Promise<Vacuumed> {
    const plan = new VacuumPlan(this.#options.store, this.#state.identity, this.#options.fold);
    let dropped = 0;
    for (;;) {
      const step = await this.#enqueue(async () => {
        // A clock that has just been moved must be on record before an age is taken from it.
        await this.#append({}, false);
        const next = await plan.next(actor, this.#options.clock.wall());
        if (!('waits' in next)) await this.#commit([{ members: next.members }], new Map(), { base: next.base });
        return next;
      });
      if (!('waits' in step)) {
        dropped += await this.#drop(step.from, step.to);
        continue;
      }
      return this.#enqueue(async () => {
        const { to } = await plan.cut();
        return { dropped, to, waits: step.waits, scrubbed: await this.#options.store.scrub() };
      });
    }
  }

  /** Drops what a vacuum row names, in slices, so that nobody waits long. */
  async #drop(from: number, to: number): Promise<number> {
    let dropped = 0;
    for (let at = from; at < to; at += DROPPED_AT_ONCE)
      dropped += await this.#enqueue(() => this.#options.store.drop(at, Math.min(to, at + DROPPED_AT_ONCE)));
    return dropped;
  }

  /**
   * Drops the leaf of one row and its contribution to the rollup. Its hash stays, and a row says who asked and why.
   *
   * @throws OutwitnessError `row-not-erasable` `ledger-append` `ledger-frozen` `ledger-closed`
   */
  async erase(request: { seq: number; actor: string; why: string }): Promise<Appended & { scrubbed: boolean }> {
    const { store, fold, clock } = this.#options;
    const appended = await this.#enqueue(async () => {
      const { to } = await new VacuumPlan(store, this.#state.identity, fold).cut();
      const { members, erased } = await planErasure(store, fold, to, request);
      const done = await this.#commit([{ members: { ...members, time: clock.wall() } }], new Map(), { erased });
      this.#hosts.clear();
      return done;
    });
    return { ...appended, scrubbed: await this.#enqueue(() => store.scrub()) };
  }

  async #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (this.#end !== undefined) throw this.#end;
      if (this.#stale) await this.#reload();
      try {
        return await work();
      } catch (error) {
        // The caller asks for the offsets next: they must be the committed ones.
        this.#stale = true;
        if (this.#end === undefined) await this.#reload().catch(() => undefined);
        throw error;
      }
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #append(incoming: Incoming, closing: boolean): Promise<Appended> {
    const now = this.#options.clock.wall();
    const { assembler } = this.#state;
    const texts = new Map<string, string>();
    const own = (incoming.own ?? []).map((row) => ({ members: ownRow(row, now, texts) }));
    for (const file of incoming.files ?? []) {
      this.#move(file, now);
      assembler.drain(file, now);
    }
    for (const writer of incoming.gone ?? []) assembler.gone(writer, now);
    for (const writer of incoming.silent ?? []) assembler.silent(writer, now);
    assembler.due(now);
    const drafts = [...own, ...assembler.take()];
    if (this.#epochs.problem !== '') this.#epochs.destroyClosed(this.#state.epoch, now);
    const next = this.#epochs.next(this.#state.epoch, this.size + drafts.length, now);
    const worth =
      drafts.length > 0 ||
      clockRows(this.#state.sealed, this.#moment()).length > 0 ||
      next !== undefined ||
      closing ||
      // A clock that was put back must not make the ledger look stale.
      Math.abs(now - (this.#state.sealed?.wall ?? 0)) >= IDLE_SEAL ||
      assembler.pending.unstored().length > 0 ||
      assembler.writers.unstored().length > 0 ||
      (incoming.files ?? []).some((file) => file.ended);
    if (!worth) return { rows: [], note: this.#state.note };
    return this.#commit(drafts, texts, { closing, next });
  }

  /** The file goes on where the last drain ended, so no record is taken twice or left out. */
  #move(file: DrainedFile, now: number): void {
    const before = this.#state.spools.get(file.name);
    const replaced = file.offset === 0 && file.damage.some((damage) => damage.event === 'lost-spool');
    if (file.offset !== (before?.offset ?? 0) && !replaced) {
      throw ledgerError(
        'drained-file',
        `${file.name} was drained from offset ${file.offset}: expected ${before?.offset ?? 0}. Drain it again from there.`,
      );
    }
    const drained = file.ended ? (before?.drained ?? 0) || now : 0;
    this.#state.spools.set(file.name, {
      name: file.name,
      offset: file.nextOffset,
      n: file.nextN,
      owner: file.owner,
      drained,
    });
    this.#moved.add(file.name);
  }

  async #commit(
    drafts: ReturnType<Assembler['take']>,
    texts: Map<string, string>,
    { closing = false, next, ...change }: CommitOptions = {},
  ): Promise<Appended> {
    const { store, uid, pid, judge, fold, random } = this.#options;
    const { head, assembler, spools, appUids, logKey, epoch } = this.#state;
    const builder = new BatchBuilder(head, judge, random);
    // The seal has the moment that was compared: a step between the two would be seen by nobody.
    const moment = this.#moment();
    for (const members of clockRows(this.#state.sealed, moment)) builder.add({ members });
    for (const draft of drafts) builder.add(draft);
    const opened = head.tree.size;
    if (next !== undefined) builder.add({ members: next.members });
    for (const [digest, text] of assembler.newTexts) texts.set(digest, text);
    await this.#catalogues.ensureKnown(builder.catalogues, texts);

    const [pending, writers] = [assembler.pending.changes(), assembler.writers.changes()];
    const marks = [...this.#moved].map((name) => spools.get(name)).filter((mark) => mark !== undefined);
    for (const owner of assembler.owners(pid)) appUids.add(owner);
    const seal = sealMembers({
      epoch: epoch.number,
      ...moment,
      rows: head.tree.size,
      counts: head.counts,
      closing,
      pending: assembler.pending.digest(),
      writers: assembler.writers.digest(),
      spools: marks.map((mark) => `${mark.name} ${mark.offset} ${mark.n}`),
      uids: [...(uid === undefined ? [] : [`collector=${uid}`]), ...[...appUids].map((owner) => `app=${owner}`)],
    });
    builder.add({ members: seal });

    const size = head.tree.size;
    const signers = [
      { name: this.origin, key: logKey },
      { name: `${this.origin}/epoch/${epoch.number}`, key: epoch.key },
    ];
    const note = { size, note: signNote(this.origin, size, head.tree.root(), signers) };
    const held = await this.#hosts.known(builder.folded());
    const rollup = builder.fold(fold, held);
    try {
      await store.commit({
        rows: builder.rows,
        nodes: builder.nodes,
        pending,
        writers,
        spools: marks,
        texts,
        rollup,
        note,
        ...change,
      });
    } catch (cause) {
      throw ledgerError(
        'ledger-append',
        `a batch of ${builder.rows.length} rows was not written: ${String(cause)}. Drain again from the committed offsets.`,
        cause,
      );
    }
    const left = builder.rows.filter(({ seq }) => seq !== change.erased?.seq);
    this.#end = await readBack(store, left);
    if (this.#end !== undefined) throw this.#end;
    // Only now, with the commit on disk, may anybody see the note.
    this.#log.append([note]);
    this.#markHighWater(note);
    this.#hosts.add(rollup);
    assembler.newTexts.clear();
    this.#moved.clear();
    Object.assign(this.#state, { note, sealed: moment });
    if (next !== undefined) {
      const { number, key, members } = next;
      const entered: Epoch = { number, key, seq: opened, began: Number(members['time']) };
      this.#state.epoch = entered;
      this.#epochs.destroyClosed(entered, moment.wall);
    }
    return { rows: builder.rows, note };
  }

  #markHighWater(note: StoredNote): void {
    try {
      this.#highWater?.write(note);
      this.#highWaterProblem = '';
    } catch (error) {
      this.#highWaterProblem = (error as Error).message;
    }
  }

  #moment(): Moment {
    const { clock, boot } = this.#options;
    return { wall: clock.wall(), monotonic: clock.monotonic(), boot };
  }

  async #reload(): Promise<void> {
    const state = await resume(this.#options.store, this.#options.keys);
    if (state === undefined)
      throw ledgerError(
        'ledger-damaged',
        'the store has become empty. Keep the evidence and begin a successor ledger.',
      );
    this.#state = state;
    this.#hosts.clear();
    this.#moved.clear();
    // A failed write of the log after a commit is made good here.
    await reconcile(this.#options.store, this.#log, state.identity, state.note);
    this.#epochs.destroyClosed(state.epoch, this.#options.clock.wall());
    this.#stale = false;
  }
}
