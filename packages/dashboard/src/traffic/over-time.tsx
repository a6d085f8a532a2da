import type { TrafficJson, TrafficPointJson, TrafficTimelineJson } from '@outwitness/server';
import { type ReactNode, useState } from 'react';

import { bytes, count } from '../format.ts';
import { CLASS_WORDS } from '../report/classes.ts';
import { ChartCard } from '../ui/chart-card.tsx';
import { Bytes, Count, Time } from '../ui/figure.tsx';
import { roundStep } from '../ui/scale.ts';
import { slotName, slotsOf, slotTime } from '../ui/time-slots.ts';
import { useWidth } from '../ui/width.ts';
import { nameOf } from './group-table.tsx';
import { ABSENT } from './key-value.tsx';

const HEIGHT = 260;
const LEFT = 64;
const BOTTOM = 24;
const TOP = 10;
/** Most lines of the grid, about. */
const MARKS = 5;

const MEASURE_NAMES = { events: 'Calls', errors: 'Failed calls', bytesOut: 'Bytes sent', bytesIn: 'Bytes received' };

/** One colour of the chart. */
interface Series {
  readonly name: string;
  /** Names its colour: a class, a number, or `rest`. */
  readonly mark: string;
  readonly valueOf: (point: TrafficPointJson) => number;
}

/** The calls of the list over time, in the colours of what they are grouped by first. */
export function OverTime({ traffic }: { readonly traffic: TrafficJson }): ReactNode {
  const { timeline } = traffic;
  const series = seriesOf(timeline);
  const told = timeline.by === null ? '' : ` by ${nameOf(timeline.by).toLowerCase()}`;
  const title = `${MEASURE_NAMES[timeline.measure]} per ${timeline.step}${told}`;
  return (
    <ChartCard
      name="over"
      title={title}
      note={<SeriesNames series={series} />}
      chart={
        timeline.points.length === 0 ? (
          <p className="quiet">Nothing of this in the period.</p>
        ) : (
          <StackedBars traffic={traffic} series={series} title={title} />
        )
      }
      table={
        <table>
          <thead>
            <tr>
              <th scope="col">{timeline.step === 'hour' ? 'Hour from' : 'Day (UTC)'}</th>
              {series.map(({ name, mark }) => (
                <th key={mark} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {timeline.points.map((point, index) => (
              <tr key={point.at}>
                <th scope="row">
                  <Time at={point.at} of={`timeline.points.${index}.at`}>
                    {slotTime(Date.parse(point.at), timeline.step)}
                  </Time>
                </th>
                {series.map(({ mark, valueOf }, place) => {
                  const rest = mark === 'rest';
                  const of = `timeline.points.${index}.${rest ? 'rest' : `values.${place}`}`;
                  return (
                    <td key={mark}>
                      <Amount timeline={timeline} value={valueOf(point)} of={of} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
}

function seriesOf({ by, names, points }: TrafficTimelineJson): Series[] {
  const named = names.map((name, place): Series => {
    const mark = by === 'class' && name !== null ? name : String(place + 1);
    return { name: wordOf(by, name), mark, valueOf: ({ values }) => values[place] ?? 0 };
  });
  if (points.every(({ rest }) => rest === 0)) return named;
  return [...named, { name: by === null ? 'All' : 'All others', mark: 'rest', valueOf: ({ rest }) => rest }];
}

function wordOf(by: TrafficTimelineJson['by'], name: string | null): string {
  if (name === null) return (by === null ? undefined : ABSENT[by]) ?? 'none';
  return by === 'class' ? CLASS_WORDS[name as keyof typeof CLASS_WORDS].name : name;
}

function SeriesNames({ series }: { readonly series: readonly Series[] }): ReactNode {
  return (
    <span className="series-names">
      {series.map(({ name, mark }) => (
        <span key={mark}>
          <span className="dot" data-series={mark} />
          {name}
        </span>
      ))}
    </span>
  );
}

interface AmountProps {
  readonly timeline: TrafficTimelineJson;
  readonly value: number;
  readonly of: string;
}

function Amount({ timeline, value, of }: AmountProps): ReactNode {
  return isBytes(timeline) ? <Bytes value={value} of={of} /> : <Count value={value} of={of} />;
}

function isBytes({ measure }: TrafficTimelineJson): boolean {
  return measure === 'bytesOut' || measure === 'bytesIn';
}

interface BarsProps {
  readonly traffic: TrafficJson;
  readonly series: readonly Series[];
  readonly title: string;
}

function StackedBars({ traffic: { period, timeline }, series, title }: BarsProps): ReactNode {
  const [box, width] = useWidth<HTMLDivElement>(640);
  const [pointed, setPointed] = useState<number>();
  const { step, points } = timeline;
  const amount = isBytes(timeline) ? bytes : count;
  const slots = slotsOf(period, step, points);
  const most = Math.max(...points.map((point) => sumOf(series, point)));
  const unit = roundStep(most, MARKS);
  const top = Math.max(1, Math.ceil(most / unit)) * unit;
  const plot = HEIGHT - TOP - BOTTOM;
  const y = (value: number): number => TOP + (1 - value / top) * plot;
  const each = (width - LEFT) / slots.length;
  const every = Math.max(1, Math.ceil(64 / each));
  const shown = pointed === undefined ? undefined : slots[pointed];
  return (
    <div ref={box} className="bars" onPointerLeave={() => setPointed(undefined)}>
      <p className="readout" aria-hidden="true">
        {shown === undefined ? ' ' : readout(slotTime(shown.at, step), shown.point, series, amount)}
      </p>
      <svg width={width} height={HEIGHT} role="img" aria-label={`${title}. The table has the numbers.`}>
        {Array.from({ length: Math.round(top / unit) + 1 }, (_, index) => index * unit).map((value) => (
          <g key={value} className="grid">
            <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} data-zero={value === 0} />
            <text x={LEFT - 8} y={y(value)}>
              {amount(value)}
            </text>
          </g>
        ))}
        {slots.map(({ at, point }, index) => {
          const x = LEFT + index * each;
          const bar = { x: x + Math.min(2, each * 0.15), width: Math.max(1, each - Math.min(4, each * 0.3)) };
          return (
            <g key={at} className="step" data-pointed={index === pointed} onPointerEnter={() => setPointed(index)}>
              <rect className="step-area" x={x} y={TOP} width={each} height={plot} />
              {point !== undefined &&
                stacked(series, point).map(({ mark, from, to }) => (
                  <rect
                    key={mark}
                    {...bar}
                    data-series={mark}
                    data-value={to - from}
                    y={y(to)}
                    height={Math.max(1, y(from) - y(to) - (from === 0 ? 0 : 1))}
                  />
                ))}
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

function sumOf(series: readonly Series[], point: TrafficPointJson): number {
  return series.reduce((sum, { valueOf }) => sum + valueOf(point), 0);
}

/** One upon the other, the first at the bottom. */
function stacked(series: readonly Series[], point: TrafficPointJson): { mark: string; from: number; to: number }[] {
  let height = 0;
  return series.flatMap(({ mark, valueOf }) => {
    const from = height;
    height += valueOf(point);
    return height === from ? [] : [{ mark, from, to: height }];
  });
}

function readout(
  when: string,
  point: TrafficPointJson | undefined,
  series: readonly Series[],
  amount: (value: number) => string,
): string {
  if (point === undefined) return `${when} · nothing`;
  const parts = series.filter(({ valueOf }) => valueOf(point) > 0);
  return [when, ...parts.map(({ name, valueOf }) => `${name} ${amount(valueOf(point))}`)].join(' · ');
}
