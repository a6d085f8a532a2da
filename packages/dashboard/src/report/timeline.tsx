import type { ReportJson, TimelinePointJson } from '@outwitness/server';
import { type ReactNode, useState } from 'react';

import { bytes, count } from '../format.ts';
import { ChartCard } from '../ui/chart-card.tsx';
import { Bytes, Count, Time } from '../ui/figure.tsx';
import { roundStep } from '../ui/scale.ts';
import { slotName, slotsOf, slotTime, type TimeSlot } from '../ui/time-slots.ts';
import { useWidth } from '../ui/width.ts';

const HEIGHT = 300;
const LEFT = 64;
const BOTTOM = 24;
const TOP = 10;
/** Most lines of the grid, about. */
const MARKS = 6;

type Slot = TimeSlot<TimelinePointJson>;

/** Bytes sent (up) and received (down) per hour or day. */
export function Timeline({ report }: { readonly report: ReportJson }): ReactNode {
  const { step, points } = report.timeline;
  return (
    <ChartCard
      name="timeline"
      title={`Bytes per ${step}`}
      note={
        <>
          <span className="dot" data-flow="out" /> left this server <span className="dot" data-flow="in" /> came in,
          both directions of calls together
        </>
      }
      chart={points.length === 0 ? <p className="quiet">No bytes in this period.</p> : <Bars report={report} />}
      table={
        <table>
          <thead>
            <tr>
              <th scope="col">{step === 'hour' ? 'Hour from' : 'Day from'}</th>
              <th scope="col">Calls out</th>
              <th scope="col">Calls in</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point, index) => (
              <tr key={point.at}>
                <th scope="row">
                  <Time at={point.at} of={`timeline.points.${index}.at`} />
                </th>
                <td>
                  <Count value={point.out} of={`timeline.points.${index}.out`} />
                </td>
                <td>
                  <Count value={point.in} of={`timeline.points.${index}.in`} />
                </td>
                <td>
                  <Bytes value={point.bytesOut} of={`timeline.points.${index}.bytesOut`} />
                </td>
                <td>
                  <Bytes value={point.bytesIn} of={`timeline.points.${index}.bytesIn`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

function Bars({ report }: { readonly report: ReportJson }): ReactNode {
  const [box, width] = useWidth<HTMLDivElement>(640);
  const [pointed, setPointed] = useState<number>();
  const { step, points } = report.timeline;
  const slots = slotsOf(report.period, step, points);
  const sent = Math.max(...points.map(({ bytesOut }) => bytesOut));
  const received = Math.max(...points.map(({ bytesIn }) => bytesIn));
  const unit = roundStep(sent + received, MARKS);
  const up = Math.max(1, Math.ceil(sent / unit));
  const down = Math.max(1, Math.ceil(received / unit));
  const top = up * unit;
  const depth = down * unit;
  const marks = Array.from({ length: up + down + 1 }, (_, index) => (index - down) * unit);
  const plot = HEIGHT - TOP - BOTTOM;
  // One scale for both directions, so that lengths can be compared.
  const y = (value: number): number => TOP + ((top - value) / (top + depth)) * plot;
  const each = (width - LEFT) / slots.length;
  const shown = pointed === undefined ? undefined : slots[pointed];
  const every = Math.max(1, Math.ceil(64 / each));
  return (
    <div ref={box} className="bars" onPointerLeave={() => setPointed(undefined)}>
      <p className="readout" aria-hidden="true">
        {shown === undefined ? ' ' : readout(shown, step)}
      </p>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Bytes sent and received per ${step}. The table has the numbers.`}
      >
        {marks.map((value) => (
          <g key={value} className="grid">
            <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} data-zero={value === 0} />
            <text x={LEFT - 8} y={y(value)}>
              {bytes(Math.abs(value))}
            </text>
          </g>
        ))}
        {slots.map(({ at, point }, index) => {
          const x = LEFT + index * each;
          const bar = { x: x + Math.min(2, each * 0.15), width: Math.max(1, each - Math.min(4, each * 0.3)) };
          return (
            <g key={at} className="step" data-pointed={index === pointed} onPointerEnter={() => setPointed(index)}>
              <rect className="step-area" x={x} y={TOP} width={each} height={plot} />
              {point !== undefined && point.bytesOut > 0 && (
                <rect
                  {...bar}
                  data-flow="out"
                  data-bytes={point.bytesOut}
                  y={Math.min(y(point.bytesOut), y(0) - 1)}
                  height={Math.max(1, y(0) - y(point.bytesOut))}
                  rx={Math.min(2, each / 4)}
                />
              )}
              {point !== undefined && point.bytesIn > 0 && (
                <rect
                  {...bar}
                  data-flow="in"
                  data-bytes={point.bytesIn}
                  y={y(0) + 1}
                  height={Math.max(1, y(-point.bytesIn) - y(0))}
                  rx={Math.min(2, each / 4)}
                />
              )}
              {index % every === 0 && x + 40 < width && (
                <text className="step-name" x={bar.x} y={HEIGHT - 6}>
                  {slotName(at, step, slots.length)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function readout({ at, point }: Slot, step: 'hour' | 'day'): string {
  const when = slotTime(at, step);
  if (point === undefined) return `${when} · nothing`;
  return `${when} · ${bytes(point.bytesOut)} sent · ${bytes(point.bytesIn)} received · ${count(point.out)} calls out, ${count(point.in)} in`;
}
