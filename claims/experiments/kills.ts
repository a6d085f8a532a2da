/** Kills applications and collectors with SIGKILL and looks for each call that the server had counted by then. */
import { once } from 'node:events';
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStubServer, type StubServer } from '../servers/stub-server.ts';
import { fingerprintsOf } from '../system/fingerprint.ts';
import { installFixture } from '../system/fixture.ts';
import { inLedger } from '../system/ledger-edit.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { audit, calls, startOutwitness, verify, type Running } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

export type Victim = 'application' | 'collector';

/** What one kill showed. */
export interface Kill {
  readonly victim: Victim;
  /** Where in its life it died. */
  readonly point: string;
  /** False when it died before there was anything to lose. */
  readonly counts: boolean;
  /** Calls whose request the server received. */
  readonly served: number;
  /** Of these, those that have no row. */
  readonly missing: readonly string[];
  /** Calls with more than one row. */
  readonly twice: readonly string[];
  readonly verifyExit: number;
}

/** How an application dies. */
interface Death {
  readonly point: string;
  readonly env: NodeJS.ProcessEnv;
  /** Set when it is killed from outside: ms after its first call. */
  readonly afterMs?: number;
}

/** When an application ends by itself, ms: one that is to be killed does not live so long. */
const RUN_MS = { application: 20_000, collector: 1_500 } as const;
const OUTSIDE_WITHIN_MS = 400;
/** The collector dies so long after its first commit since the calls began, at most. */
const COLLECTOR_WITHIN_MS = 700;
/** Calls before the one that kills: the server has some of them, others are on their way. */
const MOST_CALLS_BEFORE = 150;
const CLIENTS = ['http keep-alive', 'http', 'fetch'];
const LATER = ['microtask', 'tick', 'immediate', 'timer'];

/** The wanted number of kills that count, two at a time; gives up after twice as many tries. */
export async function killMany(
  victim: Victim,
  wanted: number,
  nodes: readonly NodeBinary[],
  progress: (counting: number) => void = () => {},
): Promise<Kill[]> {
  const kills: Kill[] = [];
  let begun = 0;
  const counting = (): number => kills.filter(({ counts }) => counts).length;
  const lane = async (): Promise<void> => {
    while (counting() < wanted && begun < 2 * wanted) {
      const i = begun++;
      const node = nodes[i % nodes.length];
      if (node === undefined) throw new Error('no Node.js to audit an application on');
      kills.push(victim === 'application' ? await killApplication(i, node) : await killCollector(node));
      progress(counting());
    }
  };
  await Promise.all([lane(), lane()]);
  return kills;
}

async function killApplication(i: number, node: NodeBinary): Promise<Kill> {
  const death = deathOf(i);
  using folder = temporaryFolder('kill9');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const running = start(folder.path, node, server, {
    RUN_MS: `${RUN_MS.application}`,
    LANES: '4',
    PAUSE_MS: '2',
    ...death.env,
  });
  if (death.afterMs !== undefined) {
    const [, pid] = await running.printed(/pid (\d+)/);
    await firstRequest(server, running);
    await sleep(death.afterMs);
    process.kill(Number(pid), 'SIGKILL');
  }
  const { code, stderr } = await running.ended;
  if (code !== 128 + 9) throw new Error(`expected exit 137 of a killed application, got ${code}:\n${stderr}`);
  const found = await compare(data, server);
  return { victim: 'application', point: death.point, counts: found.served > 0, ...found };
}

/** Half of them die on the line after a call, the others anywhere. */
function deathOf(i: number): Death {
  const half = Math.floor(i / 2);
  if (i % 2 === 1 && half % 5 === 4) {
    return { point: 'at any moment, from outside', env: {}, afterMs: Math.random() * OUTSIDE_WITHIN_MS };
  }
  const client = CLIENTS[half % CLIENTS.length] ?? '';
  const when = i % 2 === 0 ? 'line' : (LATER[half % 5] ?? 'line');
  const call = { 'http keep-alive': 'http.get (keep-alive)', http: 'http.get', fetch: 'fetch' }[client] ?? client;
  const point = when === 'line' ? `on the line after ${call}` : `one ${when} after a call`;
  const before = 1 + Math.floor(Math.random() * MOST_CALLS_BEFORE);
  return { point, env: { DIE_AT: `${before}`, DIE_BY: client, DIE_WHEN: when } };
}

async function killCollector(node: NodeBinary): Promise<Kill> {
  using folder = temporaryFolder('kill9');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const env = { RUN_MS: `${RUN_MS.collector}`, LANES: '8', PAUSE_MS: '4' };
  const running = start(folder.path, node, server, env);
  await firstRequest(server, running);
  await nextCommit(data);
  await sleep(Math.random() * COLLECTOR_WITHIN_MS);
  const exited = once(running.child, 'exit');
  running.child.kill('SIGKILL');
  await exited;
  const committed = committedCalls(data, folder.path);
  // The application goes on and knows nothing of it.
  const { stdout } = await running.ended;
  if (!/made \d+ calls/.test(stdout)) throw new Error('the application did not survive the death of its collector');
  await audit(data, ['true']);
  const found = await compare(data, server);
  return { victim: 'collector', point: bucketOf(committed), counts: committed > 0 && found.served > 0, ...found };
}

function start(folder: string, node: NodeBinary, server: StubServer, env: NodeJS.ProcessEnv): Running {
  const app = installFixture('killed', folder);
  const command = ['run', '--no-serve', '--data', join(folder, 'data'), '--', node.path, join(app, 'app.mjs')];
  return startOutwitness(command, { cwd: app, env: { HTTP_PORT: `${server.port}`, RUN: 'run', ...env } });
}

async function firstRequest(server: StubServer, running: Running): Promise<void> {
  const first = new Promise<void>((resolve) => server.onRequest(() => resolve()));
  const ended = running.ended.then(({ stdout, stderr }) => {
    throw new Error(`the application ended before its first call:\n${stdout}${stderr}`);
  });
  if (server.requests.length === 0) await Promise.race([first, ended]);
}

/** Each commit is followed by a line in checkpoints.log. */
async function nextCommit(data: string): Promise<void> {
  const size = (): number => statSync(join(data, 'checkpoints.log'), { throwIfNoEntry: false })?.size ?? 0;
  const before = size();
  const until = performance.now() + RUN_MS.collector;
  while (size() === before && performance.now() < until) await sleep(10);
}

/** Rows of calls that a killed collector had committed; read from a copy, since opening a ledger folds its WAL. */
function committedCalls(data: string, folder: string): number {
  const copy = join(folder, 'at-kill');
  for (const name of ['ledger.db', 'ledger.db-wal']) {
    if (existsSync(join(data, name))) cpSync(join(data, name), join(copy, name));
  }
  if (!existsSync(join(copy, 'ledger.db'))) return 0;
  return inLedger(copy, (database) => {
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'rows'").get();
    if (table === undefined) return 0;
    const count = database.prepare("SELECT count(*) AS n FROM rows WHERE kind = 'net' AND direction = 'out'").get();
    return Number(count?.['n']);
  });
}

function bucketOf(rows: number): string {
  const least = [1_000, 500, 250, 100, 1].find((bound) => rows >= bound);
  return least === undefined ? 'before its first committed call' : `with ${least} or more calls committed`;
}

async function compare(
  data: string,
  server: StubServer,
): Promise<Pick<Kill, 'missing' | 'served' | 'twice' | 'verifyExit'>> {
  const served = new Set(server.requests);
  const fingerprint = fingerprintsOf(data);
  const rowsOf = new Map<string, number>();
  for (const { fingerprint: found, phase } of await calls(data)) {
    if (typeof found === 'string' && phase !== 'end') rowsOf.set(found, (rowsOf.get(found) ?? 0) + 1);
  }
  const target = { method: 'GET', scheme: 'http', host: '127.0.0.1', port: server.port };
  return {
    served: served.size,
    missing: [...served].filter((path) => !rowsOf.has(fingerprint({ ...target, path }))),
    twice: [...rowsOf].filter(([, rows]) => rows > 1).map(([found]) => found),
    verifyExit: (await verify(data)).exit,
  };
}
