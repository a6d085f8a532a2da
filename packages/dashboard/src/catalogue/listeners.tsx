import type { ComponentsJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { SightCells, SightHead } from './sight-cells.tsx';

/** Names under which the audited servers are reached; nothing is shown where none is listed. */
export function Listeners({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { hosts } = components;
  if (hosts.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="listeners">
      <header className="panel-head">
        <h2 id="listeners">Names of your servers</h2>
        <p className="panel-sum">calls that come in are told apart by them</p>
      </header>
      <div className="scroll-x" role="region" aria-labelledby="listeners" tabIndex={0}>
        <table className="counts stacks">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <SightHead packages={false} />
            </tr>
          </thead>
          <tbody>
            {hosts.map(({ pattern, seen }, index) => (
              <tr key={pattern}>
                <th scope="row" data-label="Name">
                  <code>{pattern}</code>
                </th>
                <SightCells seen={seen} of={`hosts.${index}.seen`} packages={false} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
