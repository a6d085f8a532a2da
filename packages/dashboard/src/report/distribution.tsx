import type { ReportJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { plural, share } from '../format.ts';
import { callsHref } from '../links.ts';
import { ChartCard } from '../ui/chart-card.tsx';
import { Bytes, Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { CLASS_WORDS } from './classes.ts';

const RADIUS = 54;
/** Gap between two arcs, in units of the drawing's length of 1000. */
const GAP = 6;

/** Outbound calls by class. */
export function Distribution({ report }: { readonly report: ReportJson }): ReactNode {
  const total = report.distribution.reduce((sum, { events }) => sum + events, 0);
  return (
    <ChartCard
      name="distribution"
      title="Where calls went"
      note="Outbound calls of the period by what is known of their destination."
      chart={
        <div className="donut">
          <Donut report={report} total={total} />
          <ul className="legend">
            {report.distribution.map(({ class: name, events }, index) => (
              <li key={name}>
                <span className="dot" data-class={name} />
                <Link href={callsHref(report, { direction: 'out', class: name })} title={CLASS_WORDS[name].about}>
                  {CLASS_WORDS[name].name}
                </Link>
                <Count value={events} of={`distribution.${index}.events`} />
                <span className="quiet">{share(events, total)}</span>
              </li>
            ))}
          </ul>
        </div>
      }
      table={
        <table>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Calls</th>
              <th scope="col">Share</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {report.distribution.map(({ class: name, events, bytesOut, bytesIn }, index) => (
              <tr key={name}>
                <th scope="row">
                  <span className="dot" data-class={name} /> {CLASS_WORDS[name].name}
                </th>
                <td>
                  <Count value={events} of={`distribution.${index}.events`} />
                </td>
                <td>{share(events, total)}</td>
                <td>
                  <Bytes value={bytesOut} of={`distribution.${index}.bytesOut`} />
                </td>
                <td>
                  <Bytes value={bytesIn} of={`distribution.${index}.bytesIn`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

function Donut({ report, total }: { readonly report: ReportJson; readonly total: number }): ReactNode {
  const words = report.distribution.map(({ class: name, events }) => `${CLASS_WORDS[name].name} ${events}`).join(', ');
  const present = report.distribution.filter(({ events }) => events > 0);
  const gap = present.length > 1 ? GAP : 0;
  let start = 0;
  return (
    <svg className="donut-drawing" viewBox="0 0 160 160" role="img" aria-label={`Outbound calls by class: ${words}.`}>
      <circle className="donut-track" cx="80" cy="80" r={RADIUS} />
      {present.map(({ class: name, events }) => {
        const length = (events / total) * 1000;
        const offset = -start;
        start += length;
        return (
          <circle
            key={name}
            className="donut-arc"
            data-class={name}
            data-events={events}
            cx="80"
            cy="80"
            r={RADIUS}
            pathLength={1000}
            strokeDasharray={`${Math.max(2, length - gap)} 1000`}
            strokeDashoffset={offset}
            transform="rotate(-90 80 80)"
          />
        );
      })}
      <text className="donut-total" x="80" y="80">
        {new Intl.NumberFormat('en-GB', { notation: 'compact' }).format(total)}
      </text>
      <text className="donut-unit" x="80" y="98">
        {plural(total, 'call').replace(/^[\d,]+ /, '')} out
      </text>
    </svg>
  );
}
