import type { TrafficDimension, TrafficKeyJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { CLASS_WORDS } from '../report/classes.ts';
import { Declared } from '../report/declared.tsx';
import { Time } from '../ui/figure.tsx';
import { Icon } from '../ui/icons.tsx';
import { slotTime, utcDay } from '../ui/time-slots.ts';

interface Props {
  readonly name: TrafficDimension;
  readonly of: TrafficKeyJson;
}

/** One value that a group has in common. */
export function KeyValue({ name, of }: Props): ReactNode {
  const value = of[name];
  if (name === 'hour' && of.hour !== undefined)
    return <Time at={of.hour}>{slotTime(Date.parse(of.hour), 'hour')}</Time>;
  if (name === 'day' && of.day !== undefined) return <Time at={of.day}>{utcDay(Date.parse(of.day))}</Time>;
  if (name === 'direction') {
    return (
      <span className="direction">
        <Icon name={value === 'in' ? 'in' : 'out'} /> {value}
      </span>
    );
  }
  if (name === 'class' && of.class !== undefined) {
    return (
      <span title={CLASS_WORDS[of.class].about}>
        <span className="dot" data-class={of.class} />
        {CLASS_WORDS[of.class].name}
      </span>
    );
  }
  if (name === 'declared' && of.declared !== undefined) return <Declared word={of.declared} />;
  if (value === null || value === undefined) return <em>{ABSENT[name] ?? 'none'}</em>;
  if (name === 'host') return <span className="host">{value === '(other)' ? '(other hosts)' : value}</span>;
  return name === 'package' ? <code className="host">{value}</code> : value;
}

/** What it means that a value is not there. */
export const ABSENT: Partial<Record<TrafficDimension, string>> = {
  package: 'nobody could be named',
  host: 'no host',
  port: 'no port',
  vendor: 'no vendor',
};
