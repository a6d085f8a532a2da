import { join } from 'node:path';
import type { OwnVerification } from './alive-file.ts';
import type { DataDir } from './data-dir.ts';
import { VERIFY_ALL_MS, VERIFY_NEWEST_MS, VERIFY_NEWEST_ROWS } from './defaults.ts';
import { runVerifier, type VerifierRun } from './verification.ts';

/**
 * Has the ledger verified by the verifier's own program: the newest rows and the schema every 20 s, everything once a day. A bad result of the whole stays until the whole was good again.
 */
export class SelfVerification {
  readonly #bin: string;
  readonly #dir: DataDir;
  readonly #listener: { verified(result: OwnVerification): void; failed(error: Error): void };
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #allAt = Date.now();
  #all: OwnVerification | undefined;
  #newest: OwnVerification | undefined;

  constructor(
    bin: string,
    dir: DataDir,
    listener: { verified(result: OwnVerification): void; failed(error: Error): void },
  ) {
    this.#bin = bin;
    this.#dir = dir;
    this.#listener = listener;
  }

  /** What counts now: the worse of the newest whole and the newest partial run. */
  get result(): OwnVerification | undefined {
    const bad = this.#all !== undefined && this.#all.exit >= 20;
    return bad && (this.#newest === undefined || this.#newest.exit < 20) ? this.#all : this.#newest;
  }

  start(): void {
    void this.#tick();
    this.#timer = setInterval(() => void this.#tick(), VERIFY_NEWEST_MS);
    this.#timer.unref();
  }

  /** Verifies everything now. */
  async all(): Promise<OwnVerification | undefined> {
    this.#allAt = Date.now();
    this.#all = await this.#run({});
    if (this.#all !== undefined) this.#newest = this.#all;
    return this.#all;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort();
    await this.#running;
  }

  async #tick(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#running = (async () => {
      if (Date.now() - this.#allAt >= VERIFY_ALL_MS) await this.all();
      else this.#newest = (await this.#run({ newest: VERIFY_NEWEST_ROWS })) ?? this.#newest;
    })();
    await this.#running;
    this.#running = undefined;
  }

  async #run(part: Pick<VerifierRun, 'newest'>): Promise<OwnVerification | undefined> {
    try {
      const { verdict, exit, range, findings } = await runVerifier({
        bin: this.#bin,
        path: this.#dir.root,
        pins: [join(this.#dir.keys, 'log.vkey')],
        signal: this.#abort.signal,
        ...part,
      });
      const result: OwnVerification = { verdict, exit, at: Date.now(), range, findings: findings.slice(0, 20) };
      this.#listener.verified(result);
      return result;
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#listener.failed(error as Error);
      return undefined;
    }
  }
}
