import type { ReportJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { callsHref } from '../links.ts';
import { Bytes } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { CLASS_WORDS } from './classes.ts';

/** The hosts that moved most bytes: a table whose cells hold their bars, so it needs no twin. */
export function ByteHosts({ report }: { readonly report: ReportJson }): ReactNode {
  const most = Math.max(1, ...report.bytes.map(({ bytesOut, bytesIn }) => Math.max(bytesOut, bytesIn)));
  return (
    <section className="panel" aria-labelledby="byte-hosts">
      <header className="panel-head">
        <h2 id="byte-hosts">Bytes by destination</h2>
      </header>
      {report.bytes.length === 0 ? (
        <p className="quiet">No outbound bytes in this period.</p>
      ) : (
        <table className="byte-hosts">
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {report.bytes.map((entry, index) => (
              <tr key={`${entry.host ?? ''} ${entry.class}`}>
                <th scope="row">
                  <span className="dot" data-class={entry.class} title={CLASS_WORDS[entry.class].name} />
                  <Link className="host" href={callsHref(report, { direction: 'out', host: entry.host ?? '' })}>
                    {entry.host ?? 'no host'}
                  </Link>
                </th>
                <td>
                  <Bytes value={entry.bytesOut} of={`bytes.${index}.bytesOut`} />
                  <Bar flow="out" part={entry.bytesOut / most} />
                </td>
                <td>
                  <Bytes value={entry.bytesIn} of={`bytes.${index}.bytesIn`} />
                  <Bar flow="in" part={entry.bytesIn / most} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Bar({ flow, part }: { readonly flow: 'out' | 'in'; readonly part: number }): ReactNode {
  return (
    <svg className="bar-line" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="bar-track" width="100" height="4" />
      <rect data-flow={flow} width={part === 0 ? 0 : Math.max(1, part * 100)} height="4" />
    </svg>
  );
}
