/** The stream that tells open pages of a new head (server-sent events). */
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Backend } from './backend.ts';
import type { Admitted } from './door.ts';
import { ApiError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { securityHeaders } from './security-headers.ts';
import type { HeadJson } from './wire.ts';

/** ms after which a browser that lost the stream tries again. */
const RETRY_MS = 1_000;

export class Live {
  readonly #backend: Backend;
  readonly #streams = new Set<Stream>();
  readonly #stopListening: (() => void)[];
  #closed = false;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#stopListening = [
      backend.onHead((head) => {
        for (const stream of this.#streams) stream.say(head);
      }),
      backend.access.onChange(() => {
        for (const stream of this.#streams) stream.endUnlessSignedIn();
      }),
    ];
  }

  /** @throws ApiError `too-many-streams` */
  open(request: FastifyRequest, reply: FastifyReply, session: Admitted): void {
    if (this.#closed || this.#streams.size >= LIMITS.streams) {
      throw new ApiError('too-many-streams', `${this.#streams.size} pages are open already. Close one of them.`, {
        retryAfter: 10,
      });
    }
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...securityHeaders(request),
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: ${RETRY_MS}\n\n`);
    const stream = new Stream(raw, () => this.#backend.access.find(session.digest) !== undefined);
    this.#streams.add(stream);
    raw.once('close', () => {
      stream.end();
      this.#streams.delete(stream);
    });
    stream.say(this.#backend.head());
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stopListening) stop();
    for (const stream of this.#streams) stream.end();
  }
}

/** One open page. A burst of heads becomes the newest one; a page that does not read is cut off by the next heartbeat. */
class Stream {
  readonly #raw: FastifyReply['raw'];
  readonly #heartbeat: NodeJS.Timeout;
  readonly #signedIn: () => boolean;
  #newest: HeadJson | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(raw: FastifyReply['raw'], signedIn: () => boolean) {
    this.#raw = raw;
    this.#signedIn = signedIn;
    this.#heartbeat = setInterval(() => {
      if (raw.writableNeedDrain || !signedIn()) this.end();
      else raw.write(': beat\n\n');
    }, LIMITS.heartbeatMs);
  }

  say(head: HeadJson): void {
    this.#newest = head;
    if (this.#pause === undefined) this.#flush();
  }

  endUnlessSignedIn(): void {
    if (!this.#signedIn()) this.end();
  }

  end(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#pause);
    if (!this.#raw.writableEnded) this.#raw.end();
  }

  #flush(): void {
    this.#pause = undefined;
    if (this.#newest === undefined || this.#raw.writableEnded) return;
    if (!this.#raw.writableNeedDrain) this.#raw.write(`event: head\ndata: ${JSON.stringify(this.#newest)}\n\n`);
    this.#newest = undefined;
    this.#pause = setTimeout(() => this.#flush(), LIMITS.headEveryMs);
  }
}
