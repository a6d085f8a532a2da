/** The port through which the server lets people in: implemented by whoever owns the ledger, since a sign-in is a row. */
import type { PeopleJson, Role } from './wire.ts';

/** Somebody who is signed in. */
export interface Session {
  readonly role: Role;
  /** `''` = whoever held the link. */
  readonly user: string;
  /** ms since 1970: the end, however busy it is. */
  readonly expires: number;
}

/** Who asks for a change. */
export type Who = Pick<Session, 'role' | 'user'>;

/** A link that is to be made. */
export interface LinkWanted {
  readonly role: Role;
  /** Of the users; `''` = nobody by name. */
  readonly user: string;
  readonly minutes: number;
}

/**
 * Tokens and sessions are named by the SHA-256 of their secret, in hex: no secret passes. What changes something resolves
 * once its row is committed, and rejects, with nothing done, if it cannot be.
 */
export interface Access {
  /**
   * Spends a one-time token and opens a session.
   *
   * @returns undefined if there is no such token (any more)
   */
  signIn(ask: {
    readonly token: string;
    readonly session: string;
    readonly from: string;
  }): Promise<Session | undefined>;
  find(session: string): Session | undefined;
  signOut(session: string): Promise<void>;
  issue(token: string, wanted: LinkWanted, who: Who | undefined): Promise<void>;
  people(): PeopleJson;
  /** @param role `null` removes the user */
  setRole(user: string, role: Role | null, who: Who): Promise<void>;
  /** Ends one session by its id, or all of a user. */
  revoke(what: { readonly session: string } | { readonly user: string }, who: Who): Promise<void>;
  /**
   * Calls `listener` after sessions may have ended.
   *
   * @returns stops the calls
   */
  onChange(listener: () => void): () => void;
}
