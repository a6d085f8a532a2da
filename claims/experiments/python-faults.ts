/** Lets every guard of the Python agent throw, and compares the traffic with that of a program without an agent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { audit, journal, type Row, verify } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';
import { startPeers } from './python-channels.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/odoo');

export interface PythonFault {
  readonly guard: string;
  /** How often it was reached, and threw. */
  readonly fired: number;
  /** What differs from the traffic without an agent; empty = nothing. */
  readonly differs: string;
  /** All that was caught in its round was counted. */
  readonly counted: boolean;
  /** The ledger has its `gap` row. */
  readonly row: boolean;
}

export interface PythonFaults {
  readonly faults: readonly PythonFault[];
  /** Guards that are known, and in which nothing was injected. */
  readonly untried: readonly string[];
  /** Rows that hold the message of an injected error. */
  readonly messagesKept: number;
  readonly verifyExit: number;
}

/** What the fixture prints of one round, and the peers' side of it. */
interface Round {
  readonly guards: readonly string[];
  readonly got: readonly string[];
  readonly fired: Readonly<Record<string, number>>;
  readonly inChildren: Readonly<Record<string, number>>;
  readonly faults: number;
  readonly known: readonly string[];
  readonly heard: Readonly<Record<string, readonly string[]>>;
}

/** @param together how many guards throw in one round */
export async function pythonFaults(together: number, withGevent: boolean): Promise<PythonFaults> {
  using folder = temporaryFolder('python-faults');
  const data = join(folder.path, 'data');
  const site = join(folder.path, 'site-packages');
  cpSync(join(FIXTURES, 'channels/courier'), join(site, 'courier'), { recursive: true });
  cpSync(join(FIXTURES, 'faults'), folder.path, { recursive: true });
  writeFileSync(join(folder.path, 'line'), 'a line of a file\n');
  mkdirSync(join(folder.path, 'nothing/spool'), { recursive: true });
  const peers = await startPeers(folder.path, join(folder.path, 'nothing'), 'asyncio');
  const rounds = async (scenario: string): Promise<Round[]> => {
    const child = spawn(pythonOrThrow(), [join(folder.path, 'main.py'), scenario, `${together}`], {
      cwd: folder.path,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        PYTHONPATH: [PYTHON_AGENT, join(PYTHON_AGENT, 'test'), site].join(':'),
        PYTHONDONTWRITEBYTECODE: '1',
        OUTWITNESS_DATA: data,
        PEER_CERTIFICATE: peers.certificate,
        PEER_PORTS: JSON.stringify(peers.ports),
        FAULTS_FOLDER: folder.path,
      },
    });
    const ended = once(child, 'close');
    const found: Round[] = [];
    for await (const line of createInterface(child.stdout)) {
      found.push({ ...(JSON.parse(line) as Round), heard: await peers.heard() });
      child.stdin.write('\n');
    }
    const [code, signal] = (await ended) as [number | null, string | null];
    if (code !== 0) throw new Error(`${scenario} ended with ${code ?? signal}, expected 0`);
    return found;
  };

  const faults: Omit<PythonFault, 'row'>[] = [];
  const known = new Set<string>();
  const compare = async (scenario: string, expected: Round | undefined): Promise<void> => {
    for (const round of await rounds(scenario)) {
      for (const name of round.known) known.add(name);
      const fired = Object.values(round.fired).reduce((sum, count) => sum + count, 0);
      const differs = difference(expected, round);
      if (round.guards.length === 0 && (differs !== '' || round.faults > 0))
        throw new Error(`${scenario}: without a fault the traffic differs: ${differs}; ${round.faults} faults`);
      for (const guard of round.guards) {
        const own = round.fired[guard] ?? 0;
        faults.push({ guard, fired: own + (round.inChildren[guard] ?? 0), differs, counted: fired === round.faults });
      }
    }
  };
  const [untouched] = await rounds('untouched');
  await compare('sync', untouched);
  const untouchedGevent = withGevent ? (await rounds('untouched gevent'))[0] : undefined;
  if (withGevent) await compare('gevent', untouchedGevent);
  const imports = [...known].filter((name) => name.startsWith('import'));
  const groups = [
    ['import'],
    ...chunks(
      imports.filter((name) => name !== 'import' && !name.includes('gevent')),
      together,
    ),
    ...(withGevent
      ? chunks(
          imports.filter((name) => name.includes('gevent')),
          1,
        )
      : []),
  ];
  for (const group of groups)
    await compare(group.join(), group.some((name) => name.includes('gevent')) ? untouchedGevent : untouched);
  await peers.end();

  await audit(data, [pythonOrThrow(), '-c', '0']);
  const gaps = (await journal(data, { kind: 'gap', event: 'fault' })) as (Row & { text: string })[];
  const told = new Set(gaps.map(({ text }) => text));
  const tried = new Set(faults.map(({ guard }) => guard));
  return {
    faults: faults.map((fault) => ({ ...fault, row: told.has(`guard ${fault.guard} caught RuntimeError`) })),
    untried: [...known].filter((name) => !tried.has(name)),
    messagesKept: (await journal(data)).filter((row) => JSON.stringify(row).includes('must not be shown')).length,
    verifyExit: (await verify(data)).exit,
  };
}

function chunks(names: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, i) => names.slice(i * size, (i + 1) * size));
}

function difference(expected: Round | undefined, { got, heard }: Round): string {
  if (expected === undefined) return 'nothing to compare with';
  const mine = got.findIndex((text, i) => text !== expected.got[i]);
  if (mine >= 0 || got.length !== expected.got.length) return `${got[mine]} instead of ${expected.got[mine]}`;
  const peer = Object.keys(expected.heard).find((name) => `${heard[name]?.join()}` !== expected.heard[name]?.join());
  return peer === undefined ? '' : `what ${peer} heard or said`;
}
