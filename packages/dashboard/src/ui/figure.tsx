/** Numbers and times that say where they come from: `of` is their path in the report, so that a test can compare each one. */
import type { ReactNode } from 'react';

import { bytes, count, dateTime } from '../format.ts';

interface NumberProps {
  readonly value: number;
  readonly of?: string | undefined;
}

export function Count({ value, of }: NumberProps): ReactNode {
  return (
    <data value={value} data-of={of} className="number">
      {count(value)}
    </data>
  );
}

export function Bytes({ value, of }: NumberProps): ReactNode {
  return (
    <data value={value} data-of={of} data-unit="bytes" className="number" title={`${count(value)} bytes`}>
      {bytes(value)}
    </data>
  );
}

interface TimeProps {
  /** ISO 8601. */
  readonly at: string;
  readonly of?: string | undefined;
  readonly children?: ReactNode;
}

export function Time({ at, of, children }: TimeProps): ReactNode {
  return (
    <time dateTime={at} data-of={of} title={at} className="number">
      {children ?? dateTime(new Date(at))}
    </time>
  );
}
