import type { ReportJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { LOG } from '../links.ts';
import { Link } from '../ui/link.tsx';

/** Shown while no call of an application is on record in the period. */
export function FirstRun({ report }: { readonly report: ReportJson }): ReactNode {
  const { live } = report.coverage;
  return (
    <section className="panel first-run" aria-labelledby="first-run">
      <h2 id="first-run">No call on record in this period</h2>
      <p>
        {live > 0
          ? 'An agent is watching. As soon as the application makes or gets a call, it appears here within seconds, without reloading.'
          : 'No agent is watching at present. Start the application through Outwitness:'}
      </p>
      {live === 0 && <pre>outwitness run -- node server.js</pre>}
      <p>
        To see something now, open the application in a browser. What Outwitness itself did is in the{' '}
        <Link href={LOG}>Audit Log</Link>; it counts in no figure here.
      </p>
    </section>
  );
}
