/** Runs an Odoo server with the sample vendor's addons under `outwitness run`. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { Checks } from '../output/checks.ts';
import { startMailStub } from '../servers/mail-stub.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { journal, outwitness, type Row, startOutwitness, verify } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

export const ODOO_ENVIRONMENT = 'ODOO_BIN=/path/of/odoo-bin or ODOO_PATH=/folder/that/holds/the/package/odoo';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'examples/odoo');
const CLIENT = join(import.meta.dirname, '../fixtures/odoo/client.py');
const PYTHON = process.env['ODOO_PYTHON'] ?? '/usr/bin/python3';
const MODULES = 'vendor_licence,vendor_mail,vendor_insight,outwitness';
const execute = promisify(execFile);

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

/** A server on a database of its own, in a folder of its own. */
export class Odoo {
  readonly data: string;
  readonly #folder: string;
  readonly #workers: number;
  readonly #database: string;
  readonly #program: string;
  #port = 0;

  constructor(folder: string, workers: number) {
    this.#folder = folder;
    this.#workers = workers;
    this.#database = `outwitness_claim_${process.pid}_${workers}`;
    this.data = join(folder, 'outwitness');
    cpSync(SAMPLE, join(folder, 'sample'), { recursive: true });
    mkdirSync(join(folder, 'odoo-data'));
    this.#program = process.env['ODOO_BIN'] ?? join(folder, 'odoo-bin');
    const path = process.env['ODOO_PATH'];
    if (process.env['ODOO_BIN'] === undefined && path !== undefined) {
      writeFileSync(
        this.#program,
        `import sys\nsys.path.insert(0, ${JSON.stringify(path)})\nimport odoo\nif __name__ == '__main__':\n    odoo.cli.main()\n`,
      );
    }
  }

  #arguments(more: readonly string[]): string[] {
    const addons = [join(this.#folder, 'sample/addons'), join(ROOT, 'agents/odoo/addons'), process.env['ODOO_ADDONS']];
    const path = process.env['ODOO_PATH'];
    if (path !== undefined) addons.unshift(join(path, 'odoo/addons'));
    const options = {
      '-d': this.#database,
      '--db_user': process.env['PGUSER'] ?? 'root',
      '--without-demo': 'all',
      '--addons-path': addons.filter((folder) => folder !== undefined).join(','),
      '--data-dir': join(this.#folder, 'odoo-data'),
      '--http-interface': '127.0.0.1',
    };
    return [this.#program, ...Object.entries(options).flat(), ...more];
  }

  #environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: join(this.#folder, 'sample/world'), ...more };
  }

  createDatabase(modules: string = `base,web,${MODULES}`): void {
    const { status, stderr } = spawnSync(
      PYTHON,
      this.#arguments(['-i', modules, '--stop-after-init', '--no-http', '--max-cron-threads', '0']),
      { encoding: 'utf8', env: this.#environment({ OUTWITNESS_DATA: join(this.#folder, 'unused') }), timeout: 300_000 },
    );
    if (status !== 0) throw new Error(`Odoo could not make its database (exit ${status}):\n${stderr.slice(-4000)}`);
  }

  dropDatabase(): void {
    const { status, stderr } = spawnSync('dropdb', ['--force', '--if-exists', this.#database], { encoding: 'utf8' });
    if (status !== 0) process.stderr.write(`The database ${this.#database} could not be dropped: ${stderr}\n`);
  }

  /** A server by itself, without a collector; `load` decides whether it is watched. */
  async serve(load: string): Promise<AsyncDisposable & { pid: number; port: number; stop(): Promise<void> }> {
    const port = await freePort();
    const more = ['--load', load, '--http-port', `${port}`, '--max-cron-threads', '0', '--workers', `${this.#workers}`];
    const child = spawn(PYTHON, this.#arguments([...more, '--gevent-port', `${await freePort()}`]), {
      cwd: join(this.#folder, 'sample'),
      env: this.#environment({ OUTWITNESS_DATA: this.data }),
      stdio: 'ignore',
    });
    const ended = once(child, 'close');
    const stop = async (): Promise<void> => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    };
    for (let tries = 0; !(await listens(port)); tries++) {
      if (child.exitCode !== null || tries > 300) {
        await stop();
        throw new Error(`Odoo does not listen on ${port}`);
      }
      await delay(200);
    }
    return { pid: child.pid ?? 0, port, stop, [Symbol.asyncDispose]: stop };
  }

  /** Resolves when the server listens. Only connections are tried: a request would be a row. */
  async start(environment: NodeJS.ProcessEnv): Promise<AsyncDisposable & { stop(): Promise<void> }> {
    this.#port = await freePort();
    const load = ['--load', 'base,web,outwitness', '--http-port', `${this.#port}`, '--max-cron-threads', '1'];
    const more = [...load, '--workers', `${this.#workers}`, '--gevent-port', `${await freePort()}`];
    const running = startOutwitness(
      ['run', '--data', this.data, '--no-serve', '--', PYTHON, ...this.#arguments(more)],
      { cwd: join(this.#folder, 'sample'), env: this.#environment(environment) },
    );
    let ended = false;
    void running.ended.then(() => (ended = true));
    const stop = async (): Promise<void> => {
      if (!ended) running.child.kill('SIGTERM');
      await running.ended;
    };
    for (let tries = 0; !(await listens(this.#port)); tries++) {
      if (ended || tries > 300) {
        await stop();
        throw new Error(`Odoo does not listen on ${this.#port}:\n${running.output().slice(-4000)}`);
      }
      await delay(200);
    }
    return { stop, [Symbol.asyncDispose]: stop };
  }

  /** Runs the client; returns how many requests it sent. */
  async client(calls: readonly string[]): Promise<number> {
    const { stdout } = await execute(PYTHON, [CLIENT, `http://127.0.0.1:${this.#port}`, this.#database, ...calls], {
      timeout: 120_000,
    });
    return Number(stdout);
  }

  async report(): Promise<{ verdict: string; alarms: string }> {
    const { stdout } = await outwitness(['report', '--data', this.data, '--json']);
    const { verdict, reasons } = JSON.parse(stdout) as { verdict: string; reasons: { id: string; severity: string }[] };
    const alarms = reasons.filter(({ severity }) => severity === 'alarm').map(({ id }) => id);
    process.stderr.write(`${this.#workers} workers: ${verdict} (${reasons.map(({ id }) => id).join(', ')})\n`);
    return { verdict, alarms: alarms.join(', ') || 'none' };
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((answer) => {
    socket.destroy();
    return answer as boolean;
  });
}
