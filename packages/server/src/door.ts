/** Who gets in: tokens, sessions and the cookie, put together. */
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Access, Session } from './access.ts';
import { ApiError } from './errors.ts';
import { GuessLimit } from './guess-limit.ts';
import { demand, type Permission } from './roles.ts';
import { digestOf, newSecret } from './secrets.ts';
import type { SessionCookie } from './session-cookie.ts';

/** A session as a request shows it. */
export interface Admitted extends Session {
  /** Names it towards {@link Access}. */
  readonly digest: string;
}

export class Door {
  readonly #access: Access;
  /** One for all secrets that can be guessed. */
  readonly guesses: GuessLimit;
  readonly #cookie: SessionCookie;

  constructor(access: Access, now: () => number, cookie: SessionCookie) {
    this.#access = access;
    this.guesses = new GuessLimit(now);
    this.#cookie = cookie;
  }

  /**
   * Turns a token into a session. The row that says so is committed before the session exists; if it cannot be, there is
   * none and the token stays good.
   *
   * @throws ApiError `too-many-guesses`, `token-refused`, `not-recorded`
   */
  async signIn(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Session> {
    this.guesses.check(request.ip);
    const secret = newSecret();
    let session: Session | undefined;
    try {
      session = await this.#access.signIn({ token: digestOf(token), session: digestOf(secret), from: request.ip });
    } catch (cause) {
      throw new ApiError(
        'not-recorded',
        'The sign-in could not be written to the record, so it did not happen. Check that the collector runs, then try again.',
        { cause },
      );
    }
    if (session === undefined) {
      this.guesses.wrong(request.ip);
      throw new ApiError(
        'token-refused',
        'This token is unknown, was used before, or is too old. Use the newest link that Outwitness printed.',
      );
    }
    await this.#end(request);
    this.#cookie.set(reply, secret);
    return session;
  }

  /** @throws ApiError `signed-out`, `not-allowed` */
  admit(request: FastifyRequest, permission: Permission): Admitted {
    const secret = this.#cookie.read(request);
    const digest = secret === undefined ? '' : digestOf(secret);
    const session = secret === undefined ? undefined : this.#access.find(digest);
    if (session === undefined)
      throw new ApiError('signed-out', 'Sign in first: open the link that Outwitness printed.');
    demand(session.role, permission);
    return { ...session, digest };
  }

  async signOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#cookie.clear(reply);
    await this.#end(request);
  }

  async #end(request: FastifyRequest): Promise<void> {
    const secret = this.#cookie.read(request);
    if (secret !== undefined) await this.#access.signOut(digestOf(secret));
  }
}
