/** CPU that a Python program takes for the same work with the agent and without it, in turn. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { startStubServer } from '../servers/stub-server.ts';
import { audit, journal, verify } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';
import { Odoo } from '../system/odoo-server.ts';

/** CPU per call in µs, of each batch. */
export interface PythonCost {
  readonly without: readonly number[];
  readonly audited: readonly number[];
  readonly requests: number;
  readonly rows: number;
  readonly verifyExit: number;
}

/** Something that works in batches; resolves with the CPU of one in µs. */
type Batch = (calls: number) => Promise<number>;

const FIXTURES = join(import.meta.dirname, '../fixtures/odoo/overhead');
const WARM_UP = 2;

/** Outbound calls over one connection that is kept. */
export async function outboundCost(client: 'requests' | 'httpx', batches: number, calls: number): Promise<PythonCost> {
  using folder = temporaryFolder('python-overhead');
  await using server = await startStubServer();
  const data = join(folder.path, 'data');
  const programs = ['0', '1'].map((audited) =>
    spawn(pythonOrThrow(), [join(FIXTURES, 'app.py'), client, `${server.port}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        PYTHONPATH: PYTHON_AGENT,
        PYTHONDONTWRITEBYTECODE: '1',
        OUTWITNESS_DATA: data,
        AUDITED: audited,
      },
    }),
  );
  const [without, audited] = programs.map(batchesOf);
  if (without === undefined || audited === undefined) throw new Error('two programs were started');
  const costs = await inTurn(without, audited, batches, calls);
  for (const program of programs) {
    program.stdin.end();
    await once(program, 'close');
  }
  return { ...costs, ...(await recorded(data, 'overhead', 'out', (batches + WARM_UP) * calls)) };
}

/** `GET /web/login` of a real Odoo. */
export async function loginCost(batches: number, calls: number): Promise<PythonCost> {
  using folder = temporaryFolder('odoo-overhead');
  const odoo = new Odoo(folder.path, 0);
  // Where the app is installed, a server is watched without being asked to load it.
  odoo.createDatabase('base,web');
  try {
    await using without = await odoo.serve('base,web');
    await using audited = await odoo.serve('base,web,outwitness');
    await using clock = new CpuClock();
    const costs = await inTurn(loginsOf(without, clock), loginsOf(audited, clock), batches, calls);
    await audited.stop();
    return { ...costs, ...(await recorded(odoo.data, 'odoo', 'in', (batches + WARM_UP) * calls)) };
  } finally {
    odoo.dropDatabase();
  }
}

async function inTurn(
  without: Batch,
  audited: Batch,
  batches: number,
  calls: number,
): Promise<Pick<PythonCost, 'audited' | 'without'>> {
  const costs = { without: [] as number[], audited: [] as number[] };
  for (let i = 0; i < batches + WARM_UP; i++) {
    const turns = [
      ['without', without],
      ['audited', audited],
    ] as const;
    for (const [name, batch] of i % 2 === 0 ? turns : turns.toReversed()) {
      const cost = (await batch(calls)) / calls;
      if (i >= WARM_UP) costs[name].push(cost);
    }
  }
  return costs;
}

function batchesOf({ stdin, stdout }: ChildProcess): Batch {
  if (stdin === null || stdout === null) throw new Error('the program has no pipes');
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  return async (calls) => {
    stdin.write(`${calls}\n`);
    return Number((await lines.next()).value) / 1000;
  };
}

function loginsOf({ pid, port }: { pid: number; port: number }, clock: CpuClock): Batch {
  return async (calls) => {
    const before = await clock.of(pid);
    for (let i = 0; i < calls; i++) await login(port);
    return (await clock.of(pid)) - before;
  };
}

async function login(port: number): Promise<void> {
  const [answer] = (await once(get({ host: '127.0.0.1', port, path: '/web/login', agent: false }), 'response')) as [
    IncomingMessage,
  ];
  answer.resume();
  await once(answer, 'end');
  if (answer.statusCode !== 200) throw new Error(`/web/login answered ${answer.statusCode}, expected 200`);
}

/** CPU of other processes, by a Python that stays. */
class CpuClock implements AsyncDisposable {
  readonly #child = spawn(pythonOrThrow(), [join(FIXTURES, 'cpu_clock.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();

  /** User and system time in µs. */
  async of(pid: number): Promise<number> {
    this.#child.stdin.write(`${pid}\n`);
    return Number((await this.#lines.next()).value) / 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }
}

async function recorded(
  data: string,
  app: string,
  direction: 'in' | 'out',
  requests: number,
): Promise<Pick<PythonCost, 'requests' | 'rows' | 'verifyExit'>> {
  await audit(data, [pythonOrThrow(), '-c', '0']);
  const rows = (await journal(data, { kind: 'net', app, direction })).filter(
    ({ phase, channel }) => phase !== 'end' && ['http', 'requests', 'httpx'].includes(channel ?? ''),
  );
  return { requests, rows: rows.length, verifyExit: (await verify(data)).exit };
}
