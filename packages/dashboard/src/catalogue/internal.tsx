import type { ComponentsJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { SightCells, SightHead } from './sight-cells.tsx';

/** The organisation's own network: by pattern, and by what needs none. */
export function Internal({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { internal, internalByName } = components;
  return (
    <section className="panel" aria-labelledby="internal">
      <header className="panel-head">
        <h2 id="internal">Internal</h2>
        <p className="panel-sum">your own network</p>
      </header>
      <div className="scroll-x" role="region" aria-labelledby="internal" tabIndex={0}>
        <table className="counts stacks">
          <thead>
            <tr>
              <th scope="col">Pattern</th>
              <SightHead />
            </tr>
          </thead>
          <tbody>
            {internal.map(({ pattern, seen }, index) => (
              <tr key={pattern}>
                <th scope="row" data-label="Pattern">
                  <code>{pattern}</code>
                </th>
                <SightCells seen={seen} of={`internal.${index}.seen`} />
              </tr>
            ))}
            <tr>
              <th scope="row" data-label="Pattern">
                Inside by its own name
                <span className="under">
                  private addresses, names without a dot, sockets, programs and threads of this machine
                </span>
              </th>
              <SightCells seen={internalByName} of="internalByName" />
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}
