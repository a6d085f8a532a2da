/** Who gets in: tokens, sessions and the cookie, put together. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Backend } from './backend.ts';
import { ApiError } from './errors.ts';
import { GuessLimit } from './guess-limit.ts';
import { demand, type Permission } from './roles.ts';
import type { SessionCookie } from './session-cookie.ts';
import { type Session, Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

export class Door {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly #backend: Backend;
  readonly #guesses: GuessLimit;
  readonly #cookie: SessionCookie;

  constructor(backend: Backend, now: () => number, cookie: SessionCookie) {
    this.#backend = backend;
    this.sessions = new Sessions(now);
    this.tokens = new Tokens(now);
    this.#guesses = new GuessLimit(now);
    this.#cookie = cookie;
  }

  /**
   * Turns a token into a session. The row that says so is committed before the session exists; if it cannot be, there is
   * none and the token stays good.
   *
   * @throws ApiError `too-many-guesses`, `token-refused`, `not-recorded`
   */
  async signIn(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Session> {
    this.#guesses.check(request.ip);
    const grant = this.tokens.take(token);
    if (grant === undefined) {
      this.#guesses.wrong(request.ip);
      throw new ApiError(
        'token-refused',
        'This token is unknown, was used before, or is too old. Use the newest link that Outwitness printed.',
      );
    }
    try {
      const text = `Signed in to the Trust Report as ${grant.role} from ${request.ip}`;
      await this.#backend.control({ event: 'sign-in', actor: grant.role, text });
    } catch (cause) {
      this.tokens.putBack(token, grant);
      throw new ApiError(
        'not-recorded',
        'The sign-in could not be written to the record, so it did not happen. Check that the collector runs, then try again.',
        { cause },
      );
    }
    this.sessions.revoke(this.#cookie.read(request));
    const { secret, session } = this.sessions.open(grant.role);
    this.#cookie.set(reply, secret);
    return session;
  }

  /** @throws ApiError `signed-out`, `not-allowed` */
  admit(request: FastifyRequest, permission: Permission): Session {
    const session = this.sessions.find(this.#cookie.read(request));
    if (session === undefined)
      throw new ApiError('signed-out', 'Sign in first: open the link that Outwitness printed.');
    demand(session.role, permission);
    return session;
  }

  signOut(request: FastifyRequest, reply: FastifyReply): void {
    this.sessions.revoke(this.#cookie.read(request));
    this.#cookie.clear(reply);
  }
}
