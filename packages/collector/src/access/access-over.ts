import type {
  Access,
  AccessTable,
  Issued,
  IssuedWanted,
  Issuer,
  LinkWanted,
  PeopleJson,
  Role,
  Session,
  Who,
} from '@outwitness/server';
import type { AskControl, LinkRequest } from '../control/requests.ts';
import type { IssuerEntry } from './issuers.ts';
import { shownUser, type User } from './users.ts';

/** What is known of who is in: of this process itself, or of the one that writes `access.json`. */
export interface AccessView {
  table(): AccessTable;
  users(): readonly User[];
  issuers(): readonly IssuerEntry[];
  onChange(listener: () => void): () => void;
}

/** Lets people in by asking whoever writes the ledger, in this process or another. */
export class AccessOver implements Access {
  readonly #ask: AskControl;
  readonly #view: AccessView;
  /** Signed out here: that counts even where the collector could not be told. */
  readonly #left = new Set<string>();

  constructor(ask: AskControl, view: AccessView) {
    this.#ask = ask;
    this.#view = view;
  }

  async signIn(ask: { token: string; session: string; from: string }): Promise<Session | undefined> {
    const { found, role, user, expires } = await this.#ask({ do: 'sign-in', ...ask, from: ask.from.slice(0, 64) });
    if (found !== true) return undefined;
    return { role: role as Role, user: String(user), expires: Number(expires) };
  }

  find(session: string): Session | undefined {
    return this.#left.has(session) ? undefined : this.#view.table().find(session);
  }

  async signOut(session: string): Promise<void> {
    if (this.find(session) === undefined) return;
    this.#left.add(session);
    await this.#ask({ do: 'sign-out', session });
  }

  async issue(token: string, { role, user, minutes }: LinkWanted, who: Who | undefined): Promise<void> {
    const asker: Pick<LinkRequest, 'actor' | 'by'> =
      who === undefined ? { actor: 'start', by: '' } : { actor: who.role, by: who.user };
    await this.#ask({ do: 'link', token, role, user, minutes, ...asker });
  }

  issuer(secret: string): Issuer | undefined {
    return this.#view.issuers().find(({ digest }) => digest === secret);
  }

  async issueFor(secret: string, token: string, { role: wanted, user: asked }: IssuedWanted): Promise<Issued> {
    const answer = await this.#ask({ do: 'issued-link', issuer: secret, token, role: wanted, user: asked });
    const { role, user, issuer, expires } = answer;
    return { role: role as Role, user: String(user), issuer: String(issuer), expires: Number(expires) };
  }

  people(): PeopleJson {
    const now = Date.now();
    return { users: this.#view.users().map((user) => shownUser(user, now)), sessions: this.#view.table().shown() };
  }

  async setRole(user: string, role: Role | null, who: Who): Promise<void> {
    await this.#ask({ do: 'role', user, role: role ?? '', actor: who.role, by: who.user });
  }

  async revoke(what: { session: string } | { user: string }, who: Who): Promise<void> {
    await this.#ask({ do: 'revoke', session: '', user: '', ...what, actor: who.role, by: who.user });
  }

  onChange(listener: () => void): () => void {
    return this.#view.onChange(listener);
  }
}
