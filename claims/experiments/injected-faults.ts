/** Lets every guard of the watcher catch something, one after the other, and compares the traffic with that of a process without an agent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { selfSigned } from '../../packages/interceptor/test/certificate.ts';
import { installFolder } from '../../scripts/install-folder.mjs';
import { installFixture } from '../system/fixture.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { audit, journal, type Row, verify } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(import.meta.dirname, 'modules-entry.cjs');
const UNDICI = join(ROOT, 'test/undici');
const TIMEOUT_MS = 600_000;

/** What one injected fault came to. */
export interface Fault {
  readonly guard: string;
  /** `inspect`, `observe`, `leave`, `handle`, a method of a port, `loading` or `install`. */
  readonly hook: string;
  /** How often the hook was reached, and threw. */
  readonly fired: number;
  /** How many of these the guard counted, and how many other guards counted meanwhile. */
  readonly faults: number;
  readonly others: number;
  /** First line of the traffic that differs, `undefined` if all is the same. */
  readonly differs: string | undefined;
  /** Does the ledger have its `gap` row? */
  readonly row: boolean;
  /** Why this Node cannot reach the hook. */
  readonly unreachable: string | undefined;
}

export interface Injected {
  readonly faults: readonly Fault[];
  /** Guards that were named and that nobody injected a fault into. */
  readonly untried: readonly string[];
  readonly bytesOfTraffic: number;
  /** Rows, or anything else on disk, that hold the message of an injected error. */
  readonly messagesKept: number;
  readonly verifyExit: number;
}

/** What the fixture writes down. */
interface Results {
  readonly names: readonly string[];
  readonly results: readonly {
    readonly guard: string;
    readonly hook: string;
    /** Of the error that was thrown: another one for each hook of a guard. */
    readonly kind?: string;
    readonly traffic: string;
    /** Parts that this round left out, since nothing but other guards is reached by them. */
    readonly without: readonly string[];
    readonly fired: number;
    readonly faults: number;
    readonly others: number;
  }[];
}

export function held(fault: Fault): boolean {
  if (fault.unreachable !== undefined) return fault.fired === 0;
  const counted = fault.guard === NO_FAULT ? fault.faults === 0 : fault.fired > 0 && fault.faults === fault.fired;
  return counted && fault.others === 0 && fault.differs === undefined && fault.row;
}

const NO_FAULT = '(no fault)';

/** Hooks that no traffic can reach on some version of Node. */
function unreachable(guard: string, { version }: NodeBinary): string | undefined {
  const major = Number(version.split('.')[0]);
  if (guard === 'http.created' && major < 22) return `Node ${major} does not publish http.client.request.created`;
  const published = ['http2.created', 'http2.finish', 'http2Server.created'];
  if (published.includes(guard) && major < 22) return `Node ${major} publishes no channels of http2`;
  if (guard === 'websocket.open' && major < 22) return `Node ${major} has no WebSocket of its own`;
  return undefined;
}

export async function injectedFaults(node: NodeBinary): Promise<Injected> {
  using folder = temporaryFolder('faults');
  const app = installFixture('faults', folder.path);
  const data = join(folder.path, 'data');
  if (!(await installFolder(UNDICI))) throw new Error('test/undici could not be installed');
  // Under its own name: the agent knows it by that.
  const undici = join(app, 'node_modules/undici');
  cpSync(join(UNDICI, 'node_modules/undici6'), undici, { recursive: true });
  const common = {
    identity: selfSigned(),
    undici,
    entry: ENTRY,
    agent: join(ROOT, 'packages/agent/dist'),
    interceptor: join(ROOT, 'packages/interceptor/dist/index.js'),
  };
  const scenario = async (name: string, more: object, env: NodeJS.ProcessEnv = {}): Promise<Results> => {
    const own = join(folder.path, `run-${name}`);
    mkdirSync(own);
    const orders = join(own, 'orders.json');
    writeFileSync(orders, JSON.stringify({ ...common, folder: own, scenario: name, ...more }));
    await run(node, [join(app, 'app.mjs'), orders], {
      OUTWITNESS_DATA: data,
      OUTWITNESS_COLLECTOR: 'off',
      OUTWITNESS_APP: name,
      ...env,
    });
    return JSON.parse(readFileSync(join(own, 'results.json'), 'utf8')) as Results;
  };
  const withAgent = { NODE_OPTIONS: `--require ${ENTRY}` };

  const expected = (await scenario('untouched', {})).results[0]?.traffic ?? '';
  const guards = await scenario('guards', {}, withAgent);
  const late = await scenario('late', { known: guards.names });
  const runs: [app: string, Results][] = [
    ['guards', guards],
    ['sink', await scenario('sink', {}, withAgent)],
    ['loading', await scenario('loading', {}, withAgent)],
    ['late', late],
  ];
  const names = new Set([...guards.names, ...late.names]);
  for (const guard of names) {
    if (!guard.startsWith('install.')) continue;
    const app_ = guard.replaceAll(/[.+]/g, '-');
    runs.push([app_, await scenario(app_, { scenario: 'install', guard })]);
  }
  // A collector that starts now takes over all that was spooled.
  await audit(data, [node.path, '-e', '0']);
  const gaps = (await journal(data, { kind: 'gap', event: 'fault' })) as (Row & { text: string })[];
  const faults = runs.flatMap(([from, { results }]) =>
    results.map(({ traffic, without, kind, ...fault }) => ({
      ...fault,
      differs: firstDifference(expected, traffic, without),
      row:
        fault.guard === NO_FAULT ||
        gaps.some((row) => row.app === from && isOf(row.text, { guard: fault.guard, kind })),
      unreachable: unreachable(fault.guard, node),
    })),
  );
  const tried = new Set(faults.map(({ guard }) => guard));
  return {
    faults,
    untried: [...names].filter((name) => !tried.has(name)),
    bytesOfTraffic: expected.length,
    messagesKept: (await journal(data)).filter((row) => JSON.stringify(row).includes('must not be shown')).length,
    verifyExit: (await verify(data)).exit,
  };
}

/** A sink that fails cannot say so itself: the number of faults does, in the last record of the process. */
function isOf(text: string, { guard, kind }: { guard: string; kind: string | undefined }): boolean {
  if (guard === 'port.sink') return text === 'guards of the watcher caught exceptions';
  return text === `guard ${guard} caught ${kind}`;
}

function firstDifference(expected: string, got: string, without: readonly string[]): string | undefined {
  const wanted = expected.split('\n').filter((line) => !without.some((part) => line.startsWith(`${part}: `)));
  const found = got.split('\n');
  if (wanted.join('\n') === got) return undefined;
  const at = wanted.findIndex((line, i) => line !== found[i]);
  return `${found[at] ?? `(${found.length} lines)`} instead of ${wanted[at]}`;
}

async function run(node: NodeBinary, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  // The inspector says where it listens on stderr, else.
  const child = spawn(node.path, ['--no-warnings', '--inspect-publish-uid=http', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 || output !== '')
    throw new Error(
      `${args.join(' ')} ended with ${code ?? signal}, expected 0 and no output:\n${output.slice(-4000)}`,
    );
}
