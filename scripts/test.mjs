/**
 * `npm test [-- PATTERN …]`: the static checks, then every test under the pinned Node. With patterns: only the test
 * files whose path contains one of them, and no static checks.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runChild, runStep } from './child.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TEST_FILES = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'];
const CONCURRENCY = 2;
const TIMEOUT_MS = process.env['OUTWITNESS_LONG'] === '1' ? 3_600_000 : 240_000;

const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
if (process.version !== `v${devDependencies.node}`) {
  process.stderr.write(
    `The tests run on Node ${process.version}: expected the pinned v${devDependencies.node}. Start them by "npm test".\n`,
  );
  process.exit(2);
}

const patterns = process.argv.slice(2);
const files = globSync(TEST_FILES, { cwd: ROOT, exclude: (path) => path.split(/[/\\]/).includes('node_modules') })
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .toSorted();
if (files.length === 0) {
  process.stderr.write(
    `No test file found: expected at least one of ${TEST_FILES.join(', ')}` +
      `${patterns.length === 0 ? '' : ` whose path contains ${patterns.join(' or ')}`}. Check the pattern.\n`,
  );
  process.exit(2);
}

/** @type {[name: string, command: string, args: string[]][]} */
const checks = [
  ['format', 'oxfmt', ['--check']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']],
  ['unused files and exports', 'knip', ['--no-config-hints']],
  ['types of tests and scripts', 'tsc', ['-b']],
];
const options = { cwd: ROOT };
const failed = [];
if (patterns.length > 0) process.stderr.write('static checks left out: test files chosen by pattern\n');
for (const [name, command, args] of patterns.length === 0 ? checks : []) {
  if (!(await runStep(name, command, args, options))) failed.push(name);
}

process.stderr.write(`${files.length} test files on Node ${process.version}\n`);
const { code } = await runChild(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${TIMEOUT_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    ...files,
  ],
  options,
);
for (const name of failed) process.stderr.write(`FAILED ${name} (see above)\n`);
process.exitCode = failed.length > 0 && code === 0 ? 1 : code;
