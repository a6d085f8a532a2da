import type { ReactNode } from 'react';

import { report as askReport } from '../api/client.ts';
import { useLive } from '../api/live.tsx';
import { useResource, useThrottled } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { hrefOf, usePlace } from '../location.ts';
import { ByteHosts } from '../report/byte-hosts.tsx';
import { Cards } from '../report/cards.tsx';
import { Chips } from '../report/chips.tsx';
import { Destinations } from '../report/destinations.tsx';
import { Distribution } from '../report/distribution.tsx';
import { FirstRun } from '../report/first-run.tsx';
import { NotProven } from '../report/not-proven.tsx';
import { Predecessor } from '../report/predecessor.tsx';
import { reportParams } from '../report/period.ts';
import { Reasons } from '../report/reasons.tsx';
import { Timeline } from '../report/timeline.tsx';
import { Toolbar } from '../report/toolbar.tsx';
import { Verdict } from '../report/verdict.tsx';

/** Least time between two requests for the report, ms. */
const REFRESH_MS = 1_000;

export function TrustReport({ onSignedOut }: ScreenProps): ReactNode {
  const place = usePlace();
  const { head } = useLive();
  const version = useThrottled(head?.size ?? 0, REFRESH_MS);
  const asked = new URLSearchParams(
    [...place.params].filter(([name]) => ['period', 'from', 'to', 'app'].includes(name)),
  );
  const { data: report, error } = useResource(
    hrefOf('', asked),
    version,
    (signal) => askReport(reportParams(place, Date.now()), signal),
    onSignedOut,
  );
  return (
    <div className="page">
      <title>Trust Report · Outwitness</title>
      <Toolbar place={place} apps={report?.apps} />
      {error !== undefined && (
        <p className="problem banner" role="alert">
          {error.message}
          {report !== undefined && ' Below is what was last known.'}
        </p>
      )}
      {report === undefined ? (
        error === undefined && <p className="page-wait">Counting…</p>
      ) : (
        <>
          <Verdict report={report} />
          <Chips chips={report.chips} />
          {report.predecessor !== null && <Predecessor before={report.predecessor} />}
          <Reasons reasons={report.reasons} />
          {report.totals.events === 0 ? (
            <FirstRun report={report} />
          ) : (
            <>
              <Cards report={report} />
              <div className="pair">
                <Distribution report={report} />
                <Timeline report={report} />
              </div>
              <Destinations report={report} />
              <ByteHosts report={report} />
            </>
          )}
          <NotProven notChecked={report.coverage.notChecked} />
        </>
      )}
    </div>
  );
}
