import type { ReactNode } from 'react';

import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { type Filter, sameFilter } from './filter.ts';

interface Props {
  readonly filter: Filter;
  /** All in force. */
  readonly filters: readonly Filter[];
  /** The address of this screen with other filters. */
  readonly hrefOf: (filters: readonly Filter[]) => string;
}

/** A filter in force: the words turn it round, the cross takes it off. */
export function FilterChip({ filter, filters, hrefOf }: Props): ReactNode {
  const others = filters.filter((other) => !sameFilter(other, filter));
  const flipped = { ...filter, exclude: !filter.exclude };
  const value = filter.value === '' ? 'nothing' : filter.value;
  return (
    <li className="filter" data-exclude={filter.exclude}>
      <Link
        href={hrefOf([...others, flipped])}
        title={filter.exclude ? 'Left out. Show only these instead.' : 'Only these. Leave them out instead.'}
      >
        {filter.field} <strong>{filter.exclude ? 'is not' : 'is'}</strong> {value}
      </Link>
      <Link
        className="filter-off"
        href={hrefOf(others)}
        aria-label={`Take off: ${filter.field} ${filter.exclude ? 'is not' : 'is'} ${value}`}
      >
        <Icon name="bad" />
      </Link>
    </li>
  );
}

export function chipKey({ field, value, exclude }: Filter): string {
  return `${String(exclude)} ${field} ${value}`;
}
