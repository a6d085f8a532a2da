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

/** A program that knows its own users and may sign them in: it proves itself by a secret of its own (docs/decisions/0007-sign-in-from-odoo.md). */
export interface Issuer {
  readonly name: string;
  /** The most that anybody gets through it; never `admin`. */
  readonly role: Role;
  /** Whether it may change the settings of {@link ISSUER_SETTINGS}. */
  readonly settings: boolean;
}

/** Names in `outwitness.config.json` of what an issuer may read, and change if it was granted. */
export const ISSUER_SETTINGS: readonly string[] = ['enabled', 'strict', 'retention', 'disabledChannels'];

/** A user of an issuer, as the issuer names him. */
export interface IssuedWanted {
  readonly role: Role;
  readonly user: string;
}

/** What the issuer got for him: the role may be a lower one. */
export interface Issued extends Session {
  readonly issuer: string;
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
  /** @returns undefined if no issuer has the secret of this digest */
  issuer(secret: string): Issuer | undefined;
  /** Makes a token for a user of an issuer, of the role asked for or the next lower one that he may have. */
  issueFor(secret: string, token: string, wanted: IssuedWanted): Promise<Issued>;
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
