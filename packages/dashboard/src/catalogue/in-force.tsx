import type { ComponentsJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { count } from '../format.ts';
import { logHref, rowHref, SETTINGS } from '../links.ts';
import { Time } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';

const CATALOGUES = logHref({ where: { kind: 'policy', event: 'catalogue' }, fromSeq: null, toSeq: null });

/** Which catalogue judges the calls, where it comes from, and where it is changed. */
export function InForce({ components }: { readonly components: ComponentsJson }): ReactNode {
  const { digest, since, file, settings } = components.catalogue;
  return (
    <section className="panel" aria-labelledby="in-force">
      <header className="panel-head">
        <h2 id="in-force">The catalogue in force</h2>
        <Link href={CATALOGUES}>Every catalogue so far</Link>
      </header>
      <dl className="in-force">
        <dt>File</dt>
        <dd>
          {file === null ? (
            <>none is set: every name with a dot that no manifest declares is unclassified</>
          ) : (
            <code>{file}</code>
          )}
        </dd>
        <dt>SHA-256</dt>
        <dd>{digest === null ? 'none yet: no row was judged' : <code>{digest}</code>}</dd>
        {since !== null && (
          <>
            <dt>In force since</dt>
            <dd>
              <Time at={since.at} of="catalogue.since.at" />,{' '}
              <Link href={rowHref(since.seq)}>row {count(since.seq)}</Link>
            </dd>
          </>
        )}
        <dt>Changed in</dt>
        <dd>
          that file: <code>catalogue</code> in <code>{settings}</code> names it, and the collector follows it. Pairs are
          acknowledged by <code>outwitness ack</code>, names of listeners under <Link href={SETTINGS}>Settings</Link>,
          manifests by the authors of the packages. A change is a row, and rows keep what they were judged to be.
        </dd>
      </dl>
    </section>
  );
}
