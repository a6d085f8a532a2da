/** The add-on in a real Odoo: who gets in where, what each click leaves in the record, and that nothing of it is left after it was removed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Checks } from '../output/checks.ts';
import { OdooBrowser, type OdooPage } from '../system/odoo-browser.ts';
import { Odoo, type RunningOdoo } from '../system/odoo-server.ts';
import { journal, outwitness, type Row, verify } from '../system/outwitness.ts';
import { openLink } from '../system/browser-session.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const MENU = { 'sec-fetch-site': 'same-origin' };
const SCREENS = { report: '/', log: '/log', traffic: '/traffic', components: '/components' };

export async function odooAddon(checks: Checks): Promise<void> {
  using folder = temporaryFolder('odoo-addon');
  const odoo = new Odoo(folder.path, 2);
  odoo.createDatabase('base,web,outwitness');
  try {
    await menusAndSettings(odoo, checks);
    const upgraded = odoo.setUp('-u', 'outwitness');
    checks.equal('warnings of an upgrade (-u)', warnings(upgraded).join(' · ') || 'none', 'none');
    await removal(odoo, checks);
    checks.equal('verify', (await verify(odoo.data)).exit, 10);
  } finally {
    odoo.dropDatabase();
  }
}

async function menusAndSettings(odoo: Odoo, checks: Checks): Promise<void> {
  await using server = await odoo.start({}, { serve: [], also: ['--log-level', 'debug_rpc_answer'] });
  const admin = await OdooBrowser.signIn(server.port, odoo.database, 'admin', 'admin');
  const [auditor, clerk, officer] = await Promise.all([
    newUser(admin, server, odoo.database, 'anna', await admin.ref('outwitness', 'group_audit')),
    newUser(admin, server, odoo.database, 'carl', await admin.ref('base', 'group_user')),
    newUser(admin, server, odoo.database, 'olga', await admin.ref('outwitness', 'group_officer')),
  ]);
  checks.equal(
    'menus of an auditor',
    await menus(auditor),
    'Trust Report, Audit Log, Traffic Summary, Egress Components',
  );
  checks.equal('menus of an administrator', await menus(admin), 'Settings');
  checks.equal('menus of anybody else', await menus(clerk), 'none');

  const refused = await auditor.open('/outwitness/open/log', MENU);
  const told = /outwitness admin issuer odoo --role operator/.test(refused.text);
  checks.equal('before it is allowed', `${refused.status}, ${told ? 'says how' : 'says nothing'}`, '503, says how');
  await grant(odoo, '--role', 'operator');

  for (const [page, path] of Object.entries(SCREENS)) {
    const opened = await auditor.open(`/outwitness/open/${page}`, MENU);
    checks.equal(`${page} opens`, `${opened.status} ${pathOf(opened)}`, `303 ${path}`);
  }
  checks.equal(
    'an auditor is signed in as',
    await signedIn(await auditor.open('/outwitness/open/report', MENU)),
    'odoo:anna, viewer',
  );
  checks.equal(
    'an officer of Odoo, of operators',
    await signedIn(await officer.open('/outwitness/open/report', MENU)),
    'odoo:olga, operator',
  );
  checks.equal(
    'an administrator, to the settings',
    await signedIn(await admin.open('/outwitness/open/settings', MENU)),
    'odoo:admin, operator',
  );
  checks.equal('anybody else', (await clerk.open('/outwitness/open/report', MENU)).status, 403);
  checks.equal('an administrator, to the record', (await admin.open('/outwitness/open/report', MENU)).status, 403);
  checks.equal('an unknown page', (await auditor.open('/outwitness/open/other', MENU)).status, 404);

  const links = (): Promise<number> => linksIn(odoo);
  const before = await links();
  const elsewhere = [{ 'sec-fetch-site': 'cross-site' }, {}, { referer: 'http://evil.example/outwitness' }];
  const pages = await Promise.all(elsewhere.map((headers) => auditor.open('/outwitness/open/log', headers)));
  checks.equal('opened from another site', pages.map(({ status }) => status).join(', '), '200, 200, 200');
  checks.equal('links made by that', (await links()) - before, 0);
  const [, csrf = ''] = /name="csrf_token" value="([^"]+)"/.exec(pages[0]?.text ?? '') ?? [];
  const pressed = await auditor.open('/outwitness/open/log', {}, `csrf_token=${encodeURIComponent(csrf)}`);
  checks.equal('its button pressed', `${pressed.status} ${pathOf(pressed)}`, '303 /log');
  const forged = await auditor.open('/outwitness/open/log', {}, 'csrf_token=x');
  checks.equal('a forged form', forged.status, 400);
  const referer = await auditor.open('/outwitness/open/log', { referer: `http://127.0.0.1:${server.port}/web` });
  checks.equal('from Odoo over plain HTTP', referer.status, 303);

  await settings(odoo, admin, checks);
  checks.equal('tokens or secrets in what Odoo logged', secretsIn(server, [pressed, referer], odoo), 'none');
  await server.stop();

  const rows = (await journal(odoo.data, {
    kind: 'net',
    app: 'odoo',
    direction: 'out',
    package: 'outwitness',
  })) as Judged[];
  const asked = rows.filter(({ phase }) => phase !== 'end');
  checks.record('calls of the add-on', asked.length, 'at least 10', asked.length >= 10);
  checks.equal('all of them', kinds(asked), 'declared yes, class internal');
  checks.equal('alarms', (await odoo.report()).alarms, 'none');
}

async function settings(odoo: Odoo, admin: OdooBrowser, checks: Checks): Promise<void> {
  const action = await admin.ref('outwitness', 'action_settings');
  const read = await admin.run(action);
  checks.equal('settings without a grant', await viewOf(admin, read), 'settings_form_read');
  await grant(odoo, '--role', 'operator', '--settings');
  const form = await admin.run(action);
  checks.equal('settings with one', await viewOf(admin, form), 'settings_form');
  await admin.call('outwitness.settings', 'write', [
    [form.res_id],
    { strict: true, disabled_channels: 'udp', retention: 30 },
  ]);
  await admin.call('outwitness.settings', 'action_save', [[form.res_id]]);
  const agent = JSON.parse(readFileSync(join(odoo.data, 'agent.json'), 'utf8')) as {
    strict: boolean;
    disabledChannels: string[];
  };
  checks.equal('saved, in agent.json', `${agent.strict}, ${agent.disabledChannels.join()}`, 'true, udp');
  const again = await admin.run(action);
  const bad = await refusal(async () => {
    await admin.call('outwitness.settings', 'write', [[again.res_id], { disabled_channels: 'telepathy' }]);
    await admin.call('outwitness.settings', 'action_save', [[again.res_id]]);
  });
  checks.record('a channel that is none', bad.slice(0, 60), 'refused in words', /expected channels out of/.test(bad));
  await admin.call('outwitness.settings', 'write', [[again.res_id], { strict: false, disabled_channels: '' }]);
  await admin.call('outwitness.settings', 'action_save', [[again.res_id]]);
  const changes = (await journal(odoo.data, { kind: 'control', event: 'settings', actor: 'issuer' })) as Told[];
  checks.equal(
    'rows of that',
    changes.map(({ text }) => text).join(' · '),
    [
      'strict false → true, retention 90 → 30, disabledChannels [] → ["udp"], by odoo:admin',
      'strict true → false, disabledChannels ["udp"] → [], by odoo:admin',
    ].join(' · '),
  );
}

async function removal(odoo: Odoo, checks: Checks): Promise<void> {
  await using server = await odoo.start({}, { load: odoo.load(), serve: [] });
  const admin = await OdooBrowser.signIn(server.port, odoo.database, 'admin', 'admin');
  for (let i = 0; i < 8; i++) await admin.open('/web/login');
  const watched = await until(
    () => inbound(odoo),
    (count) => count > 0,
  );
  checks.record('rows where it was only installed', watched, 'some', watched > 0);
  await admin.call('ir.config_parameter', 'set_param', ['outwitness.dashboard_url', 'http://127.0.0.1:4711']);
  const [module] = (await admin.call('ir.module.module', 'search', [[['name', '=', 'outwitness']]])) as number[];
  await admin.call('ir.module.module', 'button_immediate_uninstall', [[module]]);
  // Each worker hears of it with its next request, and looks once a second.
  const still = async (): Promise<number> => {
    for (let i = 0; i < 8; i++) await admin.open('/web/login');
    await delay(1500);
    const count = await inbound(odoo);
    for (let i = 0; i < 8; i++) await admin.open('/web/login');
    await delay(1500);
    return (await inbound(odoo)) - count;
  };
  const after = await until(still, (count) => count === 0);
  checks.equal('rows of 8 requests after it was uninstalled', after, 0);
  const gaps = (await journal(odoo.data, { kind: 'gap', event: 'disabled' })) as Told[];
  checks.record('rows that say so', gaps.length, 'at least 1', gaps.length > 0);
  const left = await Promise.all([
    admin.call('ir.model.data', 'search_count', [[['module', '=', 'outwitness']]]),
    admin.call('ir.config_parameter', 'search_count', [[['key', '=like', 'outwitness.%']]]),
    admin.call('res.groups', 'search_count', [[['name', 'in', ['Audit', 'Officer']]]]),
    admin.call('ir.ui.menu', 'search_count', [[['name', '=', 'Network Audit']]]),
    admin.call('ir.actions.act_url', 'search_count', [[['url', '=like', '/outwitness/%']]]),
    admin.call('ir.ui.view', 'search_count', [[['name', '=like', 'outwitness.%']]]),
    admin.call('ir.module.category', 'search_count', [[['name', '=', 'Network Audit']]]),
  ]);
  checks.equal(
    'left of it: data, parameters, groups, menus, actions, views, categories',
    left.join(', '),
    '0, 0, 0, 0, 0, 0, 0',
  );
  checks.equal('its pages', (await admin.open('/outwitness/open/report', MENU)).status, 404);
  await admin.call('ir.module.module', 'button_immediate_install', [[module]]);
  const base = await inbound(odoo);
  const back = await until(
    async () => {
      await admin.open('/web/login');
      return (await inbound(odoo)) - base;
    },
    (count) => count > 0,
  );
  checks.record('rows after it was installed again', back, 'some', back > 0);
  await server.stop();
}

type Told = Row & { readonly text: string };
type Judged = Row & { readonly class?: string; readonly declared?: string };

async function newUser(
  admin: OdooBrowser,
  server: RunningOdoo,
  database: string,
  login: string,
  group: number,
): Promise<OdooBrowser> {
  const fields = await admin.call('res.users', 'fields_get', [['groups_id', 'group_ids']]);
  const groups = 'group_ids' in fields ? 'group_ids' : 'groups_id';
  const own = await admin.ref('base', 'group_user');
  await admin.call('res.users', 'create', [
    { name: login, login, password: `${login}-pass`, [groups]: [[6, 0, [own, group]]] },
  ]);
  return OdooBrowser.signIn(server.port, database, login, `${login}-pass`);
}

/** Names of what stands under Network Audit and leads somewhere. */
async function menus(browser: OdooBrowser): Promise<string> {
  const loaded = (await browser.call('ir.ui.menu', 'load_menus', [false])) as Record<string, Menu>;
  const all = Object.values(loaded);
  const root = all.find(({ name, children }) => name === 'Network Audit' && children.length > 0);
  const below = (menu: Menu | undefined): string[] =>
    (menu?.children ?? []).flatMap((id) => {
      const child = loaded[`${id}`];
      return child === undefined ? [] : child.children.length > 0 ? below(child) : [child.name];
    });
  return below(root).join(', ') || 'none';
}

interface Menu {
  readonly name: string;
  readonly children: readonly number[];
}

async function viewOf(admin: OdooBrowser, action: { views: [number, string][] }): Promise<string> {
  const view = action.views[0]?.[0] ?? 0;
  const found = await admin.call('ir.model.data', 'search_read', [
    [
      ['model', '=', 'ir.ui.view'],
      ['res_id', '=', view],
    ],
    ['name'],
  ]);
  return (found as { name: string }[])[0]?.name ?? 'no view';
}

async function grant(odoo: Odoo, ...args: string[]): Promise<void> {
  const { code, stderr } = await outwitness(['admin', 'issuer', 'odoo', ...args, '--data', odoo.data]);
  if (code !== 0) throw new Error(`admin issuer ended with ${code}: ${stderr}`);
}

function pathOf({ location }: OdooPage): string {
  return /^http:\/\/127\.0\.0\.1:\d+(\/[^#?]*)#token=[\w-]{43}$/.exec(location)?.[1] ?? `(${location})`;
}

async function signedIn({ location }: OdooPage): Promise<string> {
  const [, origin = '', token = ''] = /^(https?:\/\/[^/]+)\/[^#]*#token=(.*)$/.exec(location) ?? [];
  const { json } = await (await openLink(`${origin}/#token=${token}`)).send('GET', '/api/session');
  return `${json.user}, ${json.role}`;
}

async function linksIn(odoo: Odoo): Promise<number> {
  return (await journal(odoo.data, { kind: 'control', event: 'role', actor: 'issuer' })).length;
}

async function inbound(odoo: Odoo): Promise<number> {
  return (await journal(odoo.data, { kind: 'net', app: 'odoo', direction: 'in' })).filter(
    ({ phase }) => phase !== 'end',
  ).length;
}

async function until(look: () => Promise<number>, enough: (value: number) => boolean): Promise<number> {
  for (let tries = 0; ; tries++) {
    const value = await look();
    if (enough(value) || tries === 20) return value;
    await delay(500);
  }
}

async function refusal(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'nobody refused';
  } catch (error) {
    return (error as Error).message;
  }
}

function kinds(rows: readonly Judged[]): string {
  const seen = new Set(rows.map(({ declared, class: kind }) => `declared ${declared ?? '?'}, class ${kind ?? '?'}`));
  return [...seen].join(' · ') || 'none';
}

function secretsIn({ running }: RunningOdoo, opened: readonly OdooPage[], { data }: Odoo): string {
  const key = join(data, 'issuer-odoo.key');
  const secrets = opened.map(({ location }) => location.split('#token=')[1] ?? '');
  if (existsSync(key)) secrets.push(readFileSync(key, 'utf8').trim());
  const log = running.output();
  if (!log.includes('/outwitness/open/log')) return 'no log of the clicks';
  const found = secrets.filter((secret) => secret === '' || log.includes(secret));
  return found.length === 0 ? 'none' : `${found.length}`;
}

/** What Odoo wrote about the add-on that is no information. */
function warnings(log: string): string[] {
  return log
    .split('\n')
    .filter(
      (line) =>
        / (?:WARNING|ERROR|CRITICAL) /.test(line) && /addons[./]outwitness|module outwitness|'outwitness'/.test(line),
    );
}
