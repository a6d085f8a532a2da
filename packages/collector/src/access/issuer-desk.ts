import { type AccessTable, ISSUER_SETTINGS, LIMITS, type Role } from '@outwitness/server';
import type { ControlAnswer, IssuedLinkRequest, IssuedSettingsRequest, IssuerRequest } from '../control/requests.ts';
import { collectorError } from '../errors.ts';
import { parseFile } from '../settings.ts';
import { type IssuerEntry, issuedRole, mayBeIssued, requireIssuer } from './issuers.ts';
import type { User } from './users.ts';

/** What it shares with the desk. */
export interface IssuerDeskOptions {
  readonly table: AccessTable;
  readonly now: () => number;
  readonly users: () => readonly User[];
  /** Resolves once the row is committed. */
  readonly record: (actor: string, text: string) => Promise<void>;
  /** Writes `access.json`. */
  readonly save: () => void;
}

/** Programs that sign their own users in: which there are, and what each may. Every grant and every link is a row first. */
export class IssuerDesk {
  readonly #on: IssuerDeskOptions;
  #entries: readonly IssuerEntry[];

  constructor(entries: readonly IssuerEntry[], on: IssuerDeskOptions) {
    this.#entries = entries;
    this.#on = on;
  }

  get entries(): readonly IssuerEntry[] {
    return this.#entries;
  }

  /**
   * A program that signs its own users in; a new secret takes the place of the one before, and ends what came by that.
   *
   * @throws OutwitnessError `access-invalid`, `access-unknown`
   */
  async set({ name, token, role, settings, actor }: IssuerRequest): Promise<ControlAnswer> {
    requireIssuer(name, role);
    const others = this.#entries.filter((issuer) => issuer.name !== name);
    if (token === '' && others.length === this.#entries.length)
      throw collectorError('access-unknown', `there is no issuer ${name}: nothing was done.`);
    const may = `sign its users in as ${role} or less${settings ? `, and change ${ISSUER_SETTINGS.join(', ')}` : ''}`;
    await this.#on.record(actor, `Issuer ${name} may ${token === '' ? 'sign nobody in any more' : may}`);
    const entry = { name, role, settings, digest: token, since: this.#on.now() };
    this.#entries = token === '' ? others : [...others, entry];
    const ended = this.#on.table.revoke(({ issuer }) => issuer === name);
    this.#on.save();
    return { ended };
  }

  /** @throws OutwitnessError `access-unknown` `access-refused` */
  async link({ issuer: digest, token, role: wanted, user: asked }: IssuedLinkRequest): Promise<ControlAnswer> {
    const { now, table, users } = this.#on;
    const issuer = this.#issuerOf(digest);
    const user = `${issuer.name}:${asked}`;
    const role = issuedRole(issuer, user, wanted, users(), now());
    if (role === undefined)
      throw collectorError('access-refused', `${user} may not sign in as ${wanted}. Nothing was done.`);
    const expires = now() + LIMITS.issuedLinkMs;
    const lower = role === wanted ? '' : ` instead of ${wanted}`;
    const seconds = LIMITS.issuedLinkMs / 1_000;
    await this.#on.record(
      'issuer',
      `A sign-in link for ${user} as ${role}${lower}, good for ${seconds} s, was made by ${issuer.name}`,
    );
    table.add({ digest: token, role, user, issuer: issuer.name, expires });
    this.#on.save();
    return { role, user, issuer: issuer.name, expires };
  }

  /**
   * @returns in whose name the settings are changed
   * @throws OutwitnessError `access-unknown` `access-refused` `settings-invalid`
   */
  maySet({ issuer: digest, changes, user }: IssuedSettingsRequest): string {
    const { name, settings } = this.#issuerOf(digest);
    if (!settings)
      throw collectorError(
        'access-refused',
        `issuer ${name} changes no settings: expected one that was granted it. Grant it with: outwitness admin issuer ${name} --role ROLE --settings`,
      );
    const other = Object.keys(parseFile('the change', changes)).find((one) => !ISSUER_SETTINGS.includes(one));
    if (other !== undefined)
      throw collectorError(
        'access-refused',
        `issuer ${name} changes ${other}: expected one of ${ISSUER_SETTINGS.join(', ')}. Nothing was done.`,
      );
    return `${name}:${user}`;
  }

  #issuerOf(digest: string): IssuerEntry {
    const issuer = this.#entries.find((one) => one.digest === digest);
    if (issuer === undefined)
      throw collectorError('access-unknown', 'there is no issuer with this secret any more: nothing was done.');
    return issuer;
  }

  /** Whether a link that was made may still be used: grants and roles may have changed since. */
  stillGood(name: string, user: string, role: Role): boolean {
    const issuer = this.#entries.find((one) => one.name === name);
    return issuer !== undefined && mayBeIssued(issuer, user, role, this.#on.users(), this.#on.now());
  }
}
