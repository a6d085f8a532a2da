/** A program that puts secrets wherever a program can put text, and what of them is found in all that is kept of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { selfSigned } from '../../packages/interceptor/test/certificate.ts';
import type { Checks } from '../output/checks.ts';
import { installFixture } from '../system/fixture.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { outwitness, startOutwitness } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';
import { ALL_SHAPES, filesOf, type Found, search, type Secrets, secretsFor, type Shape } from './canaries.ts';

export type Mode = 'default' | 'strict';

/** The arguments and the environment of the audited program itself. */
const OWN = ['argument of the program', 'environment of the program'];
/** Host names stay: they are the evidence. */
const HOSTS = [
  'sni',
  'sni of https',
  'host label',
  'inbound host',
  'proxy',
  'dns label',
  'dns label of a service',
  'proxy tunnel',
];
/** What looks like a name there is kept in default mode. */
const NAMES = [
  'query key',
  'inbound query key',
  'header name',
  'http2 header name',
  'answer header name',
  'inbound header name',
  'inbound answer header name',
  'path of a unix socket',
  'name of an abstract socket',
  'name of a program',
  'name of a library',
  'cookie',
];
/** A program that plants, and how it is started. */
export interface Planter {
  /** Holds its copy and what it writes. */
  readonly folder: string;
  readonly positions: readonly string[];
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const PLAIN: readonly Shape[] = ['word', 'words'];

/** docs/reference/redaction.md, "What remains". */
function mayRemain(mode: Mode, { position, shape }: Found): boolean {
  // A function's name is program text.
  if (position === 'name of a function') return PLAIN.includes(shape);
  if (HOSTS.includes(position)) return mode === 'default' || PLAIN.includes(shape) || shape === 'e-mail';
  return mode === 'default' && NAMES.includes(position) && [...PLAIN, 'e-mail'].includes(shape);
}

/** Plants, searches, and records one line for each position. */
export async function plantedSecrets(
  planterIn: (folder: string) => Planter,
  mode: Mode,
  checks: Checks,
  shapes: readonly Shape[] = ALL_SHAPES,
): Promise<void> {
  using folder = temporaryFolder('canaries');
  const planter = planterIn(folder.path);
  const secrets = secretsFor([...planter.positions, ...OWN], shapes);
  const { planted, found, texts } = await plant(planter, mode, secrets, join(folder.path, 'data'));
  for (const position of Object.keys(secrets)) {
    const here = found.filter((one) => one.position === position);
    const leaked = here.filter((one) => !mayRemain(mode, one));
    const remain = new Set(here.filter((one) => mayRemain(mode, one)).map(({ shape }) => shape));
    const count = planted[position]?.length ?? 0;
    const value =
      leaked.length === 0
        ? `${count} planted${remain.size > 0 ? `, ${[...remain].join(' ')} kept as documented` : ''}`
        : [...new Set(leaked.map(({ shape, where, form }) => `${shape} in ${where} (${form})`))].slice(0, 4).join(', ');
    checks.record(position, value, 'planted, not found', leaked.length === 0 && count > 0);
  }
  // A search that cannot find anything would hold too.
  const control = found.filter(({ position, where }) => position === 'host label' && where === 'ledger.db').length;
  checks.record('host labels found in the database by the same search', control, 'at least 1', control > 0);
  checks.record('texts searched', texts, 'at least 8', texts >= 8);
}

export function nodePlanter(node: NodeBinary): (folder: string) => Planter {
  return (folder) => {
    const installed = installFixture('canaries', folder);
    const program = join(installed, 'app.mjs');
    return {
      folder: installed,
      positions: positionsOf(readFileSync(program, 'utf8')),
      command: [node.path, '--no-warnings', program],
      env: {},
    };
  };
}

export function pythonPlanter(folder: string): Planter {
  const installed = installFixture('odoo/canaries', folder);
  const program = join(installed, 'app.py');
  const table = /^PLANT = \{\n([\s\S]*?)\n\}/m.exec(readFileSync(program, 'utf8'))?.[1] ?? '';
  return {
    folder: installed,
    positions: [...table.matchAll(/^ {4}'([^']+)': /gm)].map(([, position = '']) => position),
    command: [pythonOrThrow(), program],
    env: { PYTHONPATH: PYTHON_AGENT, PYTHONDONTWRITEBYTECODE: '1' },
  };
}

function positionsOf(text: string): string[] {
  const table = /const PLANT = \{\n([\s\S]*?)\n\};/.exec(text)?.[1] ?? '';
  return [...table.matchAll(/^ {2}(?:'([^']+)'|(\w+)): (?:async )?\(/gm)].map((match) => match[1] ?? match[2] ?? '');
}

interface Harvest {
  planted: Record<string, string[]>;
  found: Found[];
  texts: number;
}

async function plant(planter: Planter, mode: Mode, secrets: Secrets, data: string): Promise<Harvest> {
  const installed = planter.folder;
  const orders = join(installed, 'orders.json');
  writeFileSync(orders, JSON.stringify({ secrets, identity: selfSigned() }));
  const own = OWN.map((position) => Object.values(secrets[position] ?? {}));
  const run = startOutwitness(
    ['run', '--no-serve', '--data', data, '--', ...planter.command, orders, ...(own[0] ?? [])],
    {
      env: {
        ...planter.env,
        OUTWITNESS_STRICT: mode === 'strict' ? 'true' : 'false',
        ...Object.fromEntries((own[1] ?? []).map((secret, i) => [`CANARY_${i}`, secret])),
      },
    },
  );
  await run.printed(/PLANTED/, 180_000);
  // The write-ahead log is gone after the end.
  const texts = new Map([...filesOf(data)].map(([name, bytes]) => [`${name} while running`, bytes]));
  writeFileSync(join(installed, 'go'), '');
  const ended = await run.ended;
  if (ended.code !== 0) throw new Error(`outwitness run ended with ${ended.code}:\n${ended.stderr.slice(-2000)}`);
  for (const [name, bytes] of filesOf(data)) texts.set(name, bytes);
  texts.set('log of the collector', Buffer.from(ended.stdout + ended.stderr));
  const exported = join(installed, 'export.outwitness');
  for (const args of [
    ['export', '--out', exported],
    ['journal'],
    ['report', '--json'],
    ['status', '--json'],
    ['verify', '--json'],
  ]) {
    const { code, stdout, stderr } = await outwitness([...args, '--data', data]);
    if (code === 1 || code === 2) throw new Error(`outwitness ${args[0]} ended with ${code}:\n${stderr}`);
    texts.set(`output of ${args[0]}`, Buffer.from(stdout + stderr));
  }
  texts.set('export', readFileSync(exported));
  const { planted } = JSON.parse(readFileSync(join(installed, 'planted.json'), 'utf8')) as Pick<Harvest, 'planted'>;
  for (const position of OWN) planted[position] = Object.keys(secrets[position] ?? {});
  return { planted, found: search(secrets, texts), texts: texts.size };
}
