/** Kills applications, collectors and both at once, many times over one ledger after the other, and counts what came of it. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type StubServer, startStubServer } from '../servers/stub-server.ts';
import { AuditedFolder } from '../system/audited-folder.ts';
import { auditedNodes } from '../system/node-binaries.ts';
import type { Running } from '../system/outwitness.ts';
import { newestLoggedNote } from '../system/shown-notes.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const VICTIMS = ['application', 'collector', 'both at once'] as const;
export type KilledVictim = (typeof VICTIMS)[number];

export interface CountedKill {
  readonly victim: KilledVictim;
  /** The collector had begun a transaction whose COMMIT had not returned. */
  readonly inTransaction: boolean;
  /** Requests that the server got of this run. */
  readonly served: number;
  /** Of these, those that have no row in the end. */
  lost: number;
  /** What the verifier found in the ledger that was left; empty = whole. */
  readonly inconsistent: string;
}

export interface KillsOfLedger {
  readonly kills: readonly CountedKill[];
  readonly doubled: number;
  /** What the verifier found in the end; empty = whole. */
  readonly inconsistent: string;
}

const TRANSACTIONS = join(import.meta.dirname, '../fixtures/killed/transactions.cjs');
const ENGINE = join(import.meta.dirname, '../../packages/store-sqlite/package.json');
const LANES = 3;
const KILLS_PER_LEDGER = 24;
/** An application that is to survive its collector lives so long, ms. */
const SURVIVOR_MS = 700;
/** Longest wait for the moment of a kill, ms. */
const WITHIN_MS = { application: 250, collector: 900 } as const;
/** A transaction lasts some milliseconds: when it has begun, the signal follows within so many. */
const INSIDE_MS = 3;

/** @returns at least the wanted number of kills that count: the server had got something by then */
export async function killManyTimes(
  wanted: number,
  progress: (counted: number, wanted: number) => void = () => {},
): Promise<KillsOfLedger[]> {
  const done: KillsOfLedger[] = [];
  let begun = 0;
  let counted = 0;
  const one = (kill: CountedKill): void => {
    if (kill.served > 0) progress(Math.min(++counted, wanted), wanted);
  };
  const lane = async (): Promise<void> => {
    for (;;) {
      if (counted >= wanted || begun >= 2 * wanted) return;
      const size = Math.min(KILLS_PER_LEDGER, Math.max(3, wanted - counted));
      begun += size;
      done.push(await killOverOneLedger(size, one));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return done;
}

async function killOverOneLedger(size: number, told: (kill: CountedKill) => void): Promise<KillsOfLedger> {
  using folder = temporaryFolder('many-kills');
  await using server = await startStubServer();
  const round = new Round(folder.path, server);
  for (let i = 0; i < size; i++) told(await round.kill(VICTIMS[i % VICTIMS.length] ?? 'application', i));
  return await round.end();
}

/** One ledger, its kills, and what was shown of it. */
class Round {
  readonly #place: AuditedFolder;
  readonly #server: StubServer;
  readonly #marks: string;
  readonly #pin: string;
  readonly #nodes = auditedNodes();
  readonly #kills: CountedKill[] = [];
  #collector: Running | undefined;

  constructor(folder: string, server: StubServer) {
    this.#place = new AuditedFolder(folder, server);
    this.#server = server;
    this.#marks = join(folder, 'transactions');
    this.#pin = join(folder, 'pin');
    writeFileSync(this.#marks, '');
  }

  async kill(victim: KilledVictim, i: number): Promise<CountedKill> {
    this.#collector ??= await this.#place.collector({
      NODE_OPTIONS: `--require ${TRANSACTIONS}`,
      TRANSACTIONS: this.#marks,
      WRITE_ENGINE: ENGINE,
    });
    const node = this.#nodes[i % this.#nodes.length]?.path;
    const life = victim === 'collector' ? { RUN_MS: `${SURVIVOR_MS}` } : {};
    const application = this.#place.application(`kill${i}`, { PAUSE_MS: '1', ...life }, node);
    const ended = once(application, 'close');
    await this.#firstRequest(`/kill${i}/`);
    if (victim === 'application') await sleep(Math.random() * WITHIN_MS.application);
    else await this.#momentOfCollector(i);
    this.#keepShownNote();
    if (victim !== 'collector') application.kill('SIGKILL');
    const inTransaction = victim === 'application' ? false : await this.#killCollector();
    await ended;
    const served = this.#server.requests.filter((path) => path.startsWith(`/kill${i}/`)).length;
    const inconsistent = victim === 'application' ? '' : await this.#verdict();
    const kill = { victim, inTransaction, served, lost: 0, inconsistent };
    this.#kills.push(kill);
    return kill;
  }

  async end(): Promise<KillsOfLedger> {
    if (this.#collector === undefined) await this.#place.drain();
    else await this.#place.stop(this.#collector);
    for (const [i, kill] of this.#kills.entries()) kill.lost = this.#place.balance(`kill${i}`).missing.length;
    return { kills: this.#kills, doubled: this.#place.balance().twice.length, inconsistent: await this.#verdict() };
  }

  async #firstRequest(prefix: string): Promise<void> {
    const until = performance.now() + 30_000;
    while (!this.#server.requests.some((path) => path.startsWith(prefix)) && performance.now() < until) await sleep(3);
  }

  /** Half of them at any moment, the others as soon as a transaction has begun. */
  async #momentOfCollector(i: number): Promise<void> {
    if (i % 4 < 2) {
      await sleep(Math.random() * WITHIN_MS.collector);
      return;
    }
    const before = this.#transactions().length;
    const until = performance.now() + WITHIN_MS.collector;
    while (performance.now() < until) {
      const marks = this.#transactions();
      if (marks.length > before && marks.endsWith('B')) break;
      await sleep(1);
    }
    const at = performance.now() + Math.random() * INSIDE_MS;
    while (performance.now() < at) continue;
  }

  async #killCollector(): Promise<boolean> {
    const { child, ended } = this.#collector as Running;
    child.kill('SIGKILL');
    await ended;
    this.#collector = undefined;
    return this.#transactions().endsWith('B');
  }

  #transactions(): string {
    return readFileSync(this.#marks, 'latin1');
  }

  /** Whoever saw a note must find its rows in whatever comes later. */
  #keepShownNote(): void {
    const note = newestLoggedNote(this.#place.data);
    if (note !== undefined) writeFileSync(this.#pin, note);
  }

  async #verdict(): Promise<string> {
    const pins = [join(this.#place.data, 'keys/log.vkey'), this.#pin];
    const { exit, verdict, findings } = await this.#place.verify(pins);
    return exit === 0 ? '' : [verdict, ...findings.map(({ code, got }) => `${code} ${got}`)].join(' ');
  }
}
