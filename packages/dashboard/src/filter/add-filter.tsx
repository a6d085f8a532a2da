import { type FormEvent, type ReactNode, useState } from 'react';

import { go } from '../location.ts';
import { Icon } from '../ui/icons.tsx';
import { type Filter, sameFilter } from './filter.ts';
import { WORDS } from './words.ts';

interface Props {
  readonly fields: readonly string[];
  /** All in force. */
  readonly filters: readonly Filter[];
  /** The address of this screen with other filters. */
  readonly hrefOf: (filters: readonly Filter[]) => string;
}

export function AddFilter({ fields, filters, hrefOf }: Props): ReactNode {
  const [field, setField] = useState('host');
  const [exclude, setExclude] = useState(false);
  const [value, setValue] = useState('');
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const filter = { field, value: value.trim(), exclude };
    const others = filters.filter((other) => !sameFilter(other, filter));
    setValue('');
    go(hrefOf([...others, filter]));
  };
  return (
    <form className="add-filter" onSubmit={add}>
      <label>
        <span className="unseen">Field</span>
        <select value={field} onChange={(event) => setField(event.target.value)}>
          {fields.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="unseen">Include or exclude</span>
        <select value={exclude ? 'not' : 'is'} onChange={(event) => setExclude(event.target.value === 'not')}>
          <option value="is">is</option>
          <option value="not">is not</option>
        </select>
      </label>
      <label className="grow">
        <span className="unseen">Value</span>
        <input
          value={value}
          list={`words-${field}`}
          placeholder="value; empty = absent"
          spellCheck={false}
          autoCapitalize="off"
          onChange={(event) => setValue(event.target.value)}
        />
        <datalist id={`words-${field}`}>
          {(WORDS[field] ?? []).map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      </label>
      <button type="submit" className="tool">
        <Icon name="plus" />
        <span>Filter</span>
      </button>
    </form>
  );
}
