/** Line icons of one weight. Each stands beside words, so all are hidden from screen readers. */
import type { ReactNode } from 'react';

const SHAPES = {
  check: 'm5 12.500 4.500 4.500L19 7.500',
  warn: 'M12 4 2.800 20h18.400zM12 10v4.500m0 2.700v.100',
  bad: 'M6.500 6.500l11 11m0-11-11 11',
  unknown: 'M9 9.300a3 3 0 1 1 4.400 2.600c-.9.500-1.400 1-1.400 2.100m0 3.100v.100',
  out: 'M7 17 17 7m-7.500 0H17v7.500',
  in: 'M17 7 7 17m7.500 0H7V9.500',
  left: 'm14.500 6-6 6 6 6',
  right: 'm9.500 6 6 6-6 6',
  down: 'm6 9.500 6 6 6-6',
  up: 'm6 14.500 6-6 6 6',
  plus: 'M12 5v14M5 12h14',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2m0 15v2M2.500 12h2m15 0h2M5.300 5.300l1.400 1.400m10.600 10.600 1.400 1.400m0-13.400-1.400 1.400M6.700 17.300l-1.400 1.400',
  moon: 'M19.500 14.200A8 8 0 0 1 9.800 4.500a8 8 0 1 0 9.700 9.700z',
  auto: 'M3.500 5h17v11.500h-17zM9 20h6m-3-3.500V20',
  leave: 'M14 4.500h4.500v15H14M10 8l-4 4 4 4m-4-4h9',
  table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14',
  chart: 'M5 19V10m5 9V5m5 14v-7m5 7V8',
  download: 'M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 19.500h14',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.200 1.200M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle className="mark-disc" cx="16" cy="16" r="15" />
      <path
        className="mark-eye"
        d="M4.500 16c3.100-5.400 7-7.900 11.500-7.900s8.400 2.500 11.500 7.900c-3.100 5.400-7 7.900-11.500 7.900S7.600 21.400 4.500 16z"
      />
      <path className="mark-check" d="m11.600 16.200 3.100 3.100 5.700-6.300" />
    </svg>
  );
}
