import type { TrafficDimension, TrafficJson, TrafficSort } from '@outwitness/server';
import type { ReactNode } from 'react';

import { ago } from '../format.ts';
import { rowHref } from '../links.ts';
import { go, hrefWith, type Place } from '../location.ts';
import { Bytes, Count, Time } from '../ui/figure.tsx';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { groupHref } from './group-link.ts';
import { KeyValue } from './key-value.tsx';
import { FIELDS, hrefSorted, trafficFilters } from './query.ts';

const MEASURES: readonly { readonly id: TrafficSort; readonly name: string; readonly kind: 'figure' | 'when' }[] = [
  { id: 'events', name: 'Calls', kind: 'figure' },
  { id: 'errors', name: 'Failed', kind: 'figure' },
  { id: 'bytesOut', name: 'Sent', kind: 'figure' },
  { id: 'bytesIn', name: 'Received', kind: 'figure' },
  { id: 'firstSeen', name: 'First seen', kind: 'when' },
  { id: 'lastSeen', name: 'Last seen', kind: 'when' },
];

interface Props {
  readonly place: Place;
  readonly traffic: TrafficJson;
}

export function GroupTable({ place, traffic }: Props): ReactNode {
  const filters = trafficFilters(place);
  const now = Date.now();
  return (
    <div className="scroll-x" role="region" aria-labelledby="groups" tabIndex={0}>
      <table className="counts stacks">
        <thead>
          <tr>
            {traffic.by.map((name) => (
              <Column key={name} {...{ place, traffic }} id={name} name={nameOf(name)} />
            ))}
            {MEASURES.map((column) => (
              <Column key={column.id} {...{ place, traffic }} {...column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {traffic.groups.map((group, index) => {
            const path = `groups.${index}`;
            const [first, ...others] = traffic.by;
            return (
              <tr key={JSON.stringify(group.key)}>
                {first !== undefined && (
                  <th scope="row" data-label={nameOf(first)}>
                    <Link href={groupHref(traffic, group, filters)} title="Its calls in the Audit Log">
                      <KeyValue name={first} of={group.key} />
                    </Link>
                  </th>
                )}
                {others.map((name) => (
                  <td key={name} data-label={nameOf(name)}>
                    <KeyValue name={name} of={group.key} />
                  </td>
                ))}
                <td data-label="Calls" className="figure">
                  <Count value={group.events} of={`${path}.events`} />
                </td>
                <td data-label="Failed" className="figure">
                  <Count value={group.errors} of={`${path}.errors`} />
                </td>
                <td data-label="Sent" className="figure">
                  <Bytes value={group.bytesOut} of={`${path}.bytesOut`} />
                </td>
                <td data-label="Received" className="figure">
                  <Bytes value={group.bytesIn} of={`${path}.bytesIn`} />
                </td>
                <td data-label="First seen" className="when">
                  <Link href={rowHref(group.firstSeq)}>
                    <Time at={group.firstSeen} of={`${path}.firstSeen`}>
                      {ago(Date.parse(group.firstSeen), now)}
                    </Time>
                  </Link>
                </td>
                <td data-label="Last seen" className="when">
                  <Link href={rowHref(group.lastSeq)}>
                    <Time at={group.lastSeen} of={`${path}.lastSeen`}>
                      {ago(Date.parse(group.lastSeen), now)}
                    </Time>
                  </Link>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface ColumnProps extends Props {
  readonly id: TrafficSort;
  readonly name: string;
  readonly kind?: 'figure' | 'when';
}

function Column({ place, traffic, id, name, kind }: ColumnProps): ReactNode {
  const sorted = traffic.sort === id;
  const order = traffic.order === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" aria-sort={sorted ? order : undefined} className={kind}>
      <Link href={hrefSorted(place, traffic, id)} title={`Sort by ${name.toLowerCase()}`}>
        {name}
        {sorted && <Icon name={traffic.order === 'asc' ? 'up' : 'down'} />}
      </Link>
    </th>
  );
}

/** The same choice where the list has no head: on a narrow screen each group stands for itself. */
export function SortChoice({ place, traffic }: Props): ReactNode {
  const columns = [...traffic.by.map((id) => ({ id, name: nameOf(id) })), ...MEASURES];
  return (
    <label className="sort-choice">
      <span>Sort by</span>
      <select value={traffic.sort} onChange={({ target }) => go(hrefWith(place, { sort: target.value, order: null }))}>
        {columns.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function nameOf(dimension: TrafficDimension): string {
  if (dimension === 'day') return 'Day (UTC)';
  if (dimension === 'hour') return 'Hour from';
  return FIELDS.find(({ id }) => id === dimension)?.name ?? dimension;
}
