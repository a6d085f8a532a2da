import type { SessionJson, SettingJson, SettingsJson } from '@outwitness/server';
import { type FormEvent, type ReactNode, useState } from 'react';

import { changeSettings } from '../api/client.ts';
import { asRequestError } from '../api/resource.ts';
import { plural } from '../format.ts';
import { Field } from './field.tsx';
import { lastChangeOf, type SettingsRow } from './last-changes.ts';

type Value = SettingJson['value'];

interface Props {
  readonly settings: SettingsJson;
  readonly rows: readonly SettingsRow[];
  readonly session: SessionJson;
  readonly onSaved: () => void;
  readonly onSignedOut: () => void;
}

/** The settings that a change reaches while the collector runs, then those that it reads at its start. */
export function SettingsForm({ settings, rows, session, onSaved, onSignedOut }: Props): ReactNode {
  const [drafts, setDrafts] = useState<Readonly<Record<string, Value>>>({});
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const mayChange = session.role === 'admin';
  const changes = Object.fromEntries(
    settings.settings.flatMap(({ name, value, fixed }) => {
      const draft = drafts[name];
      if (draft === undefined || fixed) return [];
      const cleaned = Array.isArray(draft) ? draft.map((one) => one.trim()).filter((one) => one !== '') : draft;
      return JSON.stringify(cleaned) === JSON.stringify(value) ? [] : [[name, cleaned]];
    }),
  );
  const count = Object.keys(changes).length;
  // The collector's message begins with the name of the setting that it refuses.
  const at = settings.settings.find(
    ({ name }) => problem.startsWith(`${name}:`) || problem.startsWith(`${name} `),
  )?.name;

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await changeSettings(changes);
      setDrafts({});
      setSaved(true);
      onSaved();
    } catch (error) {
      const asked = asRequestError(error);
      if (asked.code === 'signed-out') onSignedOut();
      setProblem(asked.message);
    }
    setBusy(false);
  };
  const field = (setting: SettingJson): ReactNode => (
    <Field
      key={setting.name}
      setting={setting}
      draft={drafts[setting.name] ?? setting.value}
      editable={mayChange && !setting.fixed}
      problem={at === setting.name ? problem : undefined}
      changed={lastChangeOf(setting.name, rows)}
      onChange={(value) => {
        setSaved(false);
        setDrafts({ ...drafts, [setting.name]: value });
      }}
    />
  );
  return (
    <form className="panel settings-form" onSubmit={(event) => void save(event)} noValidate>
      <header className="panel-head">
        <h2>While it runs</h2>
      </header>
      <p className="panel-note">
        {mayChange
          ? 'A change is written to the record first, then to the settings file; within a second it reaches every audited process.'
          : `Read-only: ${session.role === 'viewer' ? 'a' : 'an'} ${session.role} looks at settings, an admin changes them.`}
      </p>
      {settings.settings.filter(({ fixed }) => !fixed).map(field)}
      {mayChange && (
        <div className="settings-save" data-waiting={count > 0}>
          {count > 0 && (
            <>
              <button type="submit" className="primary" disabled={busy}>
                {busy ? 'Writing the row…' : `Save ${plural(count, 'change')}`}
              </button>
              <button
                type="button"
                className="tool"
                disabled={busy}
                onClick={() => {
                  setDrafts({});
                  setProblem('');
                }}
              >
                Discard
              </button>
            </>
          )}
          <span role="status">{saved && count === 0 ? 'Saved, and on record.' : ''}</span>
        </div>
      )}
      {problem !== '' && at === undefined && (
        <p className="problem banner" role="alert">
          {problem}
        </p>
      )}
      <h2>At its start</h2>
      <p className="panel-note">
        Fixed by an option, the environment, or because it is read once. The file is <code>{settings.file}</code>.
      </p>
      {settings.settings.filter(({ fixed }) => fixed).map(field)}
    </form>
  );
}
