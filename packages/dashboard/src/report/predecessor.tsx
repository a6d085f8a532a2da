import type { PredecessorJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { rowHref } from '../links.ts';
import { Count, Time } from '../ui/figure.tsx';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

/** A record that began in the place of another one says so for good, with what was found there. */
export function Predecessor({ before }: { readonly before: PredecessorJson }): ReactNode {
  const { origin, size, verdict, why, since } = before;
  return (
    <aside className="panel predecessor" aria-labelledby="predecessor">
      <Icon name="warn" />
      <div>
        <h2 id="predecessor">
          Successor of another record since <Time at={since} of="predecessor.since" />
        </h2>
        <p>
          <strong>{verdict}</strong> was what the verifier found there: <code>{origin}</code>,{' '}
          <Count value={size} of="predecessor.size" /> rows. Reason given: {why}
        </p>
        <p className="panel-note">
          What came before is no part of this report. <Link href={rowHref(0)}>The first row</Link> holds the last signed
          checkpoint of that record; <code>outwitness verify --predecessor PATH</code> checks its evidence against it.
        </p>
      </div>
    </aside>
  );
}
