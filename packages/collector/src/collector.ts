import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type Appended, highWater, keyDirectory, Ledger, type OwnRow, type Predecessor } from '@outwitness/ledger';
import { fold, type SettingsFact } from '@outwitness/report';
import type { Backend, SettingsJson } from '@outwitness/server';
import {
  openJournalBesideStore,
  openStore,
  type SqliteJournal,
  type SqliteStore,
  type StoreLock,
} from '@outwitness/store-sqlite';
import { readAcknowledged } from './acknowledged-file.ts';
import { Desk } from './access/desk.ts';
import { newestRoleTexts } from './access/role-rows.ts';
import { AgentSettingsFile } from './agent-settings.ts';
import { endAlive, type OwnVerification, readAlive, writeAlive } from './alive-file.ts';
import { type LoadedCatalogue, loadCatalogue } from './catalogue-file.ts';
import type { Actor, ControlAnswer, ControlRequest } from './control/requests.ts';
import { createDataDir, type DataDir, placesOf } from './data-dir.ts';
import { Judging } from './judging.ts';
import { catalogueInForce } from './make-report.ts';
import { bootId, machineClock, stateFolder } from './machine.ts';
import { perform } from './perform.ts';
import { giveSpool } from './run-as.ts';
import type { LiveFacts } from './report-source.ts';
import { daysText, Retaining, type RetentionRun } from './retaining.ts';
import { SelfVerification } from './self-verification.ts';
import { endServed, type ServedAt, servedBefore, writeServed } from './served-file.ts';
import { servedHere } from './served-here.ts';
import { serverBackend } from './server-backend.ts';
import { planChange, settingsPath, shownSettings, writeChange } from './settings-change.ts';
import { type EffectiveSettings, readSettings, type SettingsInput } from './settings.ts';
import { takeLock } from './take-lock.ts';
import { WritingLoop } from './writing-loop.ts';

export interface CollectorOptions {
  dir: DataDir;
  settings: SettingsInput;
  /** Name and version, such as `outwitness 0.1.0`. */
  software: string;
  /** Path of the verifier's program. */
  verifier: string;
  /** Primary group of the audited processes if it is not ours: may append to the spool and read `agent.json`. */
  appGroup?: number;
  /** Judge by the catalogue that the ledger names last, whatever the settings here say: for a process that only adds a row. */
  keepCatalogue?: boolean;
  /** This process has the ledger open to read. */
  besideJournal?: boolean;
  /** How long to wait while somebody holds the lock who is no running collector but adds a row and goes, ms. Default: not at all. */
  patienceMs?: number;
  /** A new ledger begins in place of this one. */
  successorOf?: Predecessor;
  /** A line for people: something went wrong that ends nothing. */
  notice(text: string): void;
}

interface Parts {
  options: CollectorOptions;
  lock: StoreLock;
  store: SqliteStore;
  ledger: Ledger;
  settings: EffectiveSettings;
  judging: Judging;
}

/** How often `alive` is touched and the settings are looked at, ms. */
const PULSE_MS = 1_000;
const HOUR_US = 3_600_000_000;

/**
 * The one process that writes a data directory: holds the lock, drains the spool into the ledger, answers requests of other processes, keeps `agent.json` and `alive`, and has its own ledger verified.
 *
 * Emits `commit` (rows and note of a batch), `verified` (a result of the verifier) and `access` (sessions or roles may have changed).
 */
export class Collector extends EventEmitter<{ commit: [Appended]; verified: [OwnVerification]; access: [] }> {
  readonly dir: DataDir;
  readonly software: string;
  readonly ledger: Ledger;
  readonly #since = Date.now();
  readonly #parts: Parts;
  readonly #loop: WritingLoop;
  readonly #agent: AgentSettingsFile;
  readonly #verification: SelfVerification;
  readonly #desk: Desk;
  readonly #retaining: Retaining;
  /** The policy that the ledger has, or is about to get. */
  #keepDays: number;
  #settings: EffectiveSettings;
  #shown = { port: 0, url: '' };
  #pulse: NodeJS.Timeout | undefined;
  #complaint = '';
  #epochProblem = '';
  #highWaterProblem = '';
  #replacing = false;
  #journal: SqliteJournal | undefined;
  #performing: Promise<unknown> = Promise.resolve();

  private constructor(parts: Parts) {
    super();
    const { options, ledger } = parts;
    this.#parts = parts;
    this.dir = options.dir;
    this.software = options.software;
    this.ledger = ledger;
    this.#settings = parts.settings;
    this.#agent = new AgentSettingsFile(options.dir.agent, options.appGroup);
    this.#loop = new WritingLoop(options.dir, ledger, {
      committed: (appended) => this.emit('commit', appended),
      failed: (error) => this.#complain(error.message),
      requested: (request) => this.perform(request),
    });
    this.#desk = new Desk({
      path: options.dir.access,
      now: Date.now,
      write: (row) => this.#write(row),
      changed: () => this.emit('access'),
    });
    this.#verification = new SelfVerification(
      options.verifier,
      options.dir,
      {
        verified: (result) => this.emit('verified', result),
        daily: (result) => void this.#retain('collector', async () => result).catch(() => undefined),
        failed: (error) => this.#complain(error.message),
      },
      readAlive(options.dir.alive, 0)?.whole,
    );
    this.#retaining = new Retaining(ledger);
    this.#keepDays = parts.settings.values.retentionDays;
  }

  /**
   * Takes the lock and opens or begins the ledger. Nothing is drained before {@link start}.
   *
   * @throws OutwitnessError of settings, catalogue, data directory, lock, store or ledger; a ledger that exists is unchanged then
   */
  static async open(options: CollectorOptions): Promise<Collector> {
    const settings = readSettings(options.settings);
    const judging = new Judging(catalogueOf(settings, options.dir));
    createDataDir(options.dir);
    if (options.appGroup !== undefined) giveSpool(options.dir, options.appGroup);
    const lock = await takeLock(options.dir, options.patienceMs ?? 0);
    let store: SqliteStore | undefined;
    try {
      store = openStore(options.dir.ledger, options.besideJournal);
      const uid = process.getuid?.();
      const ledger = await Ledger.open({
        store,
        keys: keyDirectory(options.dir.keys),
        checkpoints: options.dir.checkpoints,
        software: options.software,
        operator: settings.values.operator,
        epoch: { rows: settings.values.epochRows, us: settings.values.epochHours * HOUR_US },
        judge: judging.judge,
        fold,
        clock: machineClock(),
        random: randomBytes,
        boot: bootId(),
        highWater: highWater(stateFolder(), options.dir.root),
        pid: process.pid,
        ...(options.successorOf === undefined ? {} : { successorOf: options.successorOf }),
        ...(uid === undefined ? {} : { uid }),
      });
      const inForce = await catalogueInForce(store);
      if (options.keepCatalogue === true && inForce.digest !== '') judging.replace(inForce);
      if (inForce.digest !== judging.catalogue.digest) await ledger.append({ own: [policyRow(judging.catalogue)] });
      const keepDays = settings.values.retentionDays;
      if (options.keepCatalogue !== true && (await ledger.floor()).keepDays !== keepDays)
        await ledger.append({ own: [retentionRow(keepDays)] });
      const collector = new Collector({ options, lock, store, ledger, settings, judging });
      if (collector.#desk.users.length > 0) await collector.#desk.check(await newestRoleTexts(store));
      return collector;
    } catch (error) {
      store?.close();
      lock.release();
      throw error;
    }
  }

  get settings(): EffectiveSettings {
    return this.#settings;
  }

  get catalogue(): LoadedCatalogue {
    return this.#parts.judging.catalogue;
  }

  get verification(): OwnVerification | undefined {
    return this.#verification.result;
  }

  /** Where this process shows the report, for `alive` and `served.json`. */
  shownAt(place: ServedAt & { port: number }): void {
    this.#shown = { port: place.port, url: place.url };
    this.#announce(place.local);
    writeServed(this.dir.served, place, this.#parts.options.appGroup);
    this.#beat();
  }

  #announce(local: string): void {
    if (local !== '') this.#parts.judging.announce(local);
  }

  /** Writes `agent.json` and begins to drain and to verify. */
  start(): void {
    this.#agent.write(this.#settings.values, Date.now());
    // A collector that was killed has left its own.
    this.#announce(servedBefore(this.dir.served));
    endServed(this.dir.served);
    this.#beat();
    this.#loop.start();
    this.#verification.start();
    this.#pulse = setInterval(() => this.#beat(), PULSE_MS);
  }

  /** Generation of the settings in `agent.json`. */
  get generation(): number {
    return this.#agent.current?.generation ?? 0;
  }

  /** Resolves once the row is committed; rejects if it cannot be. */
  control(...row: Parameters<WritingLoop['control']>): Promise<void> {
    return this.#loop.control(...row);
  }

  /**
   * Does what another part of ours asks for; resolves once it is done and its row committed. In a collector that was not started nothing is drained on the way.
   *
   * @throws OutwitnessError of the request, or of the ledger if the row cannot be written
   */
  async perform(request: ControlRequest): Promise<ControlAnswer> {
    const on = {
      desk: this.#desk,
      write: (row: OwnRow) => this.#write(row),
      changeSettings: (changes: string, actor: Actor, by: string) => this.#changeSettings(changes, actor, by),
      vacuum: (actor: string) => this.#vacuum(actor),
      erase: (seq: number, actor: string, why: string) => this.#erase(seq, actor, why),
    };
    if (request.do === 'record') return perform(request, on);
    // One after the other: each stands on what the one before has left.
    const performed = this.#performing.then(() => perform(request, on));
    this.#performing = performed.catch(() => undefined);
    return performed;
  }

  async #write(row: OwnRow): Promise<void> {
    if (this.#pulse === undefined) await this.ledger.append({ own: [row] });
    else await this.#loop.write(row);
  }

  async #changeSettings(changes: string, actor: Actor, by: string): Promise<ControlAnswer> {
    const { text, values } = planChange(this.#settings, changes);
    if (text === '') return { generation: this.generation };
    const whose = by === '' ? '' : `, by ${by}`;
    await this.#write({ kind: 'control', event: 'settings', actor, text: `${text}${whose}` });
    writeChange(settingsPath(this.#parts.options.settings), values);
    // Told to others at once: whoever asked reads it there.
    if (this.#pulse !== undefined) this.#beat();
    return { generation: this.generation };
  }

  async #vacuum(actor: string): Promise<ControlAnswer> {
    const done = this.#retain(actor, () => this.#verification.all());
    // The run is told in `alive`, its failure too: nobody waits minutes for an answer.
    if (this.#pulse !== undefined) {
      done.catch(() => undefined);
      return { started: true };
    }
    const { dropped, to, waits } = await done;
    return { dropped, to, waits };
  }

  async #erase(seq: number, actor: string, why: string): Promise<boolean> {
    const appended = await this.ledger.erase({ seq, actor, why });
    this.emit('commit', appended);
    return appended.scrubbed;
  }

  #retain(actor: string, verify: () => Promise<OwnVerification | undefined>): Promise<RetentionRun> {
    const run = this.#retaining.run(actor, verify);
    // One who asked a collector that was not started gets the error itself.
    if (this.#pulse !== undefined) run.catch((error: unknown) => this.#complain((error as Error).message));
    return run;
  }

  living(): ReturnType<WritingLoop['living']> {
    return this.#loop.living();
  }

  backlog(): ReturnType<WritingLoop['backlog']> {
    return this.#loop.backlog(Date.now());
  }

  /** What a report takes from the moment. */
  liveFacts(): LiveFacts {
    const { result, whole } = this.#verification;
    return { living: this.living(), frozen: this.ledger.frozen?.message ?? '', verification: result, whole };
  }

  settingsFact(): SettingsFact {
    const { enabled, strict, disabledChannels, learnDays } = this.#settings.values;
    return { generation: this.generation, enabled, strict, disabledChannels, learnDays };
  }

  shownSettings(): SettingsJson {
    return shownSettings(this.#settings, settingsPath(this.#parts.options.settings), this.generation);
  }

  /** What a server in this process reads and asks. */
  backend(): Backend {
    this.#journal ??= openJournalBesideStore(this.dir.ledger);
    return serverBackend(servedHere(this, this.#desk, this.#journal));
  }

  /** Drains what is left, writes the closing seal, lets go of the lock. */
  async stop(): Promise<void> {
    clearInterval(this.#pulse);
    await this.#verification.stop();
    await this.#loop.stop();
    await this.#retaining.stop();
    this.#journal?.close();
    this.#parts.store.close();
    endServed(this.dir.served);
    endAlive(this.dir.alive);
    this.#parts.lock.release();
  }

  #beat(): void {
    try {
      this.#followSettings();
      this.#writeAlive();
      this.#followEpoch();
    } catch (error) {
      this.#complain((error as Error).message);
    }
  }

  #writeAlive(): void {
    const { bytes, lagMs } = this.backlog();
    writeAlive(this.dir.alive, {
      schemaVersion: 1,
      pid: process.pid,
      software: this.software,
      since: this.#since,
      at: Date.now(),
      ...this.#shown,
      uid: process.getuid?.() ?? -1,
      backlogBytes: bytes,
      lagMs,
      frozen: this.ledger.frozen?.message ?? '',
      learnDays: this.#settings.values.learnDays,
      catalogue: this.catalogue.digest,
      living: this.living(),
      verification: this.verification,
      settings: this.shownSettings(),
      whole: this.#verification.whole,
      retention: this.#retaining.last,
      places: placesOf(this.dir),
    });
  }

  #followSettings(): void {
    const { options } = this.#parts;
    const next = readSettings(options.settings);
    const changed = JSON.stringify(next.values) !== JSON.stringify(this.#settings.values);
    if (this.#agent.changedBySomeoneElse()) {
      this.#agent.forget();
      this.#record('settings', 'unknown', 'agent.json was changed or removed by somebody else and is written again');
    }
    const catalogue = catalogueOf(next, this.dir);
    this.#settings = next;
    if (next.values.retentionDays !== this.#keepDays) this.#replaceRetention(next.values.retentionDays);
    if (this.#agent.write(next.values, Date.now()) && changed) {
      this.#record('settings', 'collector', `settings of generation ${this.generation} are in force`);
    }
    if (catalogue.digest !== this.catalogue.digest && !this.#replacing) void this.#replaceCatalogue(catalogue);
    this.#complaint = '';
  }

  /** Said once until it is over: neither an epoch that cannot close nor a missing high-water stops anything. */
  #followEpoch(): void {
    const { problem } = this.ledger.epoch;
    if (problem !== '' && problem !== this.#epochProblem) {
      this.#parts.options.notice(
        `${problem}. Rows are written all the same; correct the folder of keys, ${this.dir.keys}.`,
      );
    }
    this.#epochProblem = problem;
    const { highWaterProblem } = this.ledger;
    if (highWaterProblem !== '' && this.#highWaterProblem === '') {
      this.#parts.options.notice(
        `the high-water cannot be kept: ${highWaterProblem}. Rows are written all the same, but a data directory put back as a whole will not be noticed; let this user write ${stateFolder()}.`,
      );
    }
    this.#highWaterProblem = highWaterProblem;
  }

  /** Rows are judged by the new catalogue only once its text is in the ledger. */
  async #replaceCatalogue(catalogue: LoadedCatalogue): Promise<void> {
    this.#replacing = true;
    try {
      await this.#loop.write(policyRow(catalogue));
      this.#parts.judging.replace(catalogue);
    } catch (error) {
      this.#complain((error as Error).message);
    } finally {
      this.#replacing = false;
    }
  }

  #replaceRetention(keepDays: number): void {
    this.#keepDays = keepDays;
    this.#loop.write(retentionRow(keepDays)).catch((error: unknown) => {
      this.#keepDays = NaN; // tried again
      this.#complain((error as Error).message);
    });
  }

  #record(...row: Parameters<WritingLoop['control']>): void {
    this.control(...row).catch((error: unknown) => this.#complain((error as Error).message));
  }

  /** The same complaint is said once until it is over. */
  #complain(text: string): void {
    if (text === this.#complaint) return;
    this.#complaint = text;
    this.#parts.options.notice(text);
  }
}

function catalogueOf({ values }: EffectiveSettings, dir: DataDir): LoadedCatalogue {
  return loadCatalogue(values.catalogue, values.hosts, readAcknowledged(dir.acknowledged));
}

function policyRow({ text, digest }: LoadedCatalogue): OwnRow {
  return { kind: 'policy', catalogue: text, text: `catalogue ${digest.slice(0, 12)} is in force` };
}

function retentionRow(keepDays: number): OwnRow {
  return { kind: 'policy', keepDays, text: `texts of rows are kept ${daysText(keepDays)}` };
}
