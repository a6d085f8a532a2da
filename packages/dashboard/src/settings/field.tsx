import type { SettingJson } from '@outwitness/server';
import { type ReactNode, useId } from 'react';

import { ago, count } from '../format.ts';
import { rowHref } from '../links.ts';
import { Time } from '../ui/figure.tsx';
import { Link } from '../ui/link.tsx';
import { aboutSetting } from './about.ts';
import { type SettingsRow, whoIs } from './last-changes.ts';

type Value = SettingJson['value'];

interface Props {
  readonly setting: SettingJson;
  /** What stands in the field; another one than the setting's is not saved yet. */
  readonly draft: Value;
  readonly editable: boolean;
  readonly problem: string | undefined;
  readonly changed: SettingsRow | undefined;
  readonly onChange: (value: Value) => void;
}

const FIXED_BY = {
  flag: 'Set by an option of the command line, which goes before the file.',
  env: 'Set by the environment, which goes before the file.',
  file: 'Read when the collector starts: change it in the file and start again.',
  default: 'Read when the collector starts: set it in the file and start again.',
} as const;

/** One setting: its value, what it does, and who changed it last. */
export function Field({ setting, draft, editable, problem, changed, onChange }: Props): ReactNode {
  const { name, fixed, origin } = setting;
  const { title, text } = aboutSetting(name);
  const id = useId();
  const isDirty = JSON.stringify(draft) !== JSON.stringify(setting.value);
  return (
    <div className="setting" data-setting={name} data-dirty={isDirty}>
      <div className="setting-words">
        <label className="setting-title" htmlFor={editable ? id : undefined}>
          {title}
        </label>
        <p className="setting-text" id={`${id}-text`}>
          {text}
        </p>
        <p className="setting-origin">
          <code>{name}</code>
          {fixed
            ? ` · ${FIXED_BY[origin]}`
            : origin === 'default'
              ? ' · never set: the default'
              : ' · from the settings file'}
          {changed !== undefined && (
            <>
              {' · '}
              <Link href={rowHref(changed.seq)}>
                changed by {whoIs(changed)} <Time at={changed.at}>{ago(Date.parse(changed.at), Date.now())}</Time>
              </Link>
            </>
          )}
        </p>
        {problem !== undefined && (
          <p className="problem" role="alert" id={`${id}-problem`}>
            {problem}
          </p>
        )}
      </div>
      <div className="setting-value">
        {editable ? (
          <Control
            id={id}
            setting={setting}
            draft={draft}
            described={problem === undefined ? `${id}-text` : `${id}-problem`}
            invalid={problem !== undefined}
            onChange={onChange}
          />
        ) : (
          <output className="setting-shown">{shown(setting)}</output>
        )}
      </div>
    </div>
  );
}

function shown({ name, value }: SettingJson): string {
  const { unit } = aboutSetting(name);
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.join(', ');
  if (value === '') return 'Empty';
  const text = typeof value === 'number' && name !== 'port' ? count(value) : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}

interface ControlProps {
  readonly id: string;
  readonly setting: SettingJson;
  readonly draft: Value;
  readonly described: string;
  readonly invalid: boolean;
  readonly onChange: (value: Value) => void;
}

function Control({ id, setting, draft, described, invalid, onChange }: ControlProps): ReactNode {
  const { unit, choices } = aboutSetting(setting.name);
  const common = { id, 'aria-describedby': described, 'aria-invalid': invalid };
  if (typeof setting.value === 'boolean') {
    const on = draft === true;
    return (
      <button
        {...common}
        type="button"
        className="switch"
        role="switch"
        aria-checked={on}
        onClick={() => onChange(!on)}
      >
        <span className="switch-track" aria-hidden="true" />
        {on ? 'On' : 'Off'}
      </button>
    );
  }
  if (choices !== undefined) {
    return (
      <select {...common} value={String(draft)} onChange={(event) => onChange(event.target.value)}>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  }
  return (
    <span className="setting-typed">
      <input
        {...common}
        type="text"
        autoComplete="off"
        spellCheck={false}
        inputMode={typeof setting.value === 'number' ? 'numeric' : undefined}
        size={typeof setting.value === 'number' ? 6 : 24}
        value={Array.isArray(draft) ? draft.join(',') : String(draft)}
        onChange={(event) => onChange(typed(setting.value, event.target.value))}
      />
      {unit}
    </span>
  );
}

/** Of the setting's own type as far as it goes; what does not fit is for the collector to refuse, in its words. */
function typed(before: Value, text: string): Value {
  if (typeof before === 'number') return /^\d{1,10}$/.test(text) ? Number(text) : text;
  return Array.isArray(before) ? text.split(',') : text;
}
