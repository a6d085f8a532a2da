import type { ComponentsJson, ExplainedJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import type { Filter } from '../filter/filter.ts';
import { share } from '../format.ts';
import { callsHrefBy } from '../links.ts';
import { Count } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';

interface Part {
  readonly of: Exclude<keyof ExplainedJson, 'events'>;
  readonly name: string;
  readonly about: string;
  readonly class: string;
  /** Its rows. */
  readonly rows: readonly Filter[];
}

function is(field: string, value: string): Filter {
  return { field, value, exclude: false };
}

const PARTS: readonly Part[] = [
  {
    of: 'watched',
    name: 'Watched vendors',
    about: 'in the catalogue, under watch',
    class: 'vendor',
    rows: [is('class', 'vendor')],
  },
  {
    of: 'vendors',
    name: 'Other vendors',
    about: 'in the catalogue, not watched',
    class: 'third-party',
    rows: [is('class', 'third-party'), { ...is('vendor', ''), exclude: true }],
  },
  {
    of: 'declared',
    name: 'Declared or acknowledged',
    about: 'by the manifest of the package, or a pair that somebody accepted',
    class: 'third-party',
    rows: [is('class', 'third-party'), is('vendor', '')],
  },
  {
    of: 'internal',
    name: 'Internal',
    about: 'your own network',
    class: 'internal',
    rows: [is('class', 'internal')],
  },
  {
    of: 'unclassified',
    name: 'Unclassified',
    about: 'in no entry',
    class: 'unclassified',
    rows: [is('class', 'unclassified')],
  },
];

/** What explains the outbound calls: a table whose cells hold their bars, so it needs no twin. */
export function Explained({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { outbound } = components;
  return (
    <section className="panel" aria-labelledby="explained">
      <header className="panel-head">
        <h2 id="explained">What explains the outbound calls</h2>
        <p className="panel-sum">
          <Count value={outbound.events} of="outbound.events" /> {outbound.events === 1 ? 'call' : 'calls'} in this
          period
        </p>
      </header>
      <table className="explained">
        <thead>
          <tr>
            <th scope="col">By</th>
            <th scope="col">Calls</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {PARTS.map(({ of, name, about, class: kind, rows }) => (
            <tr key={of}>
              <th scope="row">
                <span className="dot" data-class={kind} />
                <Link href={callsHrefBy(components, [is('direction', 'out'), ...rows])}>{name}</Link>
                <span className="under">{about}</span>
              </th>
              <td>
                <Count value={outbound[of]} of={`outbound.${of}`} />
              </td>
              <td>
                {share(outbound[of], outbound.events)}
                <Bar kind={kind} part={outbound.events === 0 ? 0 : outbound[of] / outbound.events} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Bar({ kind, part }: { readonly kind: string; readonly part: number }): ReactNode {
  return (
    <svg className="bar-line" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="bar-track" width="100" height="4" />
      <rect data-series={kind} width={part === 0 ? 0 : Math.max(1, part * 100)} height="4" />
    </svg>
  );
}
