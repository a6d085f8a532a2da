import { type ReactNode, useEffect } from 'react';

import { useLive } from '../api/live.tsx';
import { useThrottled } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { count, plural } from '../format.ts';
import { go, hrefOf, usePlace } from '../location.ts';
import { FilterBar } from '../log/filter-bar.tsx';
import { hrefOfQuery, type LogQuery, queryOf, selectionOf } from '../log/query.ts';
import { RowTable } from '../log/row-table.tsx';
import { type Rows, useRows } from '../log/use-rows.ts';
import { Link } from '../ui/link.tsx';

/** Least time between two requests for new rows, ms. */
const TAIL_MS = 500;

export default function AuditLog({ onSignedOut }: ScreenProps): ReactNode {
  const query = queryOf(usePlace());
  const rows = useRows(selectionOf(query).toString(), query.at, onSignedOut);
  const { head } = useLive();
  const size = useThrottled(head?.size ?? 0, TAIL_MS);
  const newest = rows.window?.newest;
  const waiting = newest === undefined ? 0 : Math.max(0, size - 1 - newest);
  const tailing = query.tail && query.at === null && query.to === null;
  // Whoever scrolled so far down that the newest rows were let go is not following them.
  const atTop = rows.window?.atTop === true;
  const { loadNewer } = rows;

  useEffect(() => {
    if (tailing && atTop && waiting > 0 && rows.busy === undefined && rows.error === undefined) loadNewer();
  }, [tailing, atTop, waiting, rows.busy, rows.error, loadNewer]);

  return (
    <div className="page log-page">
      <title>Audit Log · Outwitness</title>
      <header className="log-head">
        <h1>Audit Log</h1>
        <p className="quiet">
          One row for each call, and one for everything that touches the record.{' '}
          {size > 0 && `${count(size)} rows in all.`}
        </p>
        <TailSwitch query={query} />
      </header>
      <FilterBar query={query} />
      {rows.error !== undefined && (
        <p className="problem banner" role="alert">
          {rows.error.message}{' '}
          <button
            type="button"
            className="tool"
            onClick={() => (rows.window === undefined ? location.reload() : rows.loadOlder())}
          >
            Try again
          </button>
        </p>
      )}
      {waiting > 0 && !(tailing && atTop) && query.to === null && (
        <p className="more-newer">
          <Link className="tool" href={hrefOfQuery({ ...query, at: null })}>
            {plural(waiting, 'newer row')} in the record: go to the newest
          </Link>
          {query.at !== null && (
            <button type="button" className="tool" onClick={loadNewer}>
              Load those just above
            </button>
          )}
        </p>
      )}
      <RowTable key={`${query.at ?? ''} ${selectionOf(query).toString()}`} rows={rows} anchored={query.at !== null} />
      <LogFoot rows={rows} query={query} />
    </div>
  );
}

function TailSwitch({ query }: { readonly query: LogQuery }): ReactNode {
  const anchored = query.at !== null || query.to !== null;
  const on = query.tail && !anchored;
  return (
    <button
      type="button"
      className="switch"
      role="switch"
      aria-checked={on}
      onClick={() => go(hrefOfQuery({ ...query, at: null, to: null, tail: !on }))}
    >
      <span className="switch-track" aria-hidden="true" />
      Live tail
    </button>
  );
}

function LogFoot({ rows, query }: { readonly rows: Rows; readonly query: LogQuery }): ReactNode {
  const { window, busy, error } = rows;
  const found = window?.rows.length ?? 0;
  if (window === undefined) return error === undefined && <p className="page-wait">Reading rows…</p>;
  if (window.older !== null) {
    return (
      <p className="log-foot quiet" role="status">
        {busy === 'older'
          ? `Looking further down, at row ${count(window.older)}…`
          : `${count(found)} rows here, more below.`}
      </p>
    );
  }
  if (found === 0) {
    return (
      <div className="empty">
        <h2>No row matches</h2>
        <p>
          {query.filters.length > 0 || query.from !== null || query.to !== null ? (
            <>
              Take a filter off, or <Link href={hrefOf('/log')}>show every row</Link>.
            </>
          ) : (
            'Nothing was recorded yet. The first rows appear as soon as the collector has started.'
          )}
        </p>
      </div>
    );
  }
  return (
    <p className="log-foot quiet" role="status">
      {plural(found, 'row')}. That is the oldest that matches.
    </p>
  );
}
