import type { ReportJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { callsHref, logHref } from '../links.ts';
import { Bytes, Count } from '../ui/figure.tsx';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

export function Cards({ report }: { readonly report: ReportJson }): ReactNode {
  const { cards, totals, coverage } = report;
  return (
    <ul className="cards" aria-label="Figures of the period">
      <Card title="Calls">
        <strong>
          <Count value={totals.events} of="totals.events" />
        </strong>
        <span>
          <Icon name="out" /> <Count value={cards.out.events} of="cards.out.events" /> out{' '}
        </span>
        <span>
          <Icon name="in" /> <Count value={cards.in.events} of="cards.in.events" /> in
        </span>
      </Card>
      <Card title="Sent by outbound calls">
        <strong>
          <Bytes value={cards.out.bytesOut} of="cards.out.bytesOut" />
        </strong>
        <span>
          <Bytes value={cards.out.bytesIn} of="cards.out.bytesIn" /> came back
        </span>
      </Card>
      <Card title="Answered to clients">
        <strong>
          <Bytes value={cards.in.bytesOut} of="cards.in.bytesOut" />
        </strong>
        <span>
          <Bytes value={cards.in.bytesIn} of="cards.in.bytesIn" /> asked
        </span>
      </Card>
      <Card title="Destinations">
        <strong>
          <Count value={cards.destinations} of="cards.destinations" />
        </strong>
        <span>
          of <Count value={cards.packages} of="cards.packages" /> {cards.packages === 1 ? 'package' : 'packages'}
        </span>
      </Card>
      <Card title="Nobody could be named">
        <strong>
          <Count value={cards.unattributed} of="cards.unattributed" />
        </strong>
        <span>
          <Link href={callsHref(report, { direction: 'out', package: '' })}>outbound calls without a package</Link>
        </span>
      </Card>
      <Card title="Failed">
        <strong>
          <Count value={cards.out.errors + cards.in.errors} />
        </strong>
        <span>
          <Count value={cards.out.errors} of="cards.out.errors" /> out,{' '}
          <Count value={cards.in.errors} of="cards.in.errors" /> in
        </span>
      </Card>
      <Card title="Known to be missing">
        <strong>
          <Count value={coverage.missing} of="coverage.missing" />
        </strong>
        <span>
          <Link href={logHref({ where: { kind: 'gap' }, fromSeq: null, toSeq: null })}>
            <Count value={report.chips.gaps.count} of="chips.gaps.count" />{' '}
            {report.chips.gaps.count === 1 ? 'gap' : 'gaps'}
          </Link>
        </span>
      </Card>
    </ul>
  );
}

function Card({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <li className="card">
      <h3>{title}</h3>
      {children}
    </li>
  );
}
