import { LIMITS } from './limits.ts';
import { digestOf, newSecret } from './secrets.ts';
import type { Role } from './wire.ts';

export interface Session {
  readonly role: Role;
  /** ms since 1970: the end, however busy it is. */
  readonly expires: number;
  /** Aborted when the session is revoked: whatever it holds open ends. */
  readonly ended: AbortSignal;
}

interface Entry extends Session {
  lastUsed: number;
  readonly end: AbortController;
}

/** Sessions of signed-in people, server-side, so that they can be revoked. */
export class Sessions {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the secret that goes into the cookie, and the session */
  open(role: Role): { secret: string; session: Session } {
    // The oldest goes first: whoever can sign in that often holds the tokens anyway.
    while (this.#entries.size >= LIMITS.sessions) this.#end(this.#entries.keys().next().value ?? '');
    const secret = newSecret();
    const now = this.#now();
    const end = new AbortController();
    const entry: Entry = { role, expires: now + LIMITS.sessionMs, lastUsed: now, end, ended: end.signal };
    this.#entries.set(digestOf(secret), entry);
    return { secret, session: entry };
  }

  find(secret: string | undefined): Session | undefined {
    if (secret === undefined) return undefined;
    const digest = digestOf(secret);
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    const now = this.#now();
    if (now >= entry.expires || now >= entry.lastUsed + LIMITS.sessionIdleMs) {
      this.#end(digest);
      return undefined;
    }
    entry.lastUsed = now;
    return entry;
  }

  revoke(secret: string | undefined): void {
    if (secret !== undefined) this.#end(digestOf(secret));
  }

  revokeAll(): void {
    for (const digest of this.#entries.keys()) this.#end(digest);
  }

  #end(digest: string): void {
    const entry = this.#entries.get(digest);
    this.#entries.delete(digest);
    entry?.end.abort();
  }
}
