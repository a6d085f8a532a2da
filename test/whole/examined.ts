/** A data directory with its collector and applications, as `outwitness doctor` finds them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer, type StubServer } from '../../claims/servers/stub-server.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { outwitness, type Running, type StartOptions, startOutwitness } from '../../claims/system/outwitness.ts';
import { type TemporaryFolder, temporaryFolder } from '../../claims/system/temporary-folder.ts';

const ENTRY = join(import.meta.dirname, '../../packages/cli/register.cjs');

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly text: string;
  readonly expected: string;
  readonly got: string;
  readonly action: string;
  readonly pid: number | null;
}

/** What `doctor --json` prints. */
interface Doctor {
  readonly schemaVersion: number;
  readonly context: string | null;
  readonly agent: { readonly version: string; readonly digest: string };
  readonly collector: { readonly running: boolean; readonly pid: number };
  readonly threads: readonly {
    readonly app: string;
    readonly pid: number;
    readonly state: string;
    readonly runtime: string;
    readonly digest: string;
    readonly loaded: string;
    readonly enabled: boolean;
    readonly channels: readonly { readonly channel: string; readonly state: string; readonly records: number }[];
  }[];
  readonly findings: readonly Finding[];
}

export interface Examination {
  readonly code: number;
  readonly seen: Doctor;
  /** Of the findings, sorted. */
  readonly ids: readonly string[];
}

export type App = ChildProcess & { pid: number };

export interface AppOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Before the program on the command line. */
  readonly flags?: readonly string[];
  /** What the program does before its call; default nothing. */
  readonly code?: string;
}

/** A data directory of its own, with what runs for it. */
export class Place implements AsyncDisposable {
  readonly folder: string;
  readonly data: string;
  readonly spool: string;
  readonly entry = ENTRY;
  readonly #running: ChildProcess[] = [];
  readonly #temporary: TemporaryFolder;
  readonly #server: StubServer;
  #collector: Running | undefined = undefined;
  #app: App | undefined = undefined;

  private constructor(temporary: TemporaryFolder, server: StubServer) {
    this.#temporary = temporary;
    this.#server = server;
    this.folder = temporary.path;
    this.data = join(this.folder, 'data');
    this.spool = join(this.data, 'spool');
  }

  static async make(): Promise<Place> {
    const place = new Place(temporaryFolder('doctor'), await startStubServer());
    // Others may come in, and then see what the directory itself lets them.
    chmodSync(place.folder, 0o755);
    place.configure({});
    return place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.#server[Symbol.asyncDispose]();
    this.#temporary[Symbol.dispose]();
  }

  /** Settings of the collector, which takes them over while it runs too. */
  configure(settings: object): void {
    writeFileSync(join(this.folder, 'outwitness.config.json'), JSON.stringify(settings));
  }

  async startCollector(): Promise<void> {
    const args = ['collect', '--data', this.data, '--config', join(this.folder, 'outwitness.config.json')];
    const collector = startOutwitness(args, { cwd: this.folder });
    this.#running.push(collector.child);
    await collector.printed(/the report is at/);
    this.#collector = collector;
  }

  async endCollector(): Promise<void> {
    this.#collector?.child.kill('SIGTERM');
    await this.#collector?.ended;
  }

  /** The one that was started last without options of its own. */
  get app(): App {
    assert.ok(this.#app !== undefined, 'no application was started');
    return this.#app;
  }

  /** An application that has made one call and waits; what comes on its standard input it runs. */
  async startApp(options?: AppOptions): Promise<App> {
    const { env, flags = [], code = '' } = options ?? {};
    const program = `${code}
      fetch(process.env.TARGET).then((res) => res.text()).then(() => console.log('ready'));
      process.stdin.setEncoding('utf8').on('data', (text) => { eval(text); console.log('done'); });`;
    const [node] = auditedNodes();
    const child = spawn(node?.path ?? process.execPath, [...flags, '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        NODE_OPTIONS: `--require ${ENTRY}`,
        ENTRY,
        OUTWITNESS_DATA: this.data,
        OUTWITNESS_COLLECTOR: 'off',
        OUTWITNESS_APP: 'patient',
        TARGET: `http://127.0.0.1:${this.#server.port}`,
        ...env,
      },
    });
    this.#running.push(child);
    await once(child.stdout, 'data');
    assert.ok(child.pid !== undefined);
    const app = child as App;
    if (options === undefined) this.#app = app;
    return app;
  }

  /** Runs `outwitness doctor --json`; every finding must say what, expected and got, what to do. */
  async doctor(options: StartOptions & { readonly data?: string } = {}): Promise<Examination> {
    const { data = this.data, ...start } = options;
    const { code, stdout, stderr } = await outwitness(['doctor', '--json', '--data', data], start);
    assert.doesNotMatch(stderr, /^\s+at /m, stderr);
    assert.notEqual(stdout, '', `doctor ended with ${code}: ${stderr}`);
    const seen = JSON.parse(stdout) as Doctor;
    for (const one of seen.findings)
      for (const part of [one.text, one.expected, one.got, one.action]) assert.notEqual(part, '', JSON.stringify(one));
    return { code, seen, ids: seen.findings.map(({ id }) => id).toSorted() };
  }

  /** Asks again until it is so, or a minute long. */
  async until(holds: (now: Examination) => boolean): Promise<Examination> {
    for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
      const now = await this.doctor();
      if (holds(now) || Date.now() > deadline) return now;
    }
  }
}

/** Ends an application without its last word, and waits until it is gone. */
export async function kill(app: App): Promise<void> {
  const gone = once(app, 'exit');
  app.kill('SIGKILL');
  await gone;
}
