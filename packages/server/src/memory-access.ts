import type { Access, Issued, Issuer, LinkWanted, Session, Who } from './access.ts';
import { AccessTable, sessionId } from './access-table.ts';
import { ApiError } from './errors.ts';
import type { PeopleJson } from './wire.ts';

/** Lets people in without a file: a restart signs everybody out. There are no users by name. */
export class MemoryAccess implements Access {
  readonly #table: AccessTable;
  readonly #now: () => number;
  readonly #record: (who: Session, text: string) => Promise<void>;
  readonly #listeners = new Set<() => void>();

  /** @param record writes the row of a sign-in; it rejects if it cannot */
  constructor(record: (who: Session, text: string) => Promise<void>, now: () => number = Date.now) {
    this.#table = new AccessTable(now);
    this.#now = now;
    this.#record = record;
  }

  async signIn(ask: { token: string; session: string; from: string }): Promise<Session | undefined> {
    const token = this.#table.take(ask.token);
    if (token === undefined) return undefined;
    try {
      await this.#record(token, `Signed in to the Trust Report as ${token.role} from ${ask.from}`);
    } catch (error) {
      this.#table.add(token);
      throw error;
    }
    return this.#table.open(ask.session, token, ask.from);
  }

  find(session: string): Session | undefined {
    return this.#table.find(session);
  }

  async signOut(session: string): Promise<void> {
    this.#table.end(session);
    this.#changed();
  }

  async issue(token: string, { role, minutes }: LinkWanted): Promise<void> {
    this.#table.add({ digest: token, role, user: '', expires: this.#now() + minutes * 60_000 });
  }

  issuer(): Issuer | undefined {
    return undefined;
  }

  async issueFor(): Promise<Issued> {
    throw new ApiError('read-only', 'This server only shows a record: no program signs anybody in here.');
  }

  people(): PeopleJson {
    return { users: [], sessions: this.#table.shown() };
  }

  async setRole(): Promise<void> {
    throw new ApiError('read-only', 'This server only shows a record: nobody gets a role here.');
  }

  async revoke(what: { session: string } | { user: string }, _who: Who): Promise<void> {
    this.#table.revoke(({ digest, user }) =>
      'session' in what ? sessionId(digest) === what.session : user === what.user,
    );
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
