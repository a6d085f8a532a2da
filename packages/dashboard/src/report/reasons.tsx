import type { DetailJson, ReasonJson, Severity } from '@outwitness/server';
import type { ReactNode } from 'react';

import { logHref, rowHref } from '../links.ts';
import { Count, Time } from '../ui/figure.tsx';
import { Icon, type IconName } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';

const SEVERITY: Readonly<Record<Severity, { word: string; icon: IconName }>> = {
  alarm: { word: 'Alarm', icon: 'bad' },
  attention: { word: 'Attention', icon: 'warn' },
  'insufficient-data': { word: 'Not enough data', icon: 'unknown' },
};

export function Reasons({ reasons }: { readonly reasons: readonly ReasonJson[] }): ReactNode {
  if (reasons.length === 0) return null;
  return (
    <section className="reasons" aria-labelledby="reasons">
      <h2 id="reasons">Why</h2>
      <ul>
        {reasons.map((reason, index) => (
          <Reason key={`${reason.id} ${index}`} reason={reason} path={`reasons.${index}`} />
        ))}
      </ul>
    </section>
  );
}

function Reason({ reason, path }: { readonly reason: ReasonJson; readonly path: string }): ReactNode {
  const { word, icon } = SEVERITY[reason.severity];
  return (
    <li className="reason" data-severity={reason.severity} data-reason={reason.id}>
      <p className="reason-head">
        <span className="tag" data-severity={reason.severity}>
          <Icon name={icon} />
          {word}
        </span>
        <code className="reason-id">{reason.id}</code>
      </p>
      <p className="reason-text">{reason.text}</p>
      <p className="reason-action">
        <strong>What to do:</strong> {reason.action}
      </p>
      <p className="reason-links">
        <Link href={logHref(reason.link)}>Show the rows</Link> <span className="quiet">·</span>{' '}
        <span className="quiet">
          counted <Count value={reason.count} of={`${path}.count`} />
        </span>
      </p>
      {reason.detail.length > 0 && <Details reason={reason} path={path} />}
    </li>
  );
}

function Details({ reason, path }: { readonly reason: ReasonJson; readonly path: string }): ReactNode {
  return (
    <details>
      <summary>
        {reason.detail.length === 1 ? 'The case' : `The ${reason.detail.length} cases`}
        {reason.detailOmitted > 0 && (
          <>
            {' '}
            (<Count value={reason.detailOmitted} of={`${path}.detailOmitted`} /> more not shown)
          </>
        )}
      </summary>
      <ul className="cases">
        {reason.detail.map((detail, index) => (
          <Case key={`${detail.text} ${index}`} detail={detail} path={`${path}.detail.${index}`} />
        ))}
      </ul>
    </details>
  );
}

function Case({ detail, path }: { readonly detail: DetailJson; readonly path: string }): ReactNode {
  return (
    <li>
      <p>{detail.text}</p>
      <p className="quiet">
        {detail.site !== null && <code>{detail.site}</code>}{' '}
        {detail.time !== null && <Time at={detail.time} of={`${path}.time`} />}{' '}
        <Link href={logHref(detail.link)}>
          <Count value={detail.count} of={`${path}.count`} /> counted
        </Link>
        {detail.seq !== null && (
          <>
            {' '}
            · newest <Link href={rowHref(detail.seq)}>row {detail.seq}</Link>
          </>
        )}
      </p>
    </li>
  );
}
