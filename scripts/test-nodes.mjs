/**
 * `npm run test:nodes [-- MAJOR …]`: the tests of everything that runs in an audited process, on each version of Node
 * that is supported, and how many tests ran on each. Installs those versions in test/nodes on demand.
 */
import { join } from 'node:path';
import process from 'node:process';

import { printTable } from '../claims/output/table.ts';
import { nodeOf } from '../claims/system/node-binaries.ts';
import { agentSideTests, wholeSystemTests } from '../test/nodes/agent-side.ts';
import { installFolder } from './install-folder.mjs';

const MAJORS = ['20', '22', '24', '26'];
/** With this one the others are compared. */
const PINNED = '24';

/** @typedef {import('../test/nodes/agent-side.ts').TestResult} TestResult */

for (const folder of ['nodes', 'undici', 'mail', 'streams'])
  if (!(await installFolder(join(import.meta.dirname, '../test', folder)))) process.exit(1);

const wanted = process.argv.slice(2);
/** @type {Map<string, TestResult[]>} */
const results = new Map();
for (const major of [PINNED, ...MAJORS.filter((other) => other !== PINNED)]) {
  if (wanted.length > 0 && major !== PINNED && !wanted.includes(major)) continue;
  const node = nodeOf(major);
  if (typeof node === 'string') throw new Error(node);
  process.stderr.write(`tests on ${node.name}\n`);
  const ended = [...(await agentSideTests(node)), ...(await wholeSystemTests(node))];
  results.set(node.name, ended);
  for (const { name, why } of ended.filter((result) => result.ended === 'failed'))
    process.stderr.write(`FAILED on ${node.name}: ${name}\n${why}\n`);
}

const [pinned = []] = results.values();
/** @type {string[]} */
const fewer = [];
const rows = [...results].map(([node, ended]) => {
  /** @param {TestResult['ended']} how */
  const count = (how) => ended.filter((result) => result.ended === how).length;
  fewer.push(...missingOn(ended).map((line) => `${node}: ${line}`));
  return [node, ended.length, count('passed'), count('skipped'), count('failed')];
});
printTable(['on', 'tests', 'passed', 'skipped', 'failed'], rows);
if (fewer.length > 0) process.stdout.write(`\nPassed on Node ${PINNED}, and not there:\n${fewer.join('\n')}\n`);
process.exitCode = rows.some((row) => row[4] !== 0) ? 1 : 0;

/**
 * What passed on the pinned Node and did not here, with the reason.
 *
 * @param {TestResult[]} ended
 */
function missingOn(ended) {
  const here = new Map(ended.map((result) => [result.name, result]));
  return pinned
    .filter((result) => result.ended === 'passed' && here.get(result.name)?.ended !== 'passed')
    .map(({ name }) => {
      const found = here.get(name);
      return `${name}: ${found === undefined ? 'no such test' : `${found.ended}, ${found.why}`}`;
    });
}
