/** Runs the labelled addons of claims/fixtures/odoo/attribution under a host that loads them as Odoo does, and judges each row. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { startMailStub } from '../servers/mail-stub.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { audit, journal, type Row } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/odoo/attribution');

export interface LabelledRow {
  readonly site: string;
  readonly owner: string;
  /** Nothing of the owner is on the stack when the call is made. */
  readonly off: boolean;
  readonly grade: 'right' | 'weak' | 'none' | 'wrong' | 'no-row';
  readonly basis: string;
  readonly named?: string | undefined;
  readonly at?: string | undefined;
}

interface Label {
  readonly site: string;
  readonly owner: string;
  readonly off?: boolean;
}

/** One row for each label. */
export async function labelledAddons(): Promise<LabelledRow[]> {
  using folder = temporaryFolder('python-attribution');
  await using server = await startStubServer();
  const mail = await startMailStub();
  cpSync(FIXTURE, folder.path, { recursive: true });
  const data = join(folder.path, 'data');
  const glue = join(PYTHON_AGENT, 'addons/outwitness/glue');
  try {
    await audit(data, [pythonOrThrow(), join(folder.path, 'main.py')], {
      cwd: folder.path,
      env: {
        PYTHONPATH: [PYTHON_AGENT, glue, join(folder.path, 'site-packages')].join(':'),
        PYTHONDONTWRITEBYTECODE: '1',
        HOST_CORE: join(folder.path, 'core'),
        HOST_ADDONS: join(folder.path, 'addons'),
        SITE_URL: `http://127.0.0.1:${server.port}/api?`,
        SITE_PLACE: `127.0.0.1:${server.port}`,
        SITE_TARGET: '/api?',
        SITE_MAIL: `${mail.port}`,
      },
    });
  } finally {
    mail.close();
  }
  const rows = (await journal(data, { kind: 'net', app: 'labelled', direction: 'out' })).filter(
    ({ phase }) => phase !== 'end',
  );
  const labels = JSON.parse(readFileSync(join(FIXTURE, 'labels.json'), 'utf8')) as Label[];
  const letters = rows.filter(({ channel }) => channel === 'smtp');
  return [
    ...labels.map((label) =>
      judged(
        label,
        rows.filter(({ queryKeys }) => queryKeys?.includes(label.site)),
      ),
    ),
    ...['mail_gateway', '(odoo)'].map((owner, i) => judged({ site: `mail${i + 1}`, owner }, letters.slice(i, i + 1))),
  ];
}

function judged({ site, owner, off = false }: Label, rows: readonly Row[]): LabelledRow {
  const [row] = rows;
  if (row === undefined || rows.length !== 1)
    return { site, owner, off, grade: 'no-row', basis: `${rows.length} rows` };
  const { package: named, basis = '', site: at } = row;
  const grade = named === undefined ? 'none' : named === owner ? 'right' : basis === 'transport' ? 'weak' : 'wrong';
  return { site, owner, off, grade, basis, named, at };
}
