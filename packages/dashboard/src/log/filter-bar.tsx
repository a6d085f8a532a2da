import { type FormEvent, type ReactNode, useState } from 'react';

import { seqAt } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { dateTime } from '../format.ts';
import { go } from '../location.ts';
import { Icon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { type Filter, hrefOfQuery, type LogQuery, sameFilter } from './query.ts';

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

/** Words that a field can hold, to choose from. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  class: ['vendor', 'third-party', 'internal', 'unclassified'],
  direction: ['out', 'in'],
  outcome: ['ok', 'refused', 'timeout', 'aborted', 'error', 'lost', 'local'],
  declared: ['yes', 'no', 'beyond', 'none'],
  kind: ['net', 'control', 'gap', 'hook', 'seal', 'key', 'policy', 'vacuum', 'erase', 'genesis'],
  channel: [
    'http',
    'undici',
    'http2',
    'websocket',
    'smtp',
    'imap',
    'pop3',
    'tls',
    'tcp',
    'unix',
    'udp',
    'dns',
    'process',
    'worker',
    'native',
  ],
};

export function FilterBar({ query }: { readonly query: LogQuery }): ReactNode {
  const { filters, from, to } = query;
  return (
    <div className="filter-bar">
      <ul className="filters" aria-label="Filters in force">
        {filters.map((filter) => (
          <FilterChip key={`${String(filter.exclude)} ${filter.field} ${filter.value}`} filter={filter} query={query} />
        ))}
        {from !== null && <BoundChip name="from" text={from} query={query} />}
        {to !== null && <BoundChip name="to" text={to} query={query} />}
        {filters.length === 0 && from === null && to === null && <li className="quiet">Every row is shown.</li>}
      </ul>
      <AddFilter query={query} />
      <Jump query={query} />
    </div>
  );
}

function FilterChip({ filter, query }: { readonly filter: Filter; readonly query: LogQuery }): ReactNode {
  const others = query.filters.filter((other) => !sameFilter(other, filter));
  const flipped = { ...filter, exclude: !filter.exclude };
  const value = filter.value === '' ? 'nothing' : filter.value;
  return (
    <li className="filter" data-exclude={filter.exclude}>
      <Link
        href={hrefOfQuery({ ...query, filters: [...others, flipped] })}
        title={filter.exclude ? 'Left out. Show only these instead.' : 'Only these. Leave them out instead.'}
      >
        {filter.field} <strong>{filter.exclude ? 'is not' : 'is'}</strong> {value}
      </Link>
      <Link
        className="filter-off"
        href={hrefOfQuery({ ...query, filters: others })}
        aria-label={`Take off: ${filter.field} ${filter.exclude ? 'is not' : 'is'} ${value}`}
      >
        <Icon name="bad" />
      </Link>
    </li>
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

function AddFilter({ query }: { readonly query: LogQuery }): ReactNode {
  const [field, setField] = useState('host');
  const [exclude, setExclude] = useState(false);
  const [value, setValue] = useState('');
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const filter = { field, value: value.trim(), exclude };
    const others = query.filters.filter((other) => !sameFilter(other, filter));
    setValue('');
    go(hrefOfQuery({ ...query, filters: [...others, filter] }));
  };
  return (
    <form className="add-filter" onSubmit={add}>
      <label>
        <span className="unseen">Field</span>
        <select value={field} onChange={(event) => setField(event.target.value)}>
          {FIELDS.map((name) => (
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
