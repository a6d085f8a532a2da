import type { TrafficJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { traffic as askTraffic } from '../api/client.ts';
import { useLive } from '../api/live.tsx';
import { useResource, useThrottled } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { AddFilter } from '../filter/add-filter.tsx';
import { chipKey, FilterChip } from '../filter/filter-chip.tsx';
import type { Filter } from '../filter/filter.ts';
import { count, plural } from '../format.ts';
import { hrefOf, type Place, usePlace } from '../location.ts';
import { reportParams } from '../report/period.ts';
import { Toolbar } from '../report/toolbar.tsx';
import { GroupBy } from '../traffic/group-by.tsx';
import { GroupTable, SortChoice } from '../traffic/group-table.tsx';
import { OverTime } from '../traffic/over-time.tsx';
import { ASKED, FIELDS, hrefFiltered, trafficFilters, trafficParams } from '../traffic/query.ts';
import { Bytes, Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';

/** Least time between two requests, ms. */
const REFRESH_MS = 1_000;

/** Calls counted in groups of the reader's choice, from the totals that are kept beside the rows. */
export default function TrafficSummary({ onSignedOut }: ScreenProps): ReactNode {
  const place = usePlace();
  const { head } = useLive();
  const version = useThrottled(head?.size ?? 0, REFRESH_MS);
  const asked = [...place.params].filter(([name]) => ASKED.includes(name));
  const { data: traffic, error } = useResource(
    hrefOf('', asked),
    version,
    (signal) => askTraffic(trafficParams(place, reportParams(place, Date.now())), signal),
    onSignedOut,
  );
  return (
    <div className="page">
      <title>Traffic Summary · Outwitness</title>
      <header className="log-head">
        <h1>Traffic Summary</h1>
        <p className="quiet">Calls counted hour by hour as their rows are written, in groups of your choice.</p>
      </header>
      <Toolbar place={place} apps={traffic?.apps} />
      <GroupBy place={place} />
      <Filters place={place} />
      {error !== undefined && (
        <p className="problem banner" role="alert">
          {error.message}
          {traffic !== undefined && ' Below is what was last known.'}
        </p>
      )}
      {traffic === undefined ? (
        error === undefined && <p className="page-wait">Counting…</p>
      ) : (
        <Counted place={place} traffic={traffic} />
      )}
    </div>
  );
}

function Filters({ place }: { readonly place: Place }): ReactNode {
  const filters = trafficFilters(place);
  const hrefWithFilters = (next: readonly Filter[]): string => hrefFiltered(place, next);
  return (
    <div className="filter-bar">
      <ul className="filters" aria-label="Filters in force">
        {filters.map((filter) => (
          <FilterChip key={chipKey(filter)} filter={filter} filters={filters} hrefOf={hrefWithFilters} />
        ))}
        {filters.length === 0 && <li className="quiet">Every call of the period is counted.</li>}
      </ul>
      <AddFilter fields={FIELDS.map(({ id }) => id)} filters={filters} hrefOf={hrefWithFilters} />
    </div>
  );
}

function Counted({ place, traffic }: { readonly place: Place; readonly traffic: TrafficJson }): ReactNode {
  const { totals, groups, groupsOmitted } = traffic;
  if (groups.length === 0) return <Nothing place={place} />;
  return (
    <>
      <ul className="cards" aria-label="Totals">
        <li className="card">
          <h2>Calls</h2>
          <strong>
            <Count value={totals.events} of="totals.events" />
          </strong>
          <span>in {plural(groups.length + groupsOmitted, 'group')}</span>
        </li>
        <li className="card">
          <h2>Failed</h2>
          <strong>
            <Count value={totals.errors} of="totals.errors" />
          </strong>
        </li>
        <li className="card">
          <h2>Sent</h2>
          <strong>
            <Bytes value={totals.bytesOut} of="totals.bytesOut" />
          </strong>
        </li>
        <li className="card">
          <h2>Received</h2>
          <strong>
            <Bytes value={totals.bytesIn} of="totals.bytesIn" />
          </strong>
        </li>
      </ul>
      <OverTime traffic={traffic} />
      <section className="panel" aria-labelledby="groups">
        <header className="panel-head">
          <h2 id="groups">Groups</h2>
          <p className="panel-sum">
            {groupsOmitted > 0
              ? `The first ${count(groups.length)} of ${count(groups.length + groupsOmitted)}; the totals above hold all of them.`
              : 'Each leads to its calls in the Audit Log.'}
          </p>
          <SortChoice place={place} traffic={traffic} />
        </header>
        <GroupTable place={place} traffic={traffic} />
        {traffic.otherHosts > 0 && (
          <p className="panel-note others-note">
            <Count value={traffic.otherHosts} of="otherHosts" />{' '}
            {traffic.otherHosts === 1 ? 'call stands' : 'calls stand'} under (other hosts): outbound, beyond the first
            10,000 hosts of a package in one hour; inbound, to an address that is not known. Their rows in the Audit Log
            have what is known of the host.
          </p>
        )}
      </section>
    </>
  );
}

function Nothing({ place }: { readonly place: Place }): ReactNode {
  return (
    <div className="empty">
      <h2>No call is counted here</h2>
      <p>
        {trafficFilters(place).length > 0 ? (
          <>
            Take a filter off, or <Link href={hrefFiltered(place, [])}>count every call of the period</Link>.
          </>
        ) : (
          'No call is on record in this period. Choose a longer one, or use the application.'
        )}
      </p>
    </div>
  );
}
