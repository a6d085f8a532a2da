import type { Session } from './access.ts';
import { LIMITS } from './limits.ts';
import type { Role, SessionEntryJson } from './wire.ts';

/** A one-time token that nobody used yet. Times in ms since 1970. */
export interface TokenEntry {
  /** SHA-256 of the token, hex. */
  readonly digest: string;
  readonly role: Role;
  readonly user: string;
  /** Name of the issuer that asked for it. */
  readonly issuer?: string;
  readonly expires: number;
}

export interface SessionEntry extends Session {
  /** SHA-256 of the secret in the cookie, hex. */
  readonly digest: string;
  /** Address of the sign-in. */
  readonly from: string;
  /** Name of the issuer whose token opened it. */
  readonly issuer?: string;
  readonly since: number;
}

/** Plain data, as it may lie in a file: it holds digests and no secret. */
export interface AccessEntries {
  readonly tokens: readonly TokenEntry[];
  readonly sessions: readonly SessionEntry[];
}

/** Tokens that are good and sessions that are open. */
export class AccessTable {
  readonly #tokens = new Map<string, TokenEntry>();
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #lastUsed = new Map<string, number>();
  readonly #now: () => number;
  readonly #began: number;

  constructor(now: () => number, entries: AccessEntries = { tokens: [], sessions: [] }) {
    this.#now = now;
    this.#began = now();
    this.replace(entries);
  }

  /** Takes over what another process wrote; when a session was used last is known here alone. */
  replace({ tokens, sessions }: AccessEntries): void {
    this.#tokens.clear();
    this.#sessions.clear();
    for (const token of tokens) this.#tokens.set(token.digest, token);
    for (const session of sessions) this.#sessions.set(session.digest, session);
    for (const digest of this.#lastUsed.keys()) if (!this.#sessions.has(digest)) this.#lastUsed.delete(digest);
  }

  entries(): AccessEntries {
    const now = this.#now();
    const tokens = [...this.#tokens.values()].filter(({ expires }) => expires > now);
    const sessions = [...this.#sessions.values()].filter(({ expires }) => expires > now);
    return { tokens, sessions };
  }

  add(token: TokenEntry): void {
    while (this.#tokens.size >= LIMITS.tokens) this.#tokens.delete(this.#tokens.keys().next().value ?? '');
    this.#tokens.set(token.digest, token);
  }

  /** Takes a token out, so that of two requests with the same one only the first gets in. */
  take(digest: string): TokenEntry | undefined {
    const token = this.#tokens.get(digest);
    this.#tokens.delete(digest);
    return token === undefined || token.expires <= this.#now() ? undefined : token;
  }

  open(digest: string, { role, user, issuer }: TokenEntry, from: string): SessionEntry {
    // The oldest goes first: whoever can sign in that often holds the tokens anyway.
    while (this.#sessions.size >= LIMITS.sessions) this.end(this.#sessions.keys().next().value ?? '');
    const since = this.#now();
    const whose = issuer === undefined ? { role, user } : { role, user, issuer };
    const entry: SessionEntry = { digest, ...whose, from, since, expires: since + LIMITS.sessionMs };
    this.#sessions.set(digest, entry);
    return entry;
  }

  find(digest: string): SessionEntry | undefined {
    const entry = this.#sessions.get(digest);
    if (entry === undefined) return undefined;
    const now = this.#now();
    // A session of another process, or of before a restart, may have been busy until this one looked.
    const lastUsed = this.#lastUsed.get(digest) ?? Math.max(entry.since, this.#began);
    if (now >= entry.expires || now >= lastUsed + LIMITS.sessionIdleMs) {
      this.end(digest);
      return undefined;
    }
    this.#lastUsed.set(digest, now);
    return entry;
  }

  end(digest: string): void {
    this.#sessions.delete(digest);
    this.#lastUsed.delete(digest);
  }

  /** Takes sessions and tokens away. @returns how many sessions ended */
  revoke(which: (entry: SessionEntry | TokenEntry) => boolean): number {
    const ended = [...this.#sessions.values()].filter(which);
    for (const { digest } of ended) this.end(digest);
    for (const token of this.#tokens.values()) if (which(token)) this.#tokens.delete(token.digest);
    return ended.length;
  }

  shown(): SessionEntryJson[] {
    return this.entries().sessions.map(({ digest, role, user, from, since, expires }) => ({
      id: sessionId(digest),
      role,
      user: user === '' ? null : user,
      from,
      since: new Date(since).toISOString(),
      expiresAt: new Date(expires).toISOString(),
    }));
  }
}

/** Short name of a session, good for ending it and for nothing else. */
export function sessionId(digest: string): string {
  return digest.slice(0, 12);
}
