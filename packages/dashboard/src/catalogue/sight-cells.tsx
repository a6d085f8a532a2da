import type { SightJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { ago } from '../format.ts';
import { rowHref } from '../links.ts';
import { Bytes, Count, Time } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';

/** Head of the cells that {@link SightCells} gives. */
export function SightHead({ packages = true }: { readonly packages?: boolean }): ReactNode {
  return (
    <>
      {packages && <th scope="col">Sent by</th>}
      <th scope="col" className="figure">
        Calls
      </th>
      <th scope="col" className="figure">
        Sent
      </th>
      <th scope="col" className="figure">
        Received
      </th>
      <th scope="col" className="when">
        Last seen
      </th>
    </>
  );
}

interface Props {
  readonly seen: SightJson;
  /** Its place in the answer of the API. */
  readonly of: string;
  readonly packages?: boolean;
}

/** What was seen of an entry, as cells of its line. */
export function SightCells({ seen, of, packages = true }: Props): ReactNode {
  return (
    <>
      {packages && (
        <td data-label="Sent by">
          <Packages seen={seen} />
        </td>
      )}
      <td data-label="Calls" className="figure">
        <Count value={seen.events} of={`${of}.events`} />
      </td>
      <td data-label="Sent" className="figure">
        <Bytes value={seen.bytesOut} of={`${of}.bytesOut`} />
      </td>
      <td data-label="Received" className="figure">
        <Bytes value={seen.bytesIn} of={`${of}.bytesIn`} />
      </td>
      <td data-label="Last seen" className="when">
        {seen.lastSeen === null || seen.lastSeq === null ? (
          <span className="quiet">not in this period</span>
        ) : (
          <Link href={rowHref(seen.lastSeq)}>
            <Time at={seen.lastSeen} of={`${of}.lastSeen`}>
              {ago(Date.parse(seen.lastSeen), Date.now())}
            </Time>
          </Link>
        )}
      </td>
    </>
  );
}

function Packages({ seen: { packages, packagesOmitted } }: { readonly seen: SightJson }): ReactNode {
  if (packages.length === 0) return <span className="quiet">nobody</span>;
  return (
    <>
      {packages.map((name) => (
        <span key={name ?? ''} className="package">
          {name === null ? <em>nobody could be named</em> : <code>{name}</code>}
        </span>
      ))}
      {packagesOmitted > 0 && <span className="quiet">and {packagesOmitted} more</span>}
    </>
  );
}
