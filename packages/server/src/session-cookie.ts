import type { FastifyReply, FastifyRequest } from 'fastify';

import { LIMITS } from './limits.ts';

/**
 * The cookie of a session. Browsers keep one jar for all ports of a machine, so the name holds the port; the `__Host-`
 * prefix demands TLS.
 */
export class SessionCookie {
  readonly #prefix: string;
  readonly #attributes: string;

  constructor(secure: boolean) {
    this.#prefix = `${secure ? '__Host-' : ''}outwitness-`;
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  read(request: FastifyRequest): string | undefined {
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const [name, value] = pair.trim().split('=', 2);
      if (name === this.#name(request)) return value;
    }
    return undefined;
  }

  set(reply: FastifyReply, secret: string): void {
    this.#write(reply, secret, LIMITS.sessionMs / 1000);
  }

  clear(reply: FastifyReply): void {
    this.#write(reply, '', 0);
  }

  #write(reply: FastifyReply, value: string, seconds: number): void {
    reply.header('set-cookie', `${this.#name(reply.request)}=${value}; Max-Age=${seconds}; ${this.#attributes}`);
  }

  #name(request: FastifyRequest): string {
    return `${this.#prefix}${request.socket.localPort ?? 0}`;
  }
}
