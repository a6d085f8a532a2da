import type { OwnRow } from '@outwitness/ledger';
import type { Desk } from './access/desk.ts';
import type { Actor, ControlAnswer, ControlRequest } from './control/requests.ts';

/** What requests act on. */
export interface Performing {
  readonly desk: Desk;
  /** Resolves once the row is committed. */
  write(row: OwnRow): Promise<void>;
  changeSettings(changes: string, actor: Actor, by: string): Promise<ControlAnswer>;
}

/** Does what was asked for, its row first: what fails after that is on record as something that was not done. */
export async function perform(request: ControlRequest, on: Performing): Promise<ControlAnswer> {
  switch (request.do) {
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
    case 'witness':
      return on.desk.setWitness(request);
    case 'settings':
      return on.changeSettings(request.changes, request.actor, request.by);
  }
}
