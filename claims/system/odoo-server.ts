/** A real Odoo on this machine, on a database of its own, under `outwitness run` or by itself. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { outwitness, type Running, startOutwitness } from './outwitness.ts';

export const ODOO_ENVIRONMENT = 'ODOO_BIN=/path/of/odoo-bin or ODOO_PATH=/folder/that/holds/the/package/odoo';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLE = join(ROOT, 'examples/odoo');
const CLIENT = join(import.meta.dirname, '../fixtures/odoo/client.py');
const PYTHON = process.env['ODOO_PYTHON'] ?? '/usr/bin/python3';
const MODULES = 'vendor_licence,vendor_mail,vendor_insight,outwitness';
const execute = promisify(execFile);

/** A server that listens. */
export interface RunningOdoo extends AsyncDisposable {
  readonly port: number;
  readonly running: Running;
  /** Ends it and what audits it. */
  stop(): Promise<void>;
}

/** A server on a database of its own, in a folder of its own. */
export class Odoo {
  readonly data: string;
  readonly #folder: string;
  readonly #workers: number;
  readonly database: string;
  readonly #program: string;
  #port = 0;

  constructor(folder: string, workers: number) {
    this.#folder = folder;
    this.#workers = workers;
    this.database = `outwitness_claim_${process.pid}_${workers}`;
    this.data = join(folder, 'outwitness');
    cpSync(SAMPLE, join(folder, 'sample'), { recursive: true });
    mkdirSync(join(folder, 'odoo-data'));
    this.#program = process.env['ODOO_BIN'] ?? join(folder, 'odoo-bin');
    const path = process.env['ODOO_PATH'];
    if (process.env['ODOO_BIN'] === undefined && path !== undefined) {
      writeFileSync(
        this.#program,
        `import sys\nsys.path.insert(0, ${JSON.stringify(path)})\nimport odoo\nimport odoo.cli\nif __name__ == '__main__':\n    odoo.cli.main()\n`,
      );
    }
  }

  #arguments(more: readonly string[]): string[] {
    const addons = [join(this.#folder, 'sample/addons'), join(ROOT, 'agents/odoo/addons'), process.env['ODOO_ADDONS']];
    const path = process.env['ODOO_PATH'];
    // The one is in every release, the other beside it in the newer trees.
    if (path !== undefined)
      addons.unshift(...['odoo/addons', 'addons'].map((one) => join(path, one)).filter(existsSync));
    const options = {
      '-d': this.database,
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
    this.setUp('-i', modules);
  }

  /**
   * Installs (`-i`) or upgrades (`-u`) modules while no server runs.
   *
   * @returns what Odoo wrote on it
   */
  setUp(option: '-i' | '-u', modules: string): string {
    const { status, stderr } = spawnSync(
      PYTHON,
      this.#arguments([option, modules, '--stop-after-init', '--no-http', '--max-cron-threads', '0']),
      { encoding: 'utf8', env: this.#environment({ OUTWITNESS_DATA: join(this.#folder, 'unused') }), timeout: 300_000 },
    );
    if (status !== 0) throw new Error(`Odoo could not set up its database (exit ${status}):\n${stderr.slice(-4000)}`);
    return stderr;
  }

  dropDatabase(): void {
    const { status, stderr } = spawnSync('dropdb', ['--force', '--if-exists', this.database], { encoding: 'utf8' });
    if (status !== 0) process.stderr.write(`The database ${this.database} could not be dropped: ${stderr}\n`);
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

  /** Server-wide modules of this release, with more of them behind. */
  load(...more: string[]): string {
    const path = process.env['ODOO_PATH'];
    // XML-RPC is a module of its own from Odoo 19 on.
    const rpc = path !== undefined && existsSync(join(path, 'addons/rpc')) ? ['rpc'] : [];
    return ['base', ...rpc, 'web', ...more].join(',');
  }

  /**
   * Resolves when the server listens. Only connections are tried: a request would be a row.
   *
   * @param also arguments of Odoo
   */
  async start(
    environment: NodeJS.ProcessEnv,
    { load = this.load('outwitness'), serve = ['--no-serve'], also = [] as readonly string[] } = {},
  ): Promise<RunningOdoo> {
    this.#port = await freePort();
    const place = ['--load', load, '--http-port', `${this.#port}`, '--max-cron-threads', '1'];
    const more = [...place, '--workers', `${this.#workers}`, '--gevent-port', `${await freePort()}`, ...also];
    const running = startOutwitness(['run', '--data', this.data, ...serve, '--', PYTHON, ...this.#arguments(more)], {
      cwd: join(this.#folder, 'sample'),
      env: this.#environment(environment),
    });
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
    return { port: this.#port, running, stop, [Symbol.asyncDispose]: stop };
  }

  /** Runs the client; returns how many requests it sent. */
  async client(calls: readonly string[]): Promise<number> {
    const { stdout } = await execute(PYTHON, [CLIENT, `http://127.0.0.1:${this.#port}`, this.database, ...calls], {
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
