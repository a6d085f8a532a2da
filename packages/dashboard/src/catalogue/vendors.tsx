import type { ComponentJson, ComponentsJson, VendorEntryJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { plural } from '../format.ts';
import { callsHref } from '../links.ts';
import { Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { Limits } from './limits.tsx';
import { SightCells, SightHead } from './sight-cells.tsx';

/** Each vendor with its components: the services that the operator knows. */
export function Vendors({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { vendors } = components;
  return (
    <section className="panel" aria-labelledby="vendors">
      <header className="panel-head">
        <h2 id="vendors">Vendors</h2>
        <p className="panel-sum">{plural(vendors.length, 'vendor')}, each with the hosts that are known of it</p>
      </header>
      {vendors.length === 0 && (
        <p className="quiet">
          The catalogue lists no vendor. Name the services that your server may call in its file, and they are told
          apart here and in the Trust Report.
        </p>
      )}
      {vendors.map((vendor, index) => (
        <Vendor key={vendor.name} components={components} vendor={vendor} path={`vendors.${index}`} />
      ))}
    </section>
  );
}

interface VendorProps {
  readonly components: ComponentsJson;
  readonly vendor: VendorEntryJson;
  readonly path: string;
}

function Vendor({ components, vendor, path }: VendorProps): ReactNode {
  const { name, watched, listed, seen, outside, elsewhere } = vendor;
  return (
    <section className="vendor" data-vendor={name} aria-label={name}>
      <header className="vendor-head">
        <h3>
          <span className="dot" data-class={watched ? 'vendor' : 'third-party'} />
          {name}
        </h3>
        <span className="kind-of">{watched ? 'Watched vendor' : 'Third party'}</span>
        <p className="panel-sum">
          <Link href={callsHref(components, { direction: 'out', vendor: name })}>
            <Count value={seen.events} of={`${path}.seen.events`} /> {seen.events === 1 ? 'call' : 'calls'}
          </Link>
          {watched && (
            <span data-warn={outside > 0}>
              <Count value={outside} of={`${path}.outside`} /> outside its declaration
            </span>
          )}
        </p>
      </header>
      {!listed && (
        <p className="panel-note">
          No longer in the catalogue: these calls were judged by an earlier one, and keep it.
        </p>
      )}
      {vendor.components.length > 0 && (
        <div className="scroll-x" role="region" aria-label={`Components of ${name}`} tabIndex={0}>
          <table className="counts stacks">
            <thead>
              <tr>
                <th scope="col">Component</th>
                <th scope="col">Hosts and limits</th>
                <SightHead />
              </tr>
            </thead>
            <tbody>
              {vendor.components.map((component, index) => (
                <Component
                  key={component.id}
                  {...{ components, component }}
                  vendor={name}
                  path={`${path}.components.${index}`}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {listed && elsewhere > 0 && (
        <p className="panel-note">
          <Count value={elsewhere} of={`${path}.elsewhere`} /> of the calls went to hosts that it no longer lists.
        </p>
      )}
    </section>
  );
}

interface ComponentProps {
  readonly components: ComponentsJson;
  readonly component: ComponentJson;
  readonly vendor: string;
  readonly path: string;
}

function Component({ components, component, vendor, path }: ComponentProps): ReactNode {
  const { id, name, purpose, hosts, ports, methods, paths, seen, shared } = component;
  return (
    <tr>
      <th scope="row" data-label="Component">
        <Link href={callsHref(components, { direction: 'out', vendor, component: id })}>{name}</Link>
        {name !== id && <span className="under">{id}</span>}
        {purpose !== null && <span className="under">{purpose}</span>}
      </th>
      <td data-label="Hosts and limits">
        <ul className="patterns">
          {hosts.map(({ pattern, events }) => (
            <li key={pattern} data-seen={events > 0}>
              <code>{pattern}</code>
              {hosts.length > 1 && <span className="quiet"> {events > 0 ? plural(events, 'call') : 'not seen'}</span>}
            </li>
          ))}
        </ul>
        <Limits ports={ports} methods={methods} paths={paths} />
        {shared && (
          <span className="under">Counted by host and port, which another component has too: the same calls.</span>
        )}
      </td>
      <SightCells seen={seen} of={`${path}.seen`} />
    </tr>
  );
}
