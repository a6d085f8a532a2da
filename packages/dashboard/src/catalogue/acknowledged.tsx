import type { ComponentsJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { SightCells, SightHead } from './sight-cells.tsx';

/** Pairs that somebody looked at and accepts. */
export function Acknowledged({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { acknowledged } = components;
  return (
    <section className="panel" aria-labelledby="acknowledged">
      <header className="panel-head">
        <h2 id="acknowledged">Acknowledged pairs</h2>
        <p className="panel-sum">who may send where, because somebody said so</p>
      </header>
      {acknowledged.length === 0 ? (
        <p className="quiet">
          No pair was acknowledged. <code>outwitness ack &quot;package -&gt; host:port&quot; --why …</code> accepts one.
        </p>
      ) : (
        <div className="scroll-x" role="region" aria-labelledby="acknowledged" tabIndex={0}>
          <table className="counts stacks">
            <thead>
              <tr>
                <th scope="col">Pair</th>
                <SightHead packages={false} />
              </tr>
            </thead>
            <tbody>
              {acknowledged.map(({ pair, why, seen }, index) => (
                <tr key={pair}>
                  <th scope="row" data-label="Pair">
                    <code className="host">{pair}</code>
                    <span className="under">{why === '' ? 'no reason given' : why}</span>
                  </th>
                  {seen === null ? (
                    <td colSpan={4} data-label="Calls">
                      <span className="quiet">a program or an addon: it is started, not called</span>
                    </td>
                  ) : (
                    <SightCells seen={seen} of={`acknowledged.${index}.seen`} packages={false} />
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
