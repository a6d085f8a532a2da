import type { ReactNode } from 'react';

import { go, type Place } from '../location.ts';
import { dimensionsOf, FIELDS, hrefBy, trafficFilters } from './query.ts';

/** What the calls are grouped by. The last dimension stays: without one there is nothing to list. */
export function GroupBy({ place }: { readonly place: Place }): ReactNode {
  const by = dimensionsOf(place);
  const time = by.find((name) => name === 'day' || name === 'hour') ?? '';
  const fields = by.filter((name) => name !== time);
  const split = [...by, ...trafficFilters(place).map(({ field }) => field)].some(
    (name) => name === 'host' || name === 'port',
  );
  const choose = (next: readonly string[]): void => go(hrefBy(place, next));
  return (
    <fieldset className="group-by">
      <legend>Group by</legend>
      <label className="group-time">
        <span className="unseen">Time</span>
        <select
          value={time}
          onChange={({ target }) => choose(target.value === '' ? fields : [target.value, ...fields])}
        >
          <option value="" disabled={fields.length === 0}>
            No time
          </option>
          <option value="day">Day (UTC)</option>
          <option value="hour">Hour</option>
        </select>
      </label>
      {FIELDS.map(({ id, name }) => {
        const forced = id === 'direction' && split;
        const chosen = by.includes(id);
        return (
          <label
            key={id}
            className="choice"
            title={
              forced ? 'Host and port are the other side of a call that goes out, our own of one that comes in.' : ''
            }
          >
            <input
              type="checkbox"
              checked={chosen || forced}
              disabled={forced || (chosen && by.length === 1)}
              onChange={() => choose(chosen ? by.filter((one) => one !== id) : [...by, id])}
            />
            <span>{name}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
