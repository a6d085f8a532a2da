import type { CSSProperties, ReactNode } from 'react';

import { bytes, clock, count, day, isoOfMicros } from '../format.ts';
import { rowHref } from '../links.ts';
import { sentenceOf, targetOf, textOf } from '../record/sentence.ts';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import type { LogRow } from './row-window.ts';

interface Props {
  readonly row: LogRow;
  readonly style: CSSProperties;
  readonly index: number;
  readonly fresh: boolean;
}

/** One row of the log. The whole line leads to the Forensic Record; the link in it is what a keyboard finds. */
export function RowLine({ row, style, index, fresh }: Props): ReactNode {
  const { leaf, seq } = row;
  const kind = textOf(leaf, 'kind') ?? 'dropped';
  const time = typeof leaf['time'] === 'number' ? leaf['time'] : undefined;
  return (
    <div
      className="row"
      role="row"
      style={style}
      aria-rowindex={index + 2}
      data-seq={seq}
      data-kind={kind}
      data-fresh={fresh}
    >
      <span role="cell" className="cell-seq">
        <Link href={rowHref(seq)} className="row-link" aria-label={`Row ${seq}: ${sentenceOf(leaf)}`}>
          {seq}
        </Link>
      </span>
      <span role="cell" className="cell-time" title={time === undefined ? '' : isoOfMicros(time)}>
        {time !== undefined && (
          <>
            <span className="row-day">{day(new Date(time / 1000))}</span> {clock(new Date(time / 1000))}
          </>
        )}
      </span>
      {kind === 'net' ? <CallCells row={row} /> : <OtherCells row={row} kind={kind} />}
    </div>
  );
}

function CallCells({ row: { leaf } }: { readonly row: LogRow }): ReactNode {
  const outward = leaf['direction'] === 'out';
  const outcome = textOf(leaf, 'outcome');
  const status = textOf(leaf, 'status');
  const sent = leaf['bytesOut'];
  const received = leaf['bytesIn'];
  return (
    <>
      <span role="cell" className="cell-what">
        <Icon name={outward ? 'out' : 'in'} />
        <span className="unseen">{outward ? 'out' : 'in'}</span>
        {textOf(leaf, 'method') ?? textOf(leaf, 'channel')}
      </span>
      <span role="cell" className="cell-target">
        <span className="dot" data-class={textOf(leaf, 'class')} title={textOf(leaf, 'class')} />
        <span className="clip">{targetOf(leaf)}</span>
      </span>
      <span role="cell" className="cell-package clip">
        {textOf(leaf, 'package') ?? <em>unnamed</em>}
      </span>
      <span role="cell" className="cell-outcome" data-outcome={outcome ?? 'open'}>
        {outcome === 'ok' ? (status ?? 'ok') : (outcome ?? 'open')}
      </span>
      <span
        role="cell"
        className="cell-bytes number"
        title={typeof sent === 'number' ? `${count(sent)} bytes sent` : ''}
      >
        {typeof sent === 'number' ? bytes(sent) : '–'}
      </span>
      <span
        role="cell"
        className="cell-bytes number"
        title={typeof received === 'number' ? `${count(received)} bytes received` : ''}
      >
        {typeof received === 'number' ? bytes(received) : '–'}
      </span>
    </>
  );
}

function OtherCells({ row, kind }: { readonly row: LogRow; readonly kind: string }): ReactNode {
  return (
    <>
      <span role="cell" className="cell-what">
        <span className="kind" data-kind={kind}>
          {textOf(row.leaf, 'event') ?? kind}
        </span>
      </span>
      <span role="cell" className="cell-words clip" aria-colspan={5}>
        {row.dropped ? 'The text of this row is gone; its hash stays.' : sentenceOf(row.leaf)}
      </span>
    </>
  );
}
