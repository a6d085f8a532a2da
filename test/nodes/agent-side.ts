/** Runs test files on a Node of choice and counts what each test came to. */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

import { type NodeBinary, pinnedNode } from '../../claims/system/node-binaries.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import { AGENT_SIDE, writeStrippedTree } from './stripped-tree.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface TestResult {
  /** File and name, without the version of Node that the name may hold. */
  readonly name: string;
  readonly ended: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly why?: string | boolean;
}

/** The tests of packages that run in an audited process, all of them on `node`. */
export async function agentSideTests(node: NodeBinary, packages = AGENT_SIDE): Promise<TestResult[]> {
  using folder = temporaryFolder('nodes');
  writeStrippedTree(folder.path);
  const files = packages.map((name) => `packages/${name}/test/**/*.test.js`);
  return await run(node.path, globSync(files, { cwd: folder.path }), folder.path, {});
}

/** The tests of the whole system: the application on `node`, the collector on the pinned Node. */
export function wholeSystemTests(node: NodeBinary): Promise<TestResult[]> {
  const major = node.version.split('.')[0];
  const files = globSync('test/whole/*.test.ts', { cwd: ROOT });
  return run(pinnedNode().path, files, ROOT, { OUTWITNESS_NODES: major });
}

async function run(node: string, files: string[], cwd: string, more: NodeJS.ProcessEnv): Promise<TestResult[]> {
  // Else node:test takes this run for a part of the test that it is started from.
  const env = { ...process.env, ...more, NODE_TEST_CONTEXT: undefined };
  const reporter = join(import.meta.dirname, 'reporter.mjs');
  const child = spawn(
    node,
    ['--test', '--test-concurrency=2', '--test-timeout=240000', `--test-reporter=${reporter}`, ...files.toSorted()],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [lines, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (lines += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const results = lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as TestResult & { readonly file?: string })
    .map(({ name, file = '', ...rest }) => ({
      name: `${within(file, cwd)}: ${versionless(name).replaceAll(cwd, '')}`,
      ...rest,
    }));
  if (results.length === 0 || (code !== 0 && !results.some(({ ended }) => ended === 'failed')))
    throw new Error(`the tests on ${node} ended with ${code} after ${results.length} results:\n${errors.slice(-4000)}`);
  return results;
}

function within(file: string, cwd: string): string {
  return file.slice(file.indexOf(cwd) + cwd.length + 1).replace(/\.[jt]s$/, '');
}

function versionless(name: string): string {
  return name.replaceAll(/Node \d+\.\d+\.\d+/g, 'Node');
}
