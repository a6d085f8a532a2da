import { type ReactNode, useId } from 'react';

import { go, hrefWith, usePlace } from '../location.ts';
import { Icon } from './icons.tsx';

interface Props {
  /** Parameter of the address that remembers the choice. */
  readonly name: string;
  readonly title: string;
  readonly note?: ReactNode;
  readonly chart: ReactNode;
  /** The same numbers for whoever cannot or will not read the drawing. */
  readonly table: ReactNode;
}

export function ChartCard({ name, title, note, chart, table }: Props): ReactNode {
  const place = usePlace();
  const id = useId();
  const asTable = place.params.get(name) === 'table';
  return (
    <section className="panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        <button
          type="button"
          className="tool"
          onClick={() => go(hrefWith(place, { [name]: asTable ? null : 'table' }), true)}
        >
          <Icon name={asTable ? 'chart' : 'table'} />
          <span>{asTable ? 'Chart' : 'Table'}</span>
          <span className="unseen"> of {title}</span>
        </button>
      </header>
      {note !== undefined && <p className="panel-note">{note}</p>}
      {asTable ? (
        // It scrolls where it is too wide, and that must work by keyboard too.
        <div className="scroll-x" role="region" aria-labelledby={id} tabIndex={0}>
          {table}
        </div>
      ) : (
        chart
      )}
    </section>
  );
}
