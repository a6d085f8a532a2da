/** Runners of tests: their workers, contexts and mocks under the agent. */
import type { Start } from './alike.ts';
import { tried } from './tried.ts';

const JEST = ['node_modules/jest/bin/jest.js', '--rootDir', 'jest', '--cacheDirectory', 'built/jest'];
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--dir', 'vitest', '--slowTestThreshold=60000'];
const TESTS = ['node-test/first.test.mjs', 'node-test/second.test.mjs'];

/** Jest guesses from the runs before how long it will take, and gives up waiting for its workers on a busy machine. */
const JEST_SAYS = /, estimated \S+|^A worker process has failed to exit gracefully.*$/gm;

function ofJest(name: string, ...flags: string[]): Start {
  const command = (node: string): string[] => [node, ...JEST, ...flags];
  return { name, command, sends: ['orders', 'report'], unordered: true, kills: true, passing: JEST_SAYS };
}

function ofVitest(pool: string): Start {
  const command = (node: string): string[] => [node, ...VITEST, '--pool', pool];
  // It sets the duration of a slow test off by another space.
  const passing = / +T$/gm;
  return { name: `vitest in ${pool}`, command, sends: ['orders', 'report'], unordered: true, kills: true, passing };
}

tried('the same results and one row for each request of a test', [
  ofJest('jest in workers', '--maxWorkers', '2'),
  ofJest('jest in worker threads', '--maxWorkers', '2', '--workerThreads'),
  ofJest('jest in band', '--runInBand'),
  ...['threads', 'forks', 'vmThreads', 'vmForks'].map(ofVitest),
  { name: 'node --test', command: (node) => [node, '--test', ...TESTS], sends: ['orders', 'report'] },
  {
    name: 'node --test in one process',
    command: (node) => [node, '--test', '--test-isolation=none', ...TESTS],
    sends: ['orders', 'report'],
    from: 24,
  },
]);
