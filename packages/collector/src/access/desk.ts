import type { OwnRow } from '@outwitness/ledger';
import { AccessTable, LIMITS, type Role, sessionId, type TokenEntry } from '@outwitness/server';
import type {
  ControlAnswer,
  LinkRequest,
  RevokeRequest,
  RoleRequest,
  SignInRequest,
  SignOutRequest,
  WitnessRequest,
} from '../control/requests.ts';
import { collectorError } from '../errors.ts';
import { type AccessState, readAccess, writeAccess } from './access-file.ts';
import { IssuerDesk } from './issuer-desk.ts';
import { mayActAs, requireUserName, roleNow, type User, usersDigest, withRole } from './users.ts';

/** What the desk stands on. */
export interface DeskOptions {
  /** Path of `access.json`. */
  readonly path: string;
  readonly now: () => number;
  /** Resolves once the row is committed. */
  readonly write: (row: OwnRow) => Promise<void>;
  /** Sessions or roles may have changed. */
  readonly changed: () => void;
}

/** Who has which role, which links are good, who is signed in. Every change is a row first and `access.json` then: a crash between the two leaves it undone. */
export class Desk {
  readonly table: AccessTable;
  readonly issuers: IssuerDesk;
  readonly #options: DeskOptions;
  #users: readonly User[];
  #witness: string;

  /** @throws OutwitnessError `access-unreadable` */
  constructor(options: DeskOptions) {
    const { users, witness, issuers = [], ...entries } = readAccess(options.path);
    this.#options = options;
    this.#users = users;
    this.#witness = witness;
    this.table = new AccessTable(options.now, entries);
    this.issuers = new IssuerDesk(issuers, {
      table: this.table,
      now: options.now,
      users: () => this.#users,
      record: (actor, text) => this.#record(actor, text),
      save: () => this.#save(),
    });
  }

  get users(): readonly User[] {
    return this.#users;
  }

  get witness(): string {
    return this.#witness;
  }

  /**
   * Compares the users with what the newest row about roles says of them. If somebody else wrote the list, nobody in it stays an officer: whoever is meant to be one is appointed anew.
   *
   * @param texts of the two newest such rows, newest first; of fewer if the ledger has no more that are still there
   */
  async check(texts: readonly string[]): Promise<void> {
    const [said, before] = texts.map((text) => /; users ([0-9a-f]{16})$/.exec(text)?.[1]);
    const is = usersDigest(this.#users);
    if (said === is) return;
    if (said !== undefined && before === is) {
      // A crash came between the row and the file.
      await this.#record('collector', 'The last change of users was recorded and is not carried out');
      return;
    }
    this.#users = this.#users.map(({ name, role, since }) => ({
      name,
      role: role === 'officer' ? 'viewer' : role,
      since,
    }));
    this.table.revoke(({ role }) => role === 'officer');
    await this.#record('unknown', 'The list of users is not the one that was written last: nobody in it is an officer');
    this.#save();
  }

  /** Spends a token. Of two askers with the same one, only the first gets in. */
  async signIn({ token, session, from }: SignInRequest): Promise<ControlAnswer> {
    const grant = this.table.take(token);
    if (grant === undefined || !this.#stillGood(grant)) return { found: false };
    const whom = grant.user === '' ? grant.role : `${grant.user}, ${grant.role},`;
    try {
      const text = `Signed in to the Trust Report as ${whom} from ${from}`;
      await this.#options.write({ kind: 'control', event: 'sign-in', actor: grant.role, text });
    } catch (error) {
      this.table.add(grant);
      throw error;
    }
    const { role, user: name, expires } = this.table.open(session, grant, from);
    this.#save();
    return { found: true, role, user: name, expires };
  }

  async signOut({ session }: SignOutRequest): Promise<ControlAnswer> {
    this.table.end(session);
    this.#save();
    return {};
  }

  /** @throws OutwitnessError `access-unknown` `access-refused` `role-pending` */
  async link({ token, role, user, minutes, actor, by }: LinkRequest): Promise<ControlAnswer> {
    const { now } = this.#options;
    const expires = now() + Math.min(Math.max(minutes, 1), LIMITS.mostLinkMinutes) * 60_000;
    const name = user === '' && role === 'officer' ? this.#onlyOfficer() : user;
    if (name !== '') this.#requireRole(name, role);
    const may = role === 'officer' ? ['cli', 'officer'] : role === 'admin' ? ['cli', 'admin'] : undefined;
    if (may?.includes(actor) === false) {
      throw collectorError(
        'access-refused',
        `${actor} makes no link for an ${role}: expected ${may.join(' or ')}. Nothing was done.`,
      );
    }
    // The link of the start is printed to whoever started the program, and its use is a row.
    if (actor !== 'start') {
      const whom = name === '' ? `a ${role}` : `${name} as ${role}`;
      await this.#record(actor, `A sign-in link for ${whom}, good for ${minutes} minutes, was made${byWhom(by)}`);
    }
    this.table.add({ digest: token, role, user: name, expires });
    this.#save();
    return { user: name, expires };
  }

  /** @throws OutwitnessError `access-invalid` `access-unknown` */
  async setRole({ user, role, actor, by }: RoleRequest): Promise<ControlAnswer> {
    const now = this.#options.now();
    requireUserName(user);
    const before = this.#users.find(({ name }) => name === user);
    if (role === '' && before === undefined) throw unknownUser(user);
    if (before === undefined && this.#users.length >= MOST_USERS)
      throw collectorError('access-invalid', `there are ${MOST_USERS} users already. Remove one first.`);
    const users = withRole(this.#users, user, role === '' ? null : role, now);
    const after = users.find(({ name }) => name === user);
    const text = `${user}: ${before === undefined ? 'nobody' : roleNow(before, now)} → ${rolesAfter(after, now)}${byWhom(by)}`;
    await this.#record(actor, text, users);
    this.#users = users;
    // What was granted under the role of before ends with it.
    this.table.revoke((entry) => entry.user === user && (after === undefined || !mayActAs(after, entry.role, now)));
    this.#save();
    return { pending: after?.officerFrom !== undefined && after.officerFrom > now, from: after?.officerFrom ?? now };
  }

  /** @throws OutwitnessError `access-unknown` */
  async revoke({ session, user, actor, by }: RevokeRequest): Promise<ControlAnswer> {
    const which = (entry: { digest: string; user: string }): boolean =>
      session !== '' ? sessionId(entry.digest) === session : user === '' || entry.user === user;
    const open = this.table.entries().sessions.filter(which).length;
    if (session !== '' && open === 0)
      throw collectorError('access-unknown', `there is no session ${session}: nothing was done.`);
    const whose =
      session !== '' ? `Session ${session}` : user === '' ? 'All sessions and links' : `Sessions of ${user}`;
    await this.#record(actor, `${whose} ended${byWhom(by)}`);
    const ended = this.table.revoke(which);
    this.#save();
    return { ended };
  }

  /** Roles and issuers may have changed since a link was made. */
  #stillGood({ user: name, role, issuer: by }: TokenEntry): boolean {
    const now = this.#options.now();
    if (by !== undefined) return this.issuers.stillGood(by, name, role);
    const user = this.#users.find((one) => one.name === name);
    return name === '' || (user !== undefined && mayActAs(user, role, now));
  }

  /** One token for all witnesses; a new one takes the place of the one before. */
  async setWitness({ token, actor }: WitnessRequest): Promise<ControlAnswer> {
    const done = token === '' ? 'The token of witnesses was withdrawn' : 'A token for witnesses was made';
    await this.#record(actor, done);
    this.#witness = token;
    this.#save();
    return {};
  }

  /** @throws OutwitnessError `access-unknown`, `access-refused`, `role-pending` */
  #requireRole(name: string, role: Role): void {
    const now = this.#options.now();
    const user = this.#users.find((one) => one.name === name);
    if (user === undefined) throw unknownUser(name);
    if (mayActAs(user, role, now)) return;
    const { officerFrom = 0 } = user;
    if (role === 'officer' && officerFrom > now) {
      throw collectorError(
        'role-pending',
        `${name} becomes an officer at ${new Date(officerFrom).toISOString()}: an appointment takes effect after a day. Nothing was done.`,
      );
    }
    throw collectorError('access-refused', `${name} is ${roleNow(user, now)}: expected ${role}. Nothing was done.`);
  }

  #onlyOfficer(): string {
    const now = this.#options.now();
    const officers = this.#users.filter((user) => roleNow(user, now) === 'officer');
    const [officer] = officers;
    if (officer !== undefined && officers.length === 1) return officer.name;
    const pending = this.#users.find(({ officerFrom = 0 }) => officerFrom > now);
    if (officer === undefined && pending !== undefined) this.#requireRole(pending.name, 'officer');
    throw collectorError(
      'access-refused',
      officer === undefined
        ? 'there is no officer: expected one. Appoint one, a day ahead, with: outwitness admin role NAME officer'
        : `there are ${officers.length} officers: expected a name. Add --user NAME.`,
    );
  }

  /** @param users as they will be; default: as they are */
  async #record(actor: string, text: string, users: readonly User[] = this.#users): Promise<void> {
    const row = { kind: 'control', event: 'role', actor, text: `${text}; users ${usersDigest(users)}` } as const;
    await this.#options.write(row);
  }

  #save(): void {
    const state: AccessState = {
      schemaVersion: 1,
      users: this.#users,
      ...this.table.entries(),
      witness: this.#witness,
      issuers: this.issuers.entries,
    };
    writeAccess(this.#options.path, state);
    this.#options.changed();
  }
}

const MOST_USERS = 1_000;

function rolesAfter(user: User | undefined, now: number): string {
  if (user === undefined) return 'nobody';
  const { officerFrom = 0 } = user;
  const pending = officerFrom > now ? `, officer from ${new Date(officerFrom).toISOString()}` : '';
  return `${roleNow(user, now)}${pending}`;
}

function byWhom(by: string): string {
  return by === '' ? '' : `, by ${by}`;
}

function unknownUser(name: string): Error {
  return collectorError('access-unknown', `there is no user ${name}. List them with: outwitness admin people`);
}
