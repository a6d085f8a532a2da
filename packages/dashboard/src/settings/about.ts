/** What each setting is, for people (docs/reference/settings.md). */

export interface About {
  readonly title: string;
  readonly text: string;
  /** Behind a number. */
  readonly unit?: string;
  /** What can be chosen. */
  readonly choices?: readonly string[];
}

const ABOUT: Readonly<Record<string, About>> = {
  enabled: { title: 'Recording', text: 'While it is off, no call is recorded; that is itself on record, as a gap.' },
  strict: { title: 'Strict redaction', text: 'Of a path, only how deep it is gets recorded.' },
  disabledChannels: {
    title: 'Channels switched off',
    text: 'Names with commas between them, such as dns, udp. Calls fall through to the next lower channel. Empty: all are on.',
  },
  attribution: {
    title: 'Attribution',
    text: 'adaptive: the caller of a busy call may be taken over from earlier ones of the same shape. exact: each call is asked.',
    choices: ['adaptive', 'exact'],
  },
  learn: { title: 'Learning window', text: 'New destinations raise no attention for so long.', unit: 'days' },
  retention: {
    title: 'Retention',
    text: 'Texts of rows are dropped after so long; hashes and totals stay. 0: never. A smaller number takes effect a day after its epoch has closed.',
    unit: 'days',
  },
  hosts: {
    title: 'Own host names',
    text: 'Names under which the audited servers are reached, with commas between them.',
  },
  'witness.serve': {
    title: 'Serve witnesses',
    text: 'Hands checkpoints and hashes, never a row, to whoever has the witness token.',
  },
  app: { title: 'Application', text: 'Name of the audited application. Empty: from its package.json.' },
  operator: { title: 'Operator', text: 'First part of the name of a new record.' },
  epochHours: { title: 'Epoch', text: 'Its signing key is destroyed after so long.', unit: 'hours' },
  epochRows: { title: 'Epoch, at most', text: 'Its signing key is destroyed after so many rows.', unit: 'rows' },
  catalogue: { title: 'Catalogue', text: 'File with vendors and internal hosts. Empty: the one that is built in.' },
  port: { title: 'Port', text: 'Port of this report. 0: any free one.' },
};

/** A setting that this page does not know yet is shown by its name. */
export function aboutSetting(name: string): About {
  return Object.hasOwn(ABOUT, name) ? (ABOUT[name] as About) : { title: name, text: '' };
}
