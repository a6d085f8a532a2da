import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import { rowHref } from '../links.ts';
import { go } from '../location.ts';
import { RowLine } from './row-line.tsx';
import type { LogRow } from './row-window.ts';
import type { Rows } from './use-rows.ts';

/** CSS pixels of one line; narrow screens need two lines of text for it. */
const LINE = 36;
const NARROW_LINE = 62;
/** Lines from an end at which the next page is asked for. */
const AHEAD = 30;

interface Props {
  readonly rows: Rows;
  /** Does the reader look at a place of his own, instead of at the newest rows? */
  readonly anchored: boolean;
}

export function RowTable({ rows, anchored }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const line = narrow ? NARROW_LINE : LINE;
  const list = rows.window?.rows ?? [];
  const virtual = useVirtualizer({
    count: list.length,
    getScrollElement: () => box.current,
    estimateSize: () => line,
    getItemKey: (index) => list[index]?.seq ?? index,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [line, virtual]);
  const fresh = useKeptPlace(box, rows, line, anchored);

  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { loadOlder, loadNewer } = rows;
  useEffect(() => {
    if (rows.error !== undefined || rows.busy !== undefined || rows.window === undefined) return;
    if (last >= list.length - AHEAD && rows.window.older !== null) loadOlder();
    else if (!rows.window.atTop && first <= AHEAD && (box.current?.scrollTop ?? 0) > 0) loadNewer();
  });

  const open = (event: MouseEvent<HTMLDivElement>): void => {
    if (event.defaultPrevented || event.button !== 0 || getSelection()?.isCollapsed === false) return;
    const seq = (event.target as Element).closest<HTMLElement>('[data-seq]')?.dataset['seq'];
    if (seq === undefined) return;
    go(rowHref(Number(seq)));
    scrollTo(0, 0);
  };

  return (
    <div
      className="log"
      role="table"
      aria-label="Rows, newest first"
      aria-rowcount={rows.window?.older === null ? list.length + 1 : -1}
    >
      <div className="row row-head" role="row" aria-rowindex={1}>
        <span role="columnheader" className="cell-seq">
          Row
        </span>
        <span role="columnheader" className="cell-time">
          Time
        </span>
        <span role="columnheader" className="cell-what">
          What
        </span>
        <span role="columnheader" className="cell-target">
          Where
        </span>
        <span role="columnheader" className="cell-package">
          Package
        </span>
        <span role="columnheader" className="cell-outcome">
          Outcome
        </span>
        <span role="columnheader" className="cell-bytes">
          Sent
        </span>
        <span role="columnheader" className="cell-bytes">
          Received
        </span>
      </div>
      <div
        ref={box}
        className="log-box"
        role="rowgroup"
        tabIndex={0}
        aria-label="Scrollable rows"
        onClick={open}
        onKeyDown={stepWithArrows}
      >
        <div className="log-all" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start, size }) => {
            const row = list[index];
            if (row === undefined) return null;
            return (
              <RowLine
                key={row.seq}
                row={row}
                index={index}
                fresh={row.seq > fresh}
                style={{ transform: `translateY(${start}px)`, height: size }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/**
 * Rows that arrive above, or are let go there, must not move what is being read; only who follows the newest rows at the
 * very top sees them come in.
 *
 * @returns the newest row before the last arrival: what is newer is marked for a moment
 */
function useKeptPlace(
  box: { readonly current: HTMLDivElement | null },
  { window }: Rows,
  line: number,
  anchored: boolean,
): number {
  const before = useRef<readonly LogRow[]>([]);
  const [fresh, setFresh] = useState(Number.POSITIVE_INFINITY);
  const rows = window?.rows;
  useLayoutEffect(() => {
    const known = before.current;
    before.current = rows ?? [];
    const top = rows?.[0]?.seq;
    const knownTop = known[0]?.seq;
    const element = box.current;
    if (rows === undefined || top === undefined || knownTop === undefined || element === null) return;
    const added = rows.findIndex(({ seq }) => seq === knownTop);
    const dropped = known.findIndex(({ seq }) => seq === top);
    if (added > 0) setFresh(knownTop);
    if (added > 0 && (anchored || element.scrollTop > line / 2)) element.scrollTop += added * line;
    else if (dropped > 0) element.scrollTop -= dropped * line;
  }, [rows, line, box, anchored]);
  return fresh;
}

/** Arrow keys move from row to row, as in any list. */
function stepWithArrows(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('.row-link')];
  const order = links.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  const place = order.findIndex((link) => link === document.activeElement);
  if (place === -1) return;
  event.preventDefault();
  order[place + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia('(max-width: 760px)').matches);
  useEffect(() => {
    const media = matchMedia('(max-width: 760px)');
    const follow = (): void => setNarrow(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  return narrow;
}
