import { LIMITS } from './limits.ts';
import { digestOf, newSecret } from './secrets.ts';
import type { Role } from './wire.ts';

/** What a token is good for. */
export interface Grant {
  readonly role: Role;
  /** ms since 1970. */
  readonly expires: number;
}

/** One-time sign-in tokens. They live in memory: a restart voids them. */
export class Tokens {
  readonly #grants = new Map<string, Grant>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(role: Role): string {
    const token = newSecret();
    this.#grants.set(digestOf(token), { role, expires: this.#now() + LIMITS.tokenMs });
    return token;
  }

  /**
   * Takes the token out, so that of two requests with the same one only the first gets in.
   *
   * @returns its grant, or undefined if there is no such token (any more)
   */
  take(token: string): Grant | undefined {
    const digest = digestOf(token);
    const grant = this.#grants.get(digest);
    this.#grants.delete(digest);
    return grant === undefined || grant.expires <= this.#now() ? undefined : grant;
  }

  /** Undoes {@link take} for a sign-in that could not be recorded. */
  putBack(token: string, grant: Grant): void {
    this.#grants.set(digestOf(token), grant);
  }
}
