import type { Call } from '../call.ts';

/** Origins with a queue, above which the empty ones are let go. */
const MOST_QUEUES = 1000;

/** Calls that failed before a connection of theirs was made, of one origin. */
const MOST_FAILED = 64;

/** Where undici sends a request, and the calls to there whose headers are still to be sent. */
export class Queue {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** Those for which no connection is being made, and those for which one is; the oldest first. */
  readonly #waiting = new Set<Call>();
  readonly #connecting = new Set<Call>();
  /** Numbers of the newest calls that failed, each until a connection was put down to it. */
  readonly #failed: number[] = [];

  constructor(scheme: string, host: string, port: number) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  get empty(): boolean {
    return this.#waiting.size === 0 && this.#connecting.size === 0;
  }

  add(call: Call): void {
    this.#waiting.add(call);
  }

  /** The call has its connection, or needs none. */
  leave(call: Call): void {
    if (!this.#waiting.delete(call)) this.#connecting.delete(call);
  }

  fail(call: Call): void {
    this.leave(call);
    if (this.#failed.length >= MOST_FAILED) this.#failed.shift();
    this.#failed.push(call.id);
  }

  /** Number of the call for which a connection to this origin is being made. */
  take(): number | undefined {
    for (const call of this.#waiting) {
      this.#waiting.delete(call);
      this.#connecting.add(call);
      return call.id;
    }
    // A connection that closes before it is used is made anew for the same request.
    for (const call of this.#connecting) {
      this.#connecting.delete(call);
      this.#connecting.add(call);
      return call.id;
    }
    // After an abort undici connects once more, for the request that nobody waits for any longer.
    return this.#failed.pop();
  }
}

/**
 * For whom does undici connect? Its Client opens a connection inside, for the first request of a queue that nobody else can see; which request gets it is known only when the headers are sent. Until then it is put down to the oldest waiting call of the same origin: if it fails, it is a part of that call and no row of its own. Pools open one connection per waiting request in the order in which these were made, so the guess is seldom wrong; the claim at `sendHeaders` corrects it.
 */
export class Waiting {
  readonly #queues = new Map<string, Queue>();

  /** The one queue of an origin, until `trim`. */
  queue(scheme: string, host: string, port: number): Queue {
    const key = keyOf(scheme, host, port);
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new Queue(scheme, host, port);
      this.#queues.set(key, queue);
    }
    return queue;
  }

  find(scheme: string, host: string, port: number): Queue | undefined {
    return this.#queues.get(keyOf(scheme, host, port));
  }

  get full(): boolean {
    return this.#queues.size >= MOST_QUEUES;
  }

  /** Lets go of the origins for which nobody waits. */
  trim(): void {
    for (const [key, queue] of this.#queues) if (queue.empty) this.#queues.delete(key);
  }
}

function keyOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${host}:${port}`;
}
