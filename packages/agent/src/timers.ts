import { type Clock, withOwnBuiltins } from '@outwitness/interceptor';

interface Job {
  readonly ms: number;
  readonly run: () => void;
  timer: NodeJS.Timeout | undefined;
  /** Monotonic time at which it should have run by now. */
  overdue: number;
}

/**
 * What the agent does every so often. None of it keeps the process alive.
 *
 * A timer hangs in a list with all others of its interval, so any code of the application can find one of ours and stop it. Then the next call that is recorded starts it again.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #jobs: Job[] = [];
  /** The earliest of what is overdue next. */
  #next = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  every(ms: number, run: () => void): void {
    const job: Job = { ms, run: withOwnBuiltins(() => this.#run(job, run)), timer: undefined, overdue: 0 };
    this.#jobs.push(job);
    this.#start(job);
  }

  /** To be called at each recorded call: runs what should have run long ago. */
  lookAfter(): void {
    const now = this.#clock.monotonic();
    if (now < this.#next) return;
    for (const job of this.#jobs) {
      if (now < job.overdue) continue;
      clearInterval(job.timer);
      this.#start(job);
      job.run();
    }
    this.#wait();
  }

  #start(job: Job): void {
    job.timer = setInterval(job.run, job.ms).unref();
    this.#expect(job);
    this.#wait();
  }

  #run(job: Job, run: () => void): void {
    this.#expect(job);
    run();
  }

  /** Two intervals late, and not one: a busy process is late by itself. */
  #expect(job: Job): void {
    job.overdue = this.#clock.monotonic() + 3 * job.ms * 1000;
  }

  #wait(): void {
    this.#next = Math.min(...this.#jobs.map(({ overdue }) => overdue));
  }
}
