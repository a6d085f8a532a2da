import type { WitnessJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { Icon } from '../ui/icons.tsx';

const STATES: Readonly<Record<WitnessJson['state'], { icon: 'check' | 'warn' | 'unknown'; text: ReactNode }>> = {
  on: { icon: 'check', text: 'Served: whoever has the token gets checkpoints and hashes, and nothing else.' },
  'no-token': {
    icon: 'warn',
    text: (
      <>
        Switched on, but there is no token, so nobody gets in. Make one with <code>outwitness admin witness</code>.
      </>
    ),
  },
  off: {
    icon: 'unknown',
    text: (
      <>
        Not served. A witness keeps checkpoints elsewhere, so that nobody here can rewrite what it has seen: switch on{' '}
        <code>witness.serve</code>, and make a token with <code>outwitness admin witness</code>.
      </>
    ),
  },
};

/** Whether somebody outside can watch the record grow. */
export function Witnesses({ witness }: { readonly witness: WitnessJson }): ReactNode {
  const { icon, text } = STATES[witness.state];
  return (
    <section className="panel" aria-labelledby="witnesses">
      <header className="panel-head">
        <h2 id="witnesses">Witnesses</h2>
      </header>
      <p className="witness" data-state={witness.state}>
        <Icon name={icon} />
        <span>{text}</span>
      </p>
    </section>
  );
}
