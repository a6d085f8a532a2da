import type { PeopleJson, SettingsJson, WitnessJson } from '@outwitness/server';
import { type ReactNode, useCallback, useState } from 'react';

import { people as askPeople, rows as askRows, settings as askSettings, witness as askWitness } from '../api/client.ts';
import { useLive } from '../api/live.tsx';
import { useResource, useThrottled } from '../api/resource.ts';
import type { ScreenProps } from '../app.tsx';
import { hrefOf } from '../location.ts';
import { settingsRows, type SettingsRow, whoIs } from '../settings/last-changes.ts';
import { People } from '../settings/people.tsx';
import { SettingsForm } from '../settings/settings-form.tsx';
import { Witnesses } from '../settings/witnesses.tsx';
import { rowHref } from '../links.ts';
import { Time } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';

interface Everything {
  readonly settings: SettingsJson;
  readonly people: PeopleJson;
  readonly witness: WitnessJson;
  readonly rows: readonly SettingsRow[];
}

/** Changes by people and by the file; what each process answers to a new generation is none. */
const CHANGES = [
  ['where', 'kind=control'],
  ['where', 'event=settings'],
  ['not', 'actor=agent'],
] as const;
const SHOWN = 10;
/** Least time between two looks, ms. */
const REFRESH_MS = 2_000;

async function everything(signal: AbortSignal): Promise<Everything> {
  const params = new URLSearchParams([...CHANGES.map(([name, value]) => [name, value]), ['limit', '200']]);
  const [settings, people, witness, { rows }] = await Promise.all([
    askSettings(signal),
    askPeople(signal),
    askWitness(signal),
    askRows(params, signal),
  ]);
  return { settings, people, witness, rows: settingsRows(rows) };
}

export default function Settings({ session, onSignedOut }: ScreenProps): ReactNode {
  const { head } = useLive();
  const [saves, setSaves] = useState(0);
  const version = useThrottled((head?.size ?? 0) + saves, REFRESH_MS);
  const again = useCallback(() => setSaves((before) => before + 1), []);
  const { data, error } = useResource('settings', version, everything, onSignedOut);
  return (
    <div className="page settings-page">
      <title>Settings · Outwitness</title>
      <header className="log-head">
        <h1>Settings</h1>
        <p className="quiet">What is recorded and for how long, who may look, and who may watch from outside.</p>
      </header>
      {error !== undefined && (
        <p className="problem banner" role="alert">
          {error.message}
          {data !== undefined && ' Below is what was last known.'}
        </p>
      )}
      {data === undefined ? (
        error === undefined && <p className="page-wait">Reading the settings…</p>
      ) : (
        <>
          <SettingsForm {...data} session={session} onSaved={again} onSignedOut={onSignedOut} />
          <People people={data.people} session={session} onChanged={again} onSignedOut={onSignedOut} />
          <Witnesses witness={data.witness} />
          <Changes rows={data.rows} />
        </>
      )}
    </div>
  );
}

function Changes({ rows }: { readonly rows: readonly SettingsRow[] }): ReactNode {
  return (
    <section className="panel" aria-labelledby="changes">
      <header className="panel-head">
        <h2 id="changes">Changes on record</h2>
        <Link className="tool" href={hrefOf('/log', CHANGES)}>
          All of them
        </Link>
      </header>
      {rows.length === 0 ? (
        <p className="quiet">No setting was changed since the record began.</p>
      ) : (
        <ol className="changes">
          {rows.slice(0, SHOWN).map((row) => (
            <li key={row.seq}>
              <Link href={rowHref(row.seq)}>
                <Time at={row.at} />
              </Link>{' '}
              <span className="quiet">{whoIs(row)}</span> <code>{row.text}</code>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
