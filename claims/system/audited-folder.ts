/** A data directory with a collector and audited applications that are started, killed and started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StubServer } from '../servers/stub-server.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { installFixture } from './fixture.ts';
import { inLedger } from './ledger-edit.ts';
import { type Running, startOutwitness, type Verification } from './outwitness.ts';

const ROOT = join(import.meta.dirname, '../..');
const REGISTER = join(ROOT, 'packages/cli/register.cjs');
const VERIFIER = join(ROOT, 'packages/verifier/bin/outwitness-verify.js');
/** A busy machine may be slow to start a process. */
const READY_MS = 60_000;

const ROWS_OF_CALLS = `SELECT leaf ->> '$.fingerprint' AS fingerprint, count(*) AS rows FROM rows
  WHERE kind = 'net' AND direction = 'out' AND app <> 'outwitness' AND leaf ->> '$.phase' <> 'end'
  AND leaf ->> '$.fingerprint' IS NOT NULL GROUP BY fingerprint`;

/** Rows of calls beside what the server was asked. */
export interface Balance {
  readonly served: number;
  /** Paths that were asked for and have no row. */
  readonly missing: readonly string[];
  /** Fingerprints of calls with more than one row. */
  readonly twice: readonly string[];
  /** Rows that are missing as `gap` rows tell. */
  readonly told: number;
}

export class AuditedFolder {
  readonly data: string;
  readonly #folder: string;
  readonly #server: StubServer;
  readonly #app: string;
  readonly #spool: string | undefined;
  /** Each collector may have begun a new day with a new key. */
  readonly #fingerprints = new Map<string, ReturnType<typeof fingerprintsOf>>();

  /**
   * @param folder a folder that exists; everything lies below it
   * @param spool where the spool lies if not in the data directory
   */
  constructor(folder: string, server: StubServer, spool?: string) {
    this.#folder = folder;
    this.#server = server;
    this.#spool = spool;
    this.data = join(folder, 'data');
    const app = join(folder, 'killed');
    this.#app = existsSync(app) ? app : installFixture('killed', folder);
  }

  /** Starts a collector and waits until it writes; rejects if it ends before. */
  async collector(env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const running = this.startCollector(env);
    if (!(await this.writes(running))) {
      const { code, stderr } = await running.ended;
      throw new Error(`the collector ended with ${code} before it wrote:\n${stderr}`);
    }
    return running;
  }

  startCollector(env: NodeJS.ProcessEnv = {}): Running {
    const spool = this.#spool === undefined ? [] : ['--spool', this.#spool];
    return startOutwitness(['collect', '--no-serve', '--quiet', '--data', this.data, ...spool], {
      cwd: this.#folder,
      env,
    });
  }

  /** @returns true once this collector has written `alive`, false if it ended before */
  async writes({ child }: Running): Promise<boolean> {
    const until = performance.now() + READY_MS;
    while (child.exitCode === null && child.signalCode === null && performance.now() < until) {
      if (this.#alivePid() === child.pid) {
        this.#noteKey();
        return true;
      }
      await sleep(5);
    }
    return false;
  }

  /** Ends a collector in good order: all that lies in the spool is in the ledger then. */
  async stop({ child, ended }: Running): Promise<void> {
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    if (code !== 0) throw new Error(`the collector ended with ${code}, expected 0:\n${stderr}`);
  }

  /** What is left in the spool becomes rows, by a collector of its own. */
  async drain(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.stop(await this.collector(env));
  }

  /**
   * Starts an audited application that makes calls.
   *
   * @param run first word of all its paths
   */
  application(run: string, env: NodeJS.ProcessEnv, node: string = process.execPath): ReturnType<typeof spawn> {
    return spawn(node, [join(this.#app, 'app.mjs')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        NODE_OPTIONS: `--require ${REGISTER}`,
        OUTWITNESS_DATA: this.data,
        OUTWITNESS_COLLECTOR: 'off',
        ...(this.#spool === undefined ? {} : { OUTWITNESS_SPOOL: this.#spool }),
        HTTP_PORT: `${this.#server.port}`,
        RUN: run,
        RUN_MS: '30000',
        LANES: '4',
        ...env,
      },
    });
  }

  /** Runs an application that makes so many calls to its end. */
  async calls(run: string, count: number, env: NodeJS.ProcessEnv = {}): Promise<void> {
    const [code] = (await once(this.application(run, { CALLS: `${count}`, ...env }), 'close')) as [number | null];
    if (code !== 0) throw new Error(`the application ended with ${code}, expected 0`);
    this.#noteKey();
  }

  /** Compares rows and requests whose paths begin with one of the runs, of all runs without. Nobody may write. */
  balance(...runs: readonly string[]): Balance {
    const wanted = (path: string): boolean => runs.length === 0 || runs.includes(path.split('/')[1] ?? '');
    const paths = [...new Set(this.#server.requests)].filter(wanted);
    const { rows, told } = this.rows();
    const target = { method: 'GET', scheme: 'http', host: '127.0.0.1', port: this.#server.port };
    const known = [...this.#fingerprints.values()];
    const found = (path: string): boolean => known.some((of) => rows.has(of({ ...target, path })));
    return {
      served: paths.length,
      missing: paths.filter((path) => !found(path)),
      twice: [...rows].filter(([, count]) => count > 1).map(([fingerprint]) => fingerprint),
      told,
    };
  }

  /** Fingerprint → rows of phase `whole` or `open`, and rows told to be missing; read from a copy, for opening a ledger folds its WAL. */
  rows(): { rows: Map<string, number>; told: number } {
    const copy = join(this.#folder, 'to-read');
    rmSync(copy, { recursive: true, force: true });
    for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-journal']) {
      if (existsSync(join(this.data, name))) cpSync(join(this.data, name), join(copy, name));
    }
    if (!existsSync(join(copy, 'ledger.db'))) return { rows: new Map(), told: 0 };
    return inLedger(copy, (database) => {
      if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'rows'").get() === undefined)
        return { rows: new Map(), told: 0 };
      const told = database.prepare("SELECT sum(leaf ->> '$.missing') AS n FROM rows WHERE kind = 'gap'").get();
      const found = database.prepare(ROWS_OF_CALLS).all();
      return {
        rows: new Map(found.map(({ fingerprint, rows }) => [fingerprint as string, Number(rows)])),
        told: Number(told?.['n'] ?? 0),
      };
    });
  }

  /** Runs the verifier's own program over the directory, with the key of the log pinned unless `pins` says otherwise. */
  async verify(
    pins: readonly string[] = [join(this.data, 'keys/log.vkey')],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Verification> {
    return verifyPath(this.data, pins, env);
  }

  /** The same server and keys of fingerprints, another copy of the data. */
  copyTo(folder: string): AuditedFolder {
    cpSync(this.data, join(folder, 'data'), { recursive: true });
    const copy = new AuditedFolder(folder, this.#server);
    for (const [key, of] of this.#fingerprints) copy.#fingerprints.set(key, of);
    return copy;
  }

  #alivePid(): number | undefined {
    try {
      return (JSON.parse(readFileSync(join(this.data, 'alive'), 'utf8')) as { pid: number }).pid;
    } catch {
      return undefined;
    }
  }

  #noteKey(): void {
    const key = readFileSync(join(this.data, 'agent.json'), 'utf8');
    if (!this.#fingerprints.has(key)) this.#fingerprints.set(key, fingerprintsOf(this.data));
  }
}

/** @returns what `outwitness-verify --json` says */
export async function verifyPath(
  path: string,
  pins: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Verification> {
  const args = [VERIFIER, path, '--json', ...pins.flatMap((pin) => ['--pin', pin])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  return JSON.parse(text) as Verification;
}
