import path from 'node:path';
import type { Fold, Judge } from '@outwitness/event';
import { Assembler } from './assembler.ts';
import { BatchBuilder, type Head } from './batch-builder.ts';
import { NO_ROW } from './chain.ts';
import { CheckpointLog } from './checkpoint-log.ts';
import type { DrainedFile } from './drained-file.ts';
import { ledgerError } from './errors.ts';
import { genesis, type Identity, type Predecessor } from './genesis.ts';
import { type KeyStore, loadOrCreateKey, type SigningKey } from './keys.ts';
import { CompactRange } from './merkle.ts';
import { signNote, vkey } from './note.ts';
import { type OwnRow, ownRow } from './own-rows.ts';
import { reconcile, resume, type Resumed } from './resume.ts';
import { HostMemory } from './host-memory.ts';
import { sealMembers } from './seal.ts';
import type { SpoolMark, Store, StoredNote, StoredRow } from './store.ts';

/** µs after which a seal is written although nothing happened. */
const IDLE_SEAL = 600_000_000;

export interface Clock {
  /** µs since 1970 UTC, an integer. */
  wall(): number;
  /** µs, never goes back while the machine runs. */
  monotonic(): number;
}

export interface LedgerOptions {
  readonly store: Store;
  readonly keys: KeyStore;
  /** Path of `checkpoints.log`. */
  readonly checkpoints: string;
  /** Name and version of the program, for the genesis row. */
  readonly software: string;
  /** Part of the origin of a new ledger; default `local`. */
  readonly operator?: string;
  readonly judge: Judge;
  readonly fold: Fold;
  readonly clock: Clock;
  /** Cryptographically random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** Boot id of the machine. */
  readonly boot: string;
  /** uid of this process, where the system knows one. */
  readonly uid?: number;
  /** Only for a new ledger: the one that it follows. */
  readonly successorOf?: Predecessor;
}

/** What one batch brings. Rows come in this order: own rows, files in order, gone, silent, calls open for 30 s, seal. */
export interface Incoming {
  readonly own?: readonly OwnRow[];
  readonly files?: readonly DrainedFile[];
  /** Writers whose process has ended and whose files were read to their ends. */
  readonly gone?: readonly string[];
  /** Writers whose process exists and that sent nothing for 20 s. May be said again and again. */
  readonly silent?: readonly string[];
}

export interface Appended {
  /** The rows written, their seal included. Empty: nothing was worth a commit, and the new offsets wait for the next one. */
  readonly rows: readonly StoredRow[];
  /** The newest note, which covers all of them. */
  readonly note: StoredNote;
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
  readonly #signers: readonly { name: string; key: SigningKey }[];
  readonly #hosts: HostMemory;
  readonly #catalogues = new Set<string>();
  /** Guarded by the queue: only one append at a time touches what follows. Rebuilt from the store when an append fails. */
  #state: Resumed;
  #stale = false;
  #moved = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();
  #end: Error | undefined;

  private constructor(options: LedgerOptions, identity: Identity, signers: readonly [SigningKey, SigningKey], state: Resumed, log: CheckpointLog) {
    this.#options = options;
    this.#state = state;
    this.#log = log;
    this.#hosts = new HostMemory(options.store);
    this.origin = identity.origin;
    const [logKey, epochKey] = signers;
    this.#signers = [
      { name: this.origin, key: logKey },
      { name: `${this.origin}/epoch/0`, key: epochKey },
    ];
    this.vkey = vkey({ name: this.origin, publicKey: logKey.publicKey });
  }

  /**
   * Opens the ledger in a store, or begins one in an empty store. The caller holds the lock.
   *
   * @throws OutwitnessError `key-missing` `key-mode` `key-mismatch` `key-malformed` `key-weak` `operator-name`
   *   `checkpoint-log` `ledger-damaged` (the store contradicts its own newest note) `ledger-rolled-back` (the log holds a
   *   valid newer note)
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const resumed = await resume(options.store, options.keys);
    if (resumed !== undefined) {
      const log = new CheckpointLog(options.checkpoints);
      await reconcile(options.store, log, resumed.identity, resumed.note);
      options.keys.publish(vkey({ name: resumed.identity.origin, publicKey: resumed.signers[0].publicKey }));
      return new Ledger(options, resumed.identity, resumed.signers, resumed, log);
    }
    return await Ledger.#begin(options);
  }

  static async #begin(options: LedgerOptions): Promise<Ledger> {
    const signers = [loadOrCreateKey(options.keys, 'log'), loadOrCreateKey(options.keys, 'epoch-0')] as const;
    const keys = { log: signers[0].publicKey, epoch: signers[1].publicKey };
    const { operator = 'local', software, successorOf } = options;
    const { identity, members } = genesis(operator, software, keys, options.random(32), successorOf);
    const log = new CheckpointLog(options.checkpoints);
    if (log.last !== undefined) {
      log.close();
      const file = path.basename(options.checkpoints);
      throw ledgerError('ledger-rolled-back', `the store is empty and ${file} ends with a note over ${log.last.size} rows: expected no notes. Restore the store, or begin a successor ledger elsewhere.`);
    }
    options.keys.publish(vkey({ name: identity.origin, publicKey: keys.log }));
    const head: Head = { ledger: identity.ledger, tree: new CompactRange(), counts: { net: 0, gaps: 0, missing: 0 }, prev: NO_ROW };
    const assembler = new Assembler({ pending: [], writers: [], texts: new Map() });
    const state: Resumed = { identity, signers, head, assembler, spools: new Map(), note: { size: 0, note: '' }, sealed: 0 };
    const ledger = new Ledger(options, identity, signers, state, log);
    await ledger.#enqueue(() => ledger.#commit([{ members: { ...members, time: options.clock.wall() } }], new Map(), false));
    return ledger;
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
      writers.push({ writer: entry.name, pid: entry.pid, thread: entry.thread, app: entry.app, left: entry.left > 0, silent: entry.silent });
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
    return await this.#enqueue(() => this.#append(incoming, false));
  }

  /** Writes what is in hand and the closing seal. Nothing can be appended afterwards; the store stays open. */
  async close(incoming: Incoming = {}): Promise<Appended> {
    const appended = await this.#enqueue(() => this.#append(incoming, true));
    this.#end = ledgerError('ledger-closed', 'the ledger is closed: its closing seal is written. Open it again.');
    this.#log.close();
    return appended;
  }

  async #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (this.#end !== undefined) throw this.#end;
      if (this.#stale) await this.#reload();
      try {
        return await work();
      } catch (error) {
        this.#stale = true;
        throw error;
      }
    });
    this.#queue = result.catch(() => undefined);
    return await result;
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
    const worth =
      drafts.length > 0 ||
      closing ||
      now - this.#state.sealed >= IDLE_SEAL ||
      assembler.pending.unstored().length > 0 ||
      assembler.writers.unstored().length > 0 ||
      (incoming.files ?? []).some((file) => file.ended);
    if (!worth) return { rows: [], note: this.#state.note };
    return await this.#commit(drafts, texts, closing);
  }

  /** The file goes on where the last drain ended, so no record is taken twice or left out. */
  #move(file: DrainedFile, now: number): void {
    const before = this.#state.spools.get(file.name);
    const replaced = file.offset === 0 && file.damage.some((damage) => damage.event === 'lost-spool');
    if (file.offset !== (before?.offset ?? 0) && !replaced) {
      throw ledgerError('drained-file', `${file.name} was drained from offset ${file.offset}: expected ${before?.offset ?? 0}. Drain it again from there.`);
    }
    const drained = file.ended ? (before?.drained ?? 0) || now : 0;
    this.#state.spools.set(file.name, { name: file.name, offset: file.nextOffset, n: file.nextN, owner: file.owner, drained });
    this.#moved.add(file.name);
  }

  async #commit(drafts: ReturnType<Assembler['take']>, texts: Map<string, string>, closing: boolean): Promise<Appended> {
    const { store, clock, boot, uid, judge, fold, random } = this.#options;
    const { head, assembler, spools } = this.#state;
    const builder = new BatchBuilder(head, judge, random);
    for (const draft of drafts) builder.add(draft);
    for (const [digest, text] of assembler.newTexts) texts.set(digest, text);
    await this.#knowCatalogues(builder.catalogues, texts);

    const [pending, writers] = [assembler.pending.changes(), assembler.writers.changes()];
    const marks = [...this.#moved].map((name) => spools.get(name)).filter((mark) => mark !== undefined);
    const owners = new Set([...assembler.owners(), ...marks.filter((mark) => mark.drained === 0).map((mark) => mark.owner)]);
    const wall = clock.wall();
    const seal = sealMembers({
      ...{ epoch: 0, wall, monotonic: clock.monotonic(), boot, rows: head.tree.size, counts: head.counts, closing },
      ...{ pending: assembler.pending.digest(), writers: assembler.writers.digest() },
      spools: marks.map((mark) => `${mark.name} ${mark.offset} ${mark.n}`),
      uids: [...(uid === undefined ? [] : [`collector=${uid}`]), ...[...owners].map((owner) => `app=${owner}`)],
    });
    builder.add({ members: seal });

    const size = head.tree.size;
    const note = { size, note: signNote(this.origin, size, head.tree.root(), this.#signers) };
    const held = await this.#hosts.known(builder.folded());
    const rollup = builder.fold(fold, held);
    try {
      await store.commit({ rows: builder.rows, nodes: builder.nodes, pending, writers, spools: marks, texts, rollup, note });
    } catch (cause) {
      throw ledgerError('ledger-append', `a batch of ${builder.rows.length} rows was not written: ${String(cause)}. Drain again from the committed offsets.`, cause);
    }
    await this.#compare(builder.rows);
    // Only now, with the commit on disk, may anybody see the note.
    this.#log.append([note]);
    this.#hosts.add(rollup);
    assembler.newTexts.clear();
    this.#moved.clear();
    Object.assign(this.#state, { note, sealed: wall });
    return { rows: builder.rows, note };
  }

  /** A judgement without the text it was made by proves nothing. */
  async #knowCatalogues(named: ReadonlySet<string>, texts: ReadonlyMap<string, string>): Promise<void> {
    for (const digest of [...texts.keys()]) this.#catalogues.add(digest);
    for (const digest of named) {
      if (this.#catalogues.has(digest)) continue;
      if ((await this.#options.store.text(digest)) === undefined) {
        throw ledgerError('catalogue-unknown', `a row was judged by catalogue ${digest}, whose text is not in the ledger. Append its policy row first.`);
      }
      this.#catalogues.add(digest);
    }
  }

  /** Reads the batch back on another connection: what lies there must be what was signed. */
  async #compare(rows: readonly StoredRow[]): Promise<void> {
    const first = rows[0]?.seq ?? 0;
    const stored = await this.#options.store.reread(first, first + rows.length);
    const wrong = rows.find((row, i) => stored[i]?.seq !== row.seq || stored[i].leaf !== row.leaf || Buffer.compare(stored[i].rowHash, row.rowHash) !== 0);
    if (wrong === undefined && stored.length === rows.length) return;
    const seq = wrong?.seq ?? first + rows.length;
    this.#end = ledgerError('ledger-frozen', `row ${seq} was read back otherwise than it was written: expected the same bytes. Keep the evidence and begin a successor ledger.`);
    throw this.#end;
  }

  async #reload(): Promise<void> {
    const state = await resume(this.#options.store, this.#options.keys);
    if (state === undefined) throw ledgerError('ledger-damaged', 'the store has become empty. Keep the evidence and begin a successor ledger.');
    this.#state = state;
    this.#hosts.clear();
    this.#moved.clear();
    this.#catalogues.clear();
    // A failed write of the log after a commit is made good here.
    await reconcile(this.#options.store, this.#log, state.identity, state.note);
    this.#stale = false;
  }
}
