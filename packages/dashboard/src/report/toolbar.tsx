import type { ReactNode } from 'react';

import { dateTime } from '../format.ts';
import { go, hrefWith, type Place } from '../location.ts';
import { Link } from '../ui/link.tsx';
import { periodOf, PERIODS } from './period.ts';

interface Props {
  readonly place: Place;
  /** Applications of the period, once they are known. */
  readonly apps: readonly string[] | undefined;
}

export function Toolbar({ place, apps: known = [] }: Props): ReactNode {
  const chosen = periodOf(place);
  const own = place.params.get('app');
  const apps = [...new Set([...known, ...(own === null ? [] : [own])])].toSorted();
  return (
    <div className="toolbar">
      <nav className="segments" aria-label="Period">
        {PERIODS.map(({ id, name }) => (
          <Link
            key={id}
            href={hrefWith(place, { period: id === '24h' ? null : id, from: null, to: null })}
            aria-current={id === chosen ? 'true' : undefined}
          >
            {name}
          </Link>
        ))}
        {chosen === null && (
          <span className="segment-own" aria-current="true">
            {[place.params.get('from'), place.params.get('to')]
              .map((text) => (text === null ? '…' : dateTime(new Date(text))))
              .join(' – ')}
          </span>
        )}
      </nav>
      {(apps.length > 1 || own !== null) && (
        <label className="app-choice">
          <span>Application</span>
          <select value={own ?? ''} onChange={(event) => go(hrefWith(place, { app: event.target.value || null }))}>
            <option value="">All applications</option>
            {apps.map((app) => (
              <option key={app} value={app}>
                {app}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
