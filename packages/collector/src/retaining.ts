import type { Ledger } from '@outwitness/ledger';
import type { OwnVerification } from './alive-file.ts';
import { collectorError } from './errors.ts';

/** The newest vacuum. `at` in ms since 1970; `problem` is why it failed, else `''`. */
export interface RetentionRun {
  at: number;
  dropped: number;
  /** Rows below have no leaf any more, but those that must stay. */
  to: number;
  /** Why it ended there. */
  waits: string;
  problem: string;
}

/** Keeps the policy of the settings in the ledger, and drops what it allows: never without a whole verification before. */
export class Retaining {
  /** The newest run. */
  last: RetentionRun | undefined;
  readonly #ledger: Ledger;
  #running: Promise<RetentionRun> | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Settles what runs. */
  async stop(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  /**
   * Verifies everything, then drops. A second caller gets the result of the first.
   *
   * @param verify runs the verifier over the whole ledger
   * @throws OutwitnessError `ledger-unverified`, or of the ledger
   */
  async run(actor: string, verify: () => Promise<OwnVerification | undefined>): Promise<RetentionRun> {
    this.#running ??= this.#drop(actor, verify).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #drop(actor: string, verify: () => Promise<OwnVerification | undefined>): Promise<RetentionRun> {
    try {
      const verification = await verify();
      if (verification === undefined || verification.exit >= 20) throw unverified(verification?.verdict);
      const { dropped, to, waits } = await this.#ledger.vacuum(actor);
      this.last = { at: Date.now(), dropped, to, waits, problem: '' };
      return this.last;
    } catch (error) {
      const { to = 0 } = this.last ?? {};
      this.last = { at: Date.now(), dropped: 0, to, waits: '', problem: (error as Error).message };
      throw error;
    }
  }
}

/** Days for people: `for good` where nothing is ever dropped. */
export function daysText(days: number): string {
  return days === 0 || days === Infinity ? 'for good' : `for ${days} days`;
}

function unverified(verdict: string | undefined): Error {
  return collectorError(
    'ledger-unverified',
    `the ledger is ${verdict ?? 'not verified'}: expected one that verifies. Nothing is dropped; keep the evidence and look at it with: outwitness verify`,
  );
}
