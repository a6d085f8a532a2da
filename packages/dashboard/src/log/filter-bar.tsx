import { type FormEvent, type ReactNode, useState } from 'react';

import { seqAt } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { AddFilter } from '../filter/add-filter.tsx';
import { FilterChip, chipKey } from '../filter/filter-chip.tsx';
import type { Filter } from '../filter/filter.ts';
import { dateTime } from '../format.ts';
import { go } from '../location.ts';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { hrefOfQuery, type LogQuery } from './query.ts';

const FIELDS = [
  'host',
  'package',
  'class',
  'channel',
  'direction',
  'outcome',
  'declared',
  'app',
  'kind',
  'event',
  'method',
  'status',
  'port',
  'path',
  'peerAddress',
  'vendor',
  'error',
  'site',
];

export function FilterBar({ query }: { readonly query: LogQuery }): ReactNode {
  const { filters, from, to } = query;
  const hrefOf = (next: readonly Filter[]): string => hrefOfQuery({ ...query, filters: next });
  return (
    <div className="filter-bar">
      <ul className="filters" aria-label="Filters in force">
        {filters.map((filter) => (
          <FilterChip key={chipKey(filter)} filter={filter} filters={filters} hrefOf={hrefOf} />
        ))}
        {from !== null && <BoundChip name="from" text={from} query={query} />}
        {to !== null && <BoundChip name="to" text={to} query={query} />}
        {filters.length === 0 && from === null && to === null && <li className="quiet">Every row is shown.</li>}
      </ul>
      <AddFilter fields={FIELDS} filters={filters} hrefOf={hrefOf} />
      <Jump query={query} />
    </div>
  );
}

interface BoundProps {
  readonly name: 'from' | 'to';
  readonly text: string;
  readonly query: LogQuery;
}

function BoundChip({ name, text, query }: BoundProps): ReactNode {
  const shown = /^\d+$/.test(text) ? `row ${text}` : dateTime(new Date(text));
  return (
    <li className="filter">
      <span>
        {name === 'from' ? 'from' : 'before'} <strong>{shown}</strong>
      </span>
      <Link
        className="filter-off"
        href={hrefOfQuery({ ...query, [name]: null })}
        aria-label={`Take off: ${name} ${shown}`}
      >
        <Icon name="bad" />
      </Link>
    </li>
  );
}

function Jump({ query }: { readonly query: LogQuery }): ReactNode {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();

  const jump = async (): Promise<void> => {
    const asked = text.trim();
    if (/^\d{1,15}$/.test(asked)) return go(hrefOfQuery({ ...query, at: Number(asked) }));
    // A time without a zone is one of the reader's own.
    const time = Date.parse(asked.replace(' ', 'T'));
    if (Number.isNaN(time)) return setProblem('Give a row number, or a time such as 2026-03-02 10:15.');
    const seq = await seqAt(new Date(time).toISOString());
    if (seq === null) return setProblem('No row is that young.');
    go(hrefOfQuery({ ...query, at: seq }));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setProblem(undefined);
    jump().catch((error: unknown) => setProblem(asRequestError(error).message));
  };
  return (
    <form className="jump" onSubmit={submit}>
      <label className="grow">
        <span className="unseen">Row number or time to jump to</span>
        <input
          value={text}
          placeholder="row or time"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit" className="tool">
        Jump
      </button>
      <span className="problem" role="alert">
        {problem}
      </span>
    </form>
  );
}
