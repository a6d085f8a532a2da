import type { ComponentsJson } from '@outwitness/server';
import type { ReactNode } from 'react';

import { components as askComponents } from '../api/client.ts';
import { useLive } from '../api/live.tsx';
import { useResource, useThrottled } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { Acknowledged } from '../catalogue/acknowledged.tsx';
import { Explained } from '../catalogue/explained.tsx';
import { InForce } from '../catalogue/in-force.tsx';
import { Internal } from '../catalogue/internal.tsx';
import { Listeners } from '../catalogue/listeners.tsx';
import { Manifests } from '../catalogue/manifests.tsx';
import { Unclassified } from '../catalogue/unclassified.tsx';
import { Vendors } from '../catalogue/vendors.tsx';
import { hrefOf, usePlace } from '../location.ts';
import { reportParams } from '../report/period.ts';
import { Toolbar } from '../report/toolbar.tsx';

/** Least time between two requests, ms. */
const REFRESH_MS = 1_000;

/** The catalogue in force, and what was seen of each of its entries. */
export default function EgressComponents({ onSignedOut }: ScreenProps): ReactNode {
  const place = usePlace();
  const { head } = useLive();
  const version = useThrottled(head?.size ?? 0, REFRESH_MS);
  const asked = [...place.params].filter(([name]) => ['period', 'from', 'to', 'app'].includes(name));
  const { data: components, error } = useResource(
    hrefOf('', asked),
    version,
    (signal) => askComponents(reportParams(place, Date.now()), signal),
    onSignedOut,
  );
  return (
    <div className="page components-page">
      <title>Egress Components · Outwitness</title>
      <header className="log-head">
        <h1>Egress Components</h1>
        <p className="quiet">Who is who among the destinations, and what was seen of each.</p>
      </header>
      <Toolbar place={place} apps={components?.apps} />
      {error !== undefined && (
        <p className="problem banner" role="alert">
          {error.message}
          {components !== undefined && ' Below is what was last known.'}
        </p>
      )}
      {components === undefined ? error === undefined && <p className="page-wait">Counting…</p> : sections(components)}
    </div>
  );
}

function sections(components: ComponentsJson): ReactNode {
  return (
    <>
      <InForce components={components} />
      <Explained components={components} />
      <Vendors components={components} />
      <Unclassified components={components} />
      <Manifests components={components} />
      <Internal components={components} />
      <Acknowledged components={components} />
      <Listeners components={components} />
    </>
  );
}
