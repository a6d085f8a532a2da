/** Runs an Odoo server with the sample vendor's addons under `outwitness run`. */
import { setTimeout as delay } from 'node:timers/promises';

import type { Checks } from '../output/checks.ts';
import { startMailStub } from '../servers/mail-stub.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { Odoo } from '../system/odoo-server.ts';
import { journal, type Row, verify } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const CALLS = [
  'vendor.licence.check',
  'vendor.licence.check',
  'vendor.licence.check',
  'vendor.mail.send',
  'vendor.mail.send',
  'vendor.insight.ping',
  'vendor.insight.ping',
];

/**
 * One server, from a new database to its end: the addons act, with workers one of them is killed in the middle of a call, the record is compared with what client and vendor counted; then the leak.
 *
 * @param workers 0 = threads
 */
export async function odooUnderAudit(workers: number, checks: Checks): Promise<void> {
  using folder = temporaryFolder(`odoo-${workers}`);
  const odoo = new Odoo(folder.path, workers);
  odoo.createDatabase();
  try {
    await using vendor = await startStubServer();
    const mail = await startMailStub();
    const environment = { VENDOR_PORT: `${vendor.port}`, VENDOR_MAIL_PORT: `${mail.port}` };
    let killed = 0;
    vendor.onRequest((path) => {
      const pid = Number(/[?&]pid=(\d+)/.exec(path)?.[1]);
      if (pid > 1) {
        killed++;
        process.kill(pid, 'SIGKILL');
      }
    });

    await using server = await odoo.start(environment);
    let sent = await odoo.client(['browse', ...CALLS]);
    if (workers > 0) sent += await odoo.client(['vendor.licence.hang']);
    await delay(3000);
    const before = await odoo.report();
    sent += await odoo.client(['vendor.insight.leak']);
    await delay(3000);
    const after = await odoo.report();
    await server.stop();
    mail.close();

    const rows = (await journal(odoo.data, { kind: 'net', app: 'odoo' })).filter(({ phase }) => phase !== 'end');
    const outbound = rows.filter(({ direction }) => direction === 'out');
    checks.equal('inbound rows', rows.length - outbound.length, sent);
    checks.equal('calls of vendor_licence', by(outbound, 'vendor_licence'), vendor.requests.filter(isLicence).length);
    checks.equal('sessions of vendor_mail', by(outbound, 'vendor_mail'), mail.sessions());
    checks.equal('calls of vendor_insight', by(outbound, 'vendor_insight'), vendor.requests.filter(isInsight).length);
    // Odoo itself asks for its own name when it begins to listen.
    const strangers = outbound.filter(
      (row) => row.package !== '(odoo)' && row.package?.startsWith('vendor_') !== true && row.channel !== 'native',
    );
    checks.equal('calls put down to anybody else', strangers.map(shown).join(' · ') || 'none', 'none');
    checks.equal('outcome of the killed worker', lost(outbound), killed > 0 ? 'lost' : 'nobody was killed');
    checks.equal('verdict before the leak', before.alarms, 'none');
    checks.equal('verdict after the leak', after.alarms, 'vendor-outside-declaration');
    const leak = outbound.find(({ package: name, path }) => name === 'vendor_insight' && path === '/v1/contacts');
    checks.record('the leak is named', leak?.site ?? 'no row', 'models/vendor_insight.py…', isLeakSite(leak?.site));
    checks.equal('verify', (await verify(odoo.data)).exit, 10);
  } finally {
    odoo.dropDatabase();
  }
}

function by(rows: readonly Row[], name: string): number {
  return rows.filter((row) => row.package === name).length;
}

function lost(rows: readonly Row[]): string {
  return rows.find(({ path }) => path === '/v1/renew')?.outcome ?? 'nobody was killed';
}

function isLicence(path: string): boolean {
  return path.startsWith('/v1/check') || path.startsWith('/v1/renew');
}

function isInsight(path: string): boolean {
  return path === '/v1/ping' || path === '/v1/contacts';
}

function isLeakSite(site: string | undefined): boolean {
  return site !== undefined && /^models\/vendor_insight\.py:\d+:0 _tell$/.test(site);
}

function shown({ channel, host, package: name, site }: Row): string {
  return `${channel} ${host ?? ''} ${name ?? '(nobody)'} ${site ?? ''}`;
}
