import type { OwnRow } from '@outwitness/ledger';
import type { Desk } from './access/desk.ts';
import type { Actor, ControlAnswer, ControlRequest } from './control/requests.ts';

/** What requests act on. */
export interface Performing {
  readonly desk: Desk;
  /** Resolves once the row is committed. */
  write(row: OwnRow): Promise<void>;
  changeSettings(changes: string, actor: Actor, by: string): Promise<ControlAnswer>;
  /** Drops what the policy allows; may answer before it is done. */
  vacuum(actor: string): Promise<ControlAnswer>;
  /** @returns whether nothing of the row is left in the log of the database */
  erase(row: number, actor: string, why: string): Promise<boolean>;
}

/** Does what was asked for, its row first: what fails after that is on record as something that was not done. */
export async function perform(request: ControlRequest, on: Performing): Promise<ControlAnswer> {
  switch (request.do) {
    case 'vacuum':
      return on.vacuum(request.actor);
    case 'erase':
      return { scrubbed: await on.erase(request.row, request.actor, request.why) };
    case 'record': {
      const { event, actor, text } = request;
      await on.write({ kind: 'control', event, actor, text });
      return {};
    }
    case 'sign-in':
      return on.desk.signIn(request);
    case 'sign-out':
      return on.desk.signOut(request);
    case 'link':
      return on.desk.link(request);
    case 'role':
      return on.desk.setRole(request);
    case 'revoke':
      return on.desk.revoke(request);
    case 'issuer':
      return on.desk.issuers.set(request);
    case 'issued-link':
      return on.desk.issuers.link(request);
    case 'issued-settings':
      return on.changeSettings(request.changes, 'issuer', on.desk.issuers.maySet(request));
    case 'witness':
      return on.desk.setWitness(request);
    case 'settings':
      return on.changeSettings(request.changes, request.actor, request.by);
  }
}
