import type { ComponentsJson, UnclassifiedJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { callsHref } from '../links.ts';
import { Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { SightCells, SightHead } from './sight-cells.tsx';

/** Hosts that were contacted and that nothing explained. */
export function Unclassified({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { unclassified, unclassifiedOmitted } = components;
  return (
    <section className="panel" aria-labelledby="unclassified">
      <header className="panel-head">
        <h2 id="unclassified">Seen, but in no entry</h2>
        <p className="panel-sum">hosts that no entry explained when they were called</p>
      </header>
      {unclassified.length === 0 ? (
        <p className="quiet">Every host of this period was explained.</p>
      ) : (
        <div className="scroll-x" role="region" aria-labelledby="unclassified" tabIndex={0}>
          <table className="counts stacks">
            <thead>
              <tr>
                <th scope="col">Host</th>
                <SightHead />
              </tr>
            </thead>
            <tbody>
              {unclassified.map(({ host, port, seen, now }, index) => (
                <tr key={`${host ?? ''} ${port ?? ''}`}>
                  <th scope="row" data-label="Host">
                    <span className="dot" data-class="unclassified" />
                    <Link className="host" href={callsHref(components, rowsOf(host, port))}>
                      {host ?? 'no host'}
                      {port === null ? '' : `:${port}`}
                    </Link>
                    {now !== null && <span className="under">{wordsOf(now)}</span>}
                  </th>
                  <SightCells seen={seen} of={`unclassified.${index}.seen`} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {unclassifiedOmitted > 0 && (
        <p className="panel-note">
          <Count value={unclassifiedOmitted} of="unclassifiedOmitted" /> further hosts are not listed.
        </p>
      )}
    </section>
  );
}

/** Hosts beyond what the rollup tells apart have rows with their own names. */
function rowsOf(host: string | null, port: number | null): Record<string, string> {
  return {
    direction: 'out',
    class: 'unclassified',
    port: port === null ? '' : String(port),
    ...(host === '(other)' ? {} : { host: host ?? '' }),
  };
}

function wordsOf({ kind, vendor }: NonNullable<UnclassifiedJson['now']>): string {
  if (kind === 'internal') return 'listed as internal by now; these calls keep their class';
  if (kind === 'acknowledged') return 'acknowledged by now; these calls keep their class';
  return `listed under ${vendor ?? 'a vendor'} by now; these calls keep their class`;
}
