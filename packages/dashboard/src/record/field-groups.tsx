import type { ReactNode } from 'react';

import { bytes, count, dateTime, duration, isoOfMicros } from '../format.ts';
import { hrefOf } from '../location.ts';
import { Link } from '../ui/link.tsx';
import { type FieldAbout, furtherFields, GROUPS } from './fields.ts';
import type { Leaf } from './sentence.ts';

/** Fields by which it is worth looking for further rows. */
const SEARCHABLE = new Set([
  'app',
  'channel',
  'class',
  'host',
  'kind',
  'outcome',
  'package',
  'peerAddress',
  'site',
  'vendor',
]);

export function FieldGroups({ leaf }: { readonly leaf: Leaf }): ReactNode {
  const further = furtherFields(leaf);
  const groups = further.length === 0 ? GROUPS : [...GROUPS, { title: 'Of this kind of row', fields: further }];
  return (
    <div className="field-groups">
      {groups.map(({ title, fields }) => {
        const present = fields.filter(({ name }) => leaf[name] !== undefined);
        if (present.length === 0) return null;
        return (
          <section key={title} className="panel">
            <h2>{title}</h2>
            <dl className="fields">
              {present.map((about) => (
                <div key={about.name} className="field" data-field={about.name}>
                  <dt>{about.label}</dt>
                  <dd>
                    <Value about={about} value={leaf[about.name]} />
                    {about.about !== '' && <span className="under">{about.about}</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}

function Value({ about, value }: { readonly about: FieldAbout; readonly value: unknown }): ReactNode {
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="quiet">none</span>;
    return (
      <span className="words">
        {value.map((word, index) => (
          <code key={`${index} ${String(word)}`}>{String(word)}</code>
        ))}
      </span>
    );
  }
  if (typeof value === 'number') {
    const shown = shownNumber(about, value);
    return (
      <data value={value} className="number" title={about.as === 'time' ? isoOfMicros(value) : String(value)}>
        {shown}
      </data>
    );
  }
  const text = String(value);
  if (SEARCHABLE.has(about.name)) {
    return (
      <Link href={hrefOf('/log', [['where', `${about.name}=${text}`]])} title="Show all rows with this value">
        <code>{text}</code>
      </Link>
    );
  }
  return <code>{text}</code>;
}

function shownNumber({ as, name }: FieldAbout, value: number): string {
  if (as === 'bytes') return value < 1000 ? bytes(value) : `${bytes(value)} (${count(value)})`;
  if (as === 'duration') return duration(value);
  if (as === 'time') return `${dateTime(new Date(value / 1000))} (${isoOfMicros(value)})`;
  return name === 'missing' || name === 'count' || name === 'skew' ? count(value) : String(value);
}
