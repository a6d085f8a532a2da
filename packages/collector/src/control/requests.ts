import { type ControlEvent, type Flat, type FlatValue, OutwitnessError } from '@outwitness/event';
import type { Role } from '@outwitness/server';

/** Who asks: the command line, a signed-in person of this role, or a program for one of its users. */
export type Actor = 'cli' | Role | 'issuer';

/** A row about something that the asker does itself once it is written. */
export interface RecordRequest {
  readonly do: 'record';
  readonly event: Extract<ControlEvent, 'export' | 'acknowledge'>;
  readonly actor: Actor;
  readonly text: string;
}

/** Spends a token and opens a session; both are named by the SHA-256 of their secret, in hex. */
export interface SignInRequest {
  readonly do: 'sign-in';
  readonly token: string;
  readonly session: string;
  /** Address of the person. */
  readonly from: string;
}

export interface SignOutRequest {
  readonly do: 'sign-out';
  readonly session: string;
}

/** A one-time link, of a user or, with `user` empty, of nobody by name. */
export interface LinkRequest {
  readonly do: 'link';
  readonly token: string;
  readonly role: Role;
  readonly user: string;
  readonly minutes: number;
  /** `start`: printed by the program that was just started. */
  readonly actor: Actor | 'start';
  readonly by: string;
}

/** Gives a user a role; `role` empty takes the user away. */
export interface RoleRequest {
  readonly do: 'role';
  readonly user: string;
  readonly role: Role | '';
  readonly actor: Actor;
  readonly by: string;
}

/** Ends one session, all of a user, or, with both empty, all. */
export interface RevokeRequest {
  readonly do: 'revoke';
  readonly session: string;
  readonly user: string;
  readonly actor: Actor;
  readonly by: string;
}

/** A program that may sign its own users in; `token` empty withdraws it. */
export interface IssuerRequest {
  readonly do: 'issuer';
  readonly name: string;
  readonly token: string;
  readonly role: Role;
  readonly settings: boolean;
  readonly actor: Actor;
}

/** A one-time link for a user of the issuer whose secret has this digest. */
export interface IssuedLinkRequest {
  readonly do: 'issued-link';
  readonly issuer: string;
  readonly token: string;
  readonly role: Role;
  readonly user: string;
}

/** New values of settings, asked by an issuer for one of its users. */
export interface IssuedSettingsRequest {
  readonly do: 'issued-settings';
  readonly issuer: string;
  readonly changes: string;
  readonly user: string;
}

/** New values of settings: canonical JSON has no nesting, so the changes are a text of their own. */
export interface SettingsRequest {
  readonly do: 'settings';
  readonly changes: string;
  readonly actor: Actor;
  readonly by: string;
}

/** The token with which witnesses fetch checkpoints and tiles; `token` empty withdraws it. */
export interface WitnessRequest {
  readonly do: 'witness';
  readonly token: string;
  readonly actor: Actor;
}

/** Drop what the policy allows. */
export interface VacuumRequest {
  readonly do: 'vacuum';
  readonly actor: Actor;
}

/** Drop the text of one row. */
export interface EraseRequest {
  readonly do: 'erase';
  readonly actor: Actor;
  readonly row: number;
  readonly why: string;
}

/** What another part of ours may ask for (docs/formats/control.md, "Requests"). */
export type ControlRequest =
  | RecordRequest
  | SignInRequest
  | SignOutRequest
  | LinkRequest
  | RoleRequest
  | RevokeRequest
  | IssuerRequest
  | IssuedLinkRequest
  | IssuedSettingsRequest
  | SettingsRequest
  | WitnessRequest
  | VacuumRequest
  | EraseRequest;

/** What an answer carries beside `ok`. */
export type ControlAnswer = Flat;

/** Asks whoever writes the ledger; resolves once it is done and its row committed. */
export type AskControl = (request: ControlRequest) => Promise<ControlAnswer>;

type Shape = { readonly [member: string]: (value: FlatValue) => boolean };

const text = (most: number) => (value: FlatValue) => typeof value === 'string' && value.length <= most;
const flag = (value: FlatValue): boolean => typeof value === 'boolean';
const whole = (value: FlatValue): boolean => typeof value === 'number' && value >= 0;
const like = (pattern: RegExp) => (value: FlatValue) => typeof value === 'string' && pattern.test(value);
const digest = like(/^[0-9a-f]{64}$/);
const role = like(/^(?:viewer|operator|officer|admin)$/);
const actor = like(/^(?:cli|viewer|operator|officer|admin)$/);
const user = text(64);
const by = user;
/** A login that is also good in the name of a user, or `#` and a number. */
const issued = like(/^(?:[A-Za-z0-9][A-Za-z0-9._@-]{0,46}|#[0-9]{1,10})$/);

/** All members of a request by its `do`; all must be there. */
const SHAPES: { readonly [name in ControlRequest['do']]: Shape } = {
  record: { event: like(/^(?:export|acknowledge)$/), actor, text: text(1_024) },
  'sign-in': { token: digest, session: digest, from: text(64) },
  'sign-out': { session: digest },
  link: { token: digest, role, user, minutes: whole, actor: like(/^(?:start|cli|viewer|operator|officer|admin)$/), by },
  role: { user, role: like(/^(?:|viewer|operator|officer|admin)$/), actor, by },
  revoke: { session: like(/^(?:|[0-9a-f]{12})$/), user, actor, by },
  issuer: { name: text(16), token: like(/^(?:|[0-9a-f]{64})$/), role, settings: flag, actor },
  'issued-link': { issuer: digest, token: digest, role: like(/^(?:viewer|operator|officer)$/), user: issued },
  'issued-settings': { issuer: digest, changes: text(32_768), user: issued },
  settings: { changes: text(32_768), actor, by },
  witness: { token: like(/^(?:|[0-9a-f]{64})$/), actor },
  vacuum: { actor },
  erase: { actor, row: whole, why: text(512) },
};

/** @returns undefined for anything that is no request of this page */
export function toRequest(object: Flat): ControlRequest | undefined {
  const { do: name, ...members } = object;
  const shape =
    typeof name === 'string' && Object.hasOwn(SHAPES, name) ? SHAPES[name as ControlRequest['do']] : undefined;
  if (shape === undefined || Object.keys(members).some((member) => !Object.hasOwn(shape, member))) return undefined;
  const right = Object.entries(shape).every(([member, fits]) => {
    const value = members[member];
    return value !== undefined && fits(value);
  });
  return right ? (object as unknown as ControlRequest) : undefined;
}

/** The answer of a request that failed, as its asker gets it thrown. */
export function failure(error: unknown): Flat {
  const known = error instanceof OutwitnessError;
  return {
    ok: false,
    code: known ? error.code : 'internal',
    text: (error instanceof Error ? error.message : String(error)).slice(0, 2_000).toWellFormed(),
  };
}
