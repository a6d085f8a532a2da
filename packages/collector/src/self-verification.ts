import { join } from 'node:path';
import type { OwnVerification } from './alive-file.ts';
import { type DataDir, movedCheckpoints } from './data-dir.ts';
import { VERIFY_ALL_MS, VERIFY_NEWEST_MS, VERIFY_NEWEST_ROWS } from './defaults.ts';
import { runVerifier, type VerifierRun } from './verification.ts';

interface VerificationListener {
  verified(result: OwnVerification): void;
  /** After the daily run over the whole ledger. */
  daily(result: OwnVerification): void;
  failed(error: Error): void;
}

/**
 * Has the ledger verified by the verifier's own program: the newest rows and the schema every 20 s, everything once a day. A bad result of the whole stays until the whole was good again.
 */
export class SelfVerification {
  readonly #bin: string;
  readonly #dir: DataDir;
  readonly #listener: VerificationListener;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #allAt: number;
  #all: OwnVerification | undefined;
  #newest: OwnVerification | undefined;

  constructor(
    bin: string,
    dir: DataDir,
    listener: VerificationListener,
    /** The newest run over the whole ledger that a collector before this one has made. */
    whole: OwnVerification | undefined,
  ) {
    this.#bin = bin;
    this.#dir = dir;
    this.#listener = listener;
    this.#all = whole;
    this.#allAt = whole?.at ?? 0;
  }

  /** The newest run over the whole ledger. */
  get whole(): OwnVerification | undefined {
    return this.#all;
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
    const result = await this.#run({});
    if (result === undefined) return undefined;
    this.#all = result;
    this.#newest = result;
    return result;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#abort.abort();
    await this.#running;
  }

  async #tick(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#running = (async () => {
      if (Math.abs(Date.now() - this.#allAt) >= VERIFY_ALL_MS) {
        const result = await this.all();
        if (result !== undefined) this.#listener.daily(result);
      } else this.#newest = (await this.#run({ newest: VERIFY_NEWEST_ROWS })) ?? this.#newest;
    })();
    await this.#running;
    this.#running = undefined;
  }

  async #run(part: Pick<VerifierRun, 'newest'>): Promise<OwnVerification | undefined> {
    try {
      const checkpoints = movedCheckpoints(this.#dir);
      const { verdict, exit, range, findings } = await runVerifier({
        bin: this.#bin,
        path: this.#dir.root,
        pins: [join(this.#dir.keys, 'log.vkey')],
        signal: this.#abort.signal,
        ...(checkpoints === undefined ? {} : { checkpoints }),
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
