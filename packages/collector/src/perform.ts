import type { OwnRow } from '@outwitness/ledger';
import type { ControlAnswer, ControlRequest } from './control/requests.ts';

/** What the requests of other programs act on. */
export interface Performing {
  /** Resolves once the row is committed. */
  write(row: OwnRow): Promise<void>;
}

/** Does what was asked for, its row first: what fails after that is on record as something that was not done. */
export async function perform(request: ControlRequest, on: Performing): Promise<ControlAnswer> {
  switch (request.do) {
    case 'record': {
      const { event, actor, text } = request;
      await on.write({ kind: 'control', event, actor, text });
      return {};
    }
  }
}
