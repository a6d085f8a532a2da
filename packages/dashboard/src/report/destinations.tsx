import type { DestinationJson, ReportJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { ago, plural } from '../format.ts';
import { callsHref, rowHref } from '../links.ts';
import { Bytes, Count, Time } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { CLASS_WORDS } from './classes.ts';
import { Declared } from './declared.tsx';

/** A destination and its place in the report, which its numbers name. */
interface Placed {
  readonly entry: DestinationJson;
  readonly path: string;
}

/** The two questions of the report: what do watched vendors get, and what does everybody else get? */
export function Destinations({ report }: { readonly report: ReportJson }): ReactNode {
  const out = report.destinations
    .map((entry, index): Placed => ({ entry, path: `destinations.${index}` }))
    .filter(({ entry }) => entry.direction === 'out');
  const vendor = out.filter(({ entry }) => entry.class === 'vendor');
  const others = out.filter(({ entry }) => entry.class === 'third-party' || entry.class === 'unclassified');
  const internal = out.filter(({ entry }) => entry.class === 'internal');
  return (
    <>
      <section className="panel" aria-labelledby="vendors">
        <header className="panel-head">
          <h2 id="vendors">Watched vendors</h2>
          <VendorSums report={report} />
        </header>
        {vendor.length === 0 ? (
          <p className="quiet">
            {report.vendors.length === 0
              ? 'No vendor is under watch.'
              : `No call to ${report.vendors.map(({ vendor: name }) => name).join(', ')} in this period.`}
          </p>
        ) : (
          <Table report={report} placed={vendor} />
        )}
      </section>
      <section className="panel" aria-labelledby="third-parties">
        <header className="panel-head">
          <h2 id="third-parties">Third parties</h2>
          <p className="panel-sum">known services, and hosts that nobody has classified yet</p>
        </header>
        {others.length === 0 ? (
          <p className="quiet">No call to a third party in this period.</p>
        ) : (
          <Table report={report} placed={others} />
        )}
        {report.destinationsOmitted > 0 && (
          <p className="quiet">
            <Count value={report.destinationsOmitted} of="destinationsOmitted" /> further destinations are not listed.
          </p>
        )}
      </section>
      {internal.length > 0 && (
        <details className="panel">
          <summary>
            <h2>Internal</h2>{' '}
            <span className="panel-sum">{plural(internal.length, 'destination')} in your own network</span>
          </summary>
          <Table report={report} placed={internal} />
        </details>
      )}
    </>
  );
}

function VendorSums({ report }: { readonly report: ReportJson }): ReactNode {
  return (
    <p className="panel-sum">
      {report.vendors.map((entry, index) => (
        <span key={entry.vendor}>
          {entry.vendor}: <Count value={entry.events} of={`vendors.${index}.events`} />{' '}
          {entry.events === 1 ? 'call' : 'calls'},{' '}
          <span data-warn={entry.outside > 0}>
            <Count value={entry.outside} of={`vendors.${index}.outside`} /> outside its declaration
          </span>
        </span>
      ))}
    </p>
  );
}

interface TableProps {
  readonly report: ReportJson;
  readonly placed: readonly Placed[];
}

function Table({ report, placed }: TableProps): ReactNode {
  const now = Date.now();
  return (
    <div className="scroll-x">
      <table className="destinations stacks">
        <thead>
          <tr>
            <th scope="col">Destination</th>
            <th scope="col">Sent by</th>
            <th scope="col">Declared</th>
            <th scope="col">Purpose and data</th>
            <th scope="col">Calls</th>
            <th scope="col">Sent</th>
            <th scope="col">Received</th>
            <th scope="col">Last seen</th>
          </tr>
        </thead>
        <tbody>
          {placed.map(({ entry, path }) => (
            <tr key={path}>
              <th scope="row" data-label="Destination">
                <span className="dot" data-class={entry.class} title={CLASS_WORDS[entry.class].name} />
                <Link className="host" href={callsHref(report, rowsOf(entry))}>
                  {entry.host ?? 'no host'}
                  {entry.port === null ? '' : `:${entry.port}`}
                </Link>
                {entry.class === 'unclassified' && <span className="under warn">Unclassified</span>}
                {entry.vendor !== null && <span className="under">{entry.vendor}</span>}
              </th>
              <td data-label="Sent by">
                {entry.package === null ? <em>nobody could be named</em> : <code>{entry.package}</code>}
                {entry.packageVersion !== null && <span className="under">{entry.packageVersion}</span>}
              </td>
              <td data-label="Declared">
                <Declared word={entry.declared} />
                {entry.acknowledged && <span className="under">acknowledged</span>}
              </td>
              <td data-label="Purpose and data">
                {entry.purpose ?? <span className="quiet">not stated</span>}
                {entry.data.length > 0 && <span className="under">{entry.data.join(', ')}</span>}
              </td>
              <td data-label="Calls">
                <Count value={entry.events} of={`${path}.events`} />
                {entry.errors > 0 && (
                  <span className="under">
                    <Count value={entry.errors} of={`${path}.errors`} /> failed
                  </span>
                )}
              </td>
              <td data-label="Sent">
                <Bytes value={entry.bytesOut} of={`${path}.bytesOut`} />
              </td>
              <td data-label="Received">
                <Bytes value={entry.bytesIn} of={`${path}.bytesIn`} />
              </td>
              <td data-label="Last seen">
                <Link href={rowHref(entry.lastSeq)}>
                  <Time at={entry.lastSeen} of={`${path}.lastSeen`}>
                    {ago(Date.parse(entry.lastSeen), now)}
                  </Time>
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What the calls of one line have in common. */
function rowsOf({
  app,
  direction,
  package: name,
  host,
  port,
  class: kind,
  vendor,
}: DestinationJson): Record<string, string> {
  return {
    app,
    direction,
    package: name ?? '',
    host: host ?? '',
    port: port === null ? '' : String(port),
    class: kind,
    vendor: vendor ?? '',
  };
}
