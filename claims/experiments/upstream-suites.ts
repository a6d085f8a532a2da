/** Runs the test suites that packages ship, as they are, on a Node with and without the agent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { selfSigned } from '../../packages/interceptor/test/certificate.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const ENTRY = join(ROOT, 'packages/cli/register.cjs');
const REPORTER = join(ROOT, 'test/nodes/reporter.mjs');
const LIMIT_MS = 900_000;
/** How often the files whose tests ended otherwise are run again, both ways: suites of others have races of their own. */
const AGAIN = 2;

export interface Suite {
  /** Its folder in claims/fixtures/compat. */
  readonly folder: string;
  readonly package: string;
  readonly files: string;
  readonly runner: 'node:test' | 'mocha';
  /** Where the tests look for a key and a certificate that the package does not ship. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** Files left out, and why. */
  readonly leftOut?: Readonly<Record<string, string>>;
}

const OUTSIDE = 'asks for hosts outside this machine';

export const SUITES: readonly Suite[] = [
  { folder: 'fastify', package: 'fastify', files: 'test/**/*.test.{js,mjs}', runner: 'node:test' },
  { folder: 'reply-from', package: '@fastify/reply-from', files: 'test/**/*.test.js', runner: 'node:test' },
  { folder: 'http-proxy', package: '@fastify/http-proxy', files: 'test/*.js', runner: 'node:test' },
  { folder: 'websocket', package: '@fastify/websocket', files: 'test/*.test.js', runner: 'node:test' },
  {
    folder: 'autocannon',
    package: 'autocannon',
    files: 'test/*.test.js',
    runner: 'node:test',
    leftOut: {
      'test/onPort.test.js': 'leaves a child process behind, with and without the agent, and waits for it for ever',
    },
  },
  {
    folder: 'needle',
    package: 'needle',
    files: 'test/*_spec.js',
    runner: 'mocha',
    leftOut: {
      'test/decoder_spec.js': OUTSIDE,
      'test/errors_spec.js': OUTSIDE,
      'test/socket_cleanup_spec.js': OUTSIDE,
      'test/tls_options_spec.js': OUTSIDE,
      'test/url_spec.js': OUTSIDE,
    },
    certificate: { key: 'test/keys/ssl.key', cert: 'test/keys/ssl.cert' },
  },
];

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Compared {
  readonly package: string;
  readonly version: string;
  readonly without: Counts;
  readonly with: Counts;
  /** Tests that ended differently, `file: name: passed | failed`. */
  readonly different: readonly string[];
  /** Tests that fail in both. */
  readonly failures: readonly string[];
  /** Files that were run again. */
  readonly again: readonly string[];
  /** Threads that the agent watched, the bytes of what it wrote, and the faults of its guards. */
  readonly watched: number;
  readonly spooled: number;
  readonly faults: number;
}

type Ended = 'passed' | 'failed' | 'skipped';
interface Result {
  readonly file: string;
  readonly name: string;
  readonly ended: Ended;
}

/** Why a suite cannot be run here, or what it came to. */
export async function compareSuite(suite: Suite, node: NodeBinary): Promise<Compared> {
  const installed = join(ROOT, 'claims/fixtures/compat', suite.folder, 'node_modules');
  if (!existsSync(installed)) throw new Error(`claims/fixtures/compat/${suite.folder} is not installed`);
  // A short path: suites make unix sockets beside their tests, and a name has 107 bytes at most.
  using folder = temporaryFolder('compat');
  const copy = join(folder.path, 'suite');
  cpSync(join(installed, suite.package), copy, { recursive: true });
  symlinkSync(installed, join(folder.path, 'node_modules'));
  if (suite.certificate !== undefined) layCertificate(copy, suite.certificate);
  const { version } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as { version: string };
  const files = globSync(suite.files, { cwd: copy })
    .filter((file) => suite.leftOut?.[file] === undefined)
    .toSorted();
  const spool = join(folder.path, 'data/spool');
  mkdirSync(spool, { recursive: true });
  const agent = {
    NODE_OPTIONS: `--require ${ENTRY}`,
    OUTWITNESS_DATA: dirname(spool),
    OUTWITNESS_COLLECTOR: 'off',
  };
  let without: Result[] = await run(suite, node, copy, files, {});
  let with_ = await run(suite, node, copy, files, agent);
  const again = new Set<string>();
  for (let i = 0; i < AGAIN; i++) {
    const odd = new Set(differences(without, with_).map(({ file }) => file));
    if (odd.size === 0) break;
    for (const file of odd) again.add(file);
    const others = (results: Result[]): Result[] => results.filter(({ file }) => !odd.has(file));
    without = [...others(without), ...(await run(suite, node, copy, [...odd], {}))];
    with_ = [...others(with_), ...(await run(suite, node, copy, [...odd], agent))];
  }
  return {
    package: suite.package,
    version,
    without: count(without),
    with: count(with_),
    different: differences(without, with_).map(({ file, name, ends }) => `${file}: ${name}: ${ends}`),
    failures: without.filter(({ ended }) => ended === 'failed').map(({ file, name }) => `${file}: ${name}`),
    again: [...again],
    ...spooledIn(spool),
  };
}

function layCertificate(copy: string, { key, cert }: { key: string; cert: string }): void {
  const made = selfSigned();
  if (made === undefined) throw new Error('openssl is needed to make a certificate: install it');
  mkdirSync(dirname(join(copy, key)), { recursive: true });
  writeFileSync(join(copy, key), made.key);
  writeFileSync(join(copy, cert), made.cert);
}

function count(results: readonly Result[]): Counts {
  const of = (ended: Ended): number => results.filter((result) => result.ended === ended).length;
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** A name may be used more than once in a file: their ends are compared in order. */
function differences(
  without: readonly Result[],
  with_: readonly Result[],
): { file: string; name: string; ends: string }[] {
  const tests = new Map<string, { file: string; name: string; ends: [string[], string[]] }>();
  for (const [i, results] of [without, with_].entries()) {
    for (const { file, name, ended } of results) {
      const key = `${file}\n${name}`;
      const test = tests.get(key) ?? { file, name, ends: [[], []] };
      test.ends[i]?.push(ended);
      tests.set(key, test);
    }
  }
  return [...tests.values()]
    .map(({ file, name, ends }) => ({ file, name, ends: ends.map((all) => all.toSorted().join() || 'not run') }))
    .filter(({ ends: [first, second] }) => first !== second)
    .map(({ file, name, ends }) => ({ file, name, ends: ends.join(' | ') }));
}

async function run(
  suite: Suite,
  node: NodeBinary,
  cwd: string,
  files: readonly string[],
  more: NodeJS.ProcessEnv,
): Promise<Result[]> {
  const mocha = join(dirname(cwd), 'node_modules/mocha/bin/_mocha');
  const args =
    suite.runner === 'mocha'
      ? [mocha, '--reporter', 'json', '--exit']
      : ['--test', '--test-concurrency=2', '--test-timeout=120000', `--test-reporter=${REPORTER}`];
  const child = spawn(node.path, [...args, ...files], {
    cwd,
    env: {
      PATH: `${dirname(node.path)}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: process.env['HOME'],
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const results = suite.runner === 'mocha' ? fromMocha(output) : fromNodeTest(output, cwd);
  if (results.length === 0 || signal !== null)
    throw new Error(
      `${suite.package} on ${node.name} ended with ${signal ?? code} after ${results.length} tests:\n${errors.slice(-2000)}`,
    );
  return results;
}

function fromNodeTest(output: string, cwd: string): Result[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as Omit<Result, 'file'> & { file?: string })
    .map(({ name, file = '', ended }) => ({ file: file.slice(file.indexOf(cwd) + cwd.length + 1), name, ended }));
}

/** What the tests print comes before it. All tests run in one process, so all files count as one. */
function fromMocha(output: string): Result[] {
  const start = output.lastIndexOf('{\n  "stats"');
  if (start === -1) return [];
  const report = JSON.parse(output.slice(start)) as Record<'passes' | 'failures' | 'pending', { fullTitle: string }[]>;
  const of = (tests: { fullTitle: string }[], ended: Ended): Result[] =>
    tests.map(({ fullTitle }) => ({ file: 'test', name: fullTitle, ended }));
  return [...of(report.passes, 'passed'), ...of(report.failures, 'failed'), ...of(report.pending, 'skipped')];
}

function spooledIn(spool: string): { watched: number; spooled: number; faults: number } {
  const writers = new Set<string>();
  let [spooled, faults] = [0, 0];
  for (const name of readdirSync(spool)) {
    const bytes = readFileSync(join(spool, name));
    writers.add(name.split('.')[0] ?? '');
    spooled += bytes.length;
    if (bytes.includes('"event":"fault"')) faults += bytes.toString('latin1').split('"event":"fault"').length - 1;
  }
  return { watched: writers.size, spooled, faults };
}
