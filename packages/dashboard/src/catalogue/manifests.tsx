import type { ComponentsJson, EndpointJson, ManifestJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { bytes, plural } from '../format.ts';
import { callsHref, rowHref } from '../links.ts';
import { Bytes, Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { Limits } from './limits.tsx';
import { SightCells, SightHead } from './sight-cells.tsx';

/** What packages say that they send, beside what they sent. */
export function Manifests({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { manifests } = components;
  return (
    <section className="panel" aria-labelledby="manifests">
      <header className="panel-head">
        <h2 id="manifests">Manifests</h2>
        <p className="panel-sum">what packages say that they send, beside what they sent</p>
      </header>
      {manifests.length === 0 && (
        <p className="quiet">No package brought a manifest: none says in its own words what it sends and where.</p>
      )}
      {manifests.map((manifest, index) => (
        <Manifest key={manifest.package} components={components} manifest={manifest} path={`manifests.${index}`} />
      ))}
    </section>
  );
}

interface ManifestProps {
  readonly components: ComponentsJson;
  readonly manifest: ManifestJson;
  readonly path: string;
}

function Manifest({ components, manifest, path }: ManifestProps): ReactNode {
  const { package: name, version, author, problem, endpoints, declared } = manifest;
  const outside = declared.no + declared.beyond;
  return (
    <section className="vendor" data-package={name} aria-label={name}>
      <header className="vendor-head">
        <h3>
          <code>{name}</code>
        </h3>
        <span className="quiet">
          {version}
          {author !== null && `, ${author}`}
        </span>
        <p className="panel-sum">
          <Link href={callsHref(components, { direction: 'out', package: name, declared: 'yes' })}>
            <Count value={declared.yes} of={`${path}.declared.yes`} /> declared
          </Link>
          <span data-warn={outside > 0}>
            <Link href={callsHref(components, { direction: 'out', package: name, declared: 'beyond' })}>
              <Count value={declared.beyond} of={`${path}.declared.beyond`} /> beyond
            </Link>
            {', '}
            <Link href={callsHref(components, { direction: 'out', package: name, declared: 'no' })}>
              <Count value={declared.no} of={`${path}.declared.no`} /> not declared
            </Link>
          </span>
        </p>
      </header>
      {problem !== null && <p className="problem">It cannot be read, and declares nothing: {problem}</p>}
      {problem === null && endpoints.length === 0 && (
        <p className="quiet">It declares that the package sends nothing.</p>
      )}
      {endpoints.length > 0 && (
        <div className="scroll-x" role="region" aria-label={`Endpoints of ${name}`} tabIndex={0}>
          <table className="counts stacks">
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">Purpose and data</th>
                <th scope="col">Ceilings</th>
                <SightHead packages={false} />
              </tr>
            </thead>
            <tbody>
              {endpoints.map((endpoint, index) => (
                <Endpoint key={index} endpoint={endpoint} path={`${path}.endpoints.${index}`} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Undeclared manifest={manifest} path={path} />
    </section>
  );
}

function Endpoint({ endpoint, path }: { readonly endpoint: EndpointJson; readonly path: string }): ReactNode {
  const { host, port, purpose, data, schemes, methods, paths, seen, shared } = endpoint;
  return (
    <tr>
      <th scope="row" data-label="Endpoint">
        <code className="host">
          {host}
          {port === null ? '' : `:${port}`}
        </code>
        <Limits schemes={schemes} methods={methods} paths={paths} />
        {shared && (
          <span className="under">Counted by host and port, which another endpoint has too: the same calls.</span>
        )}
      </th>
      <td data-label="Purpose and data">
        {purpose}
        {data.length > 0 && <span className="under">{data.join(', ')}</span>}
      </td>
      <td data-label="Ceilings">
        <Ceilings endpoint={endpoint} path={path} />
      </td>
      <SightCells seen={seen} of={`${path}.seen`} packages={false} />
    </tr>
  );
}

function Ceilings({ endpoint, path }: { readonly endpoint: EndpointJson; readonly path: string }): ReactNode {
  const { maxBytesOut, maxBytesOutPerDay, mostBytesOutPerDay } = endpoint;
  if (maxBytesOut === null && maxBytesOutPerDay === null) return <span className="quiet">none</span>;
  return (
    <>
      {maxBytesOut !== null && <span className="ceiling">{bytes(maxBytesOut)} a call</span>}
      {maxBytesOutPerDay !== null && (
        <>
          <span className="ceiling">{bytes(maxBytesOutPerDay)} a day</span>
          <span className="under" data-warn={mostBytesOutPerDay > maxBytesOutPerDay}>
            most on one day: <Bytes value={mostBytesOutPerDay} of={`${path}.mostBytesOutPerDay`} />
          </span>
        </>
      )}
    </>
  );
}

function Undeclared({ manifest, path }: { readonly manifest: ManifestJson; readonly path: string }): ReactNode {
  const { undeclared, undeclaredOmitted } = manifest;
  if (undeclared.length === 0) return null;
  return (
    <div className="undeclared">
      <p>It does not name:</p>
      <ul>
        {undeclared.map(({ host, port, events, lastSeq }, index) => (
          <li key={`${host ?? ''} ${port ?? ''}`}>
            <Link className="host" href={rowHref(lastSeq)}>
              {host ?? 'no host'}
              {port === null ? '' : `:${port}`}
            </Link>{' '}
            <Count value={events} of={`${path}.undeclared.${index}.events`} /> {events === 1 ? 'call' : 'calls'}
          </li>
        ))}
        {undeclaredOmitted > 0 && <li className="quiet">and {plural(undeclaredOmitted, 'further destination')}</li>}
      </ul>
    </div>
  );
}
