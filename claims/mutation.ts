/**
 * Each check of the verifier is turned off, one at a time: at least one experiment of `tamper`, or a frozen vector, is
 * then judged otherwise. Every finding that its source names is made by one of them.
 *
 *   npm run claim -- mutation [--only PATTERN]     only checks whose `file:line words` match the regular expression
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { mutantsOf } from './experiments/mutation/mutants.ts';
import { killAll } from './experiments/mutation/run.ts';
import { frozenVectors, prepareAll } from './experiments/tamper/run.ts';
import { Checks } from './output/checks.ts';
import { printTable } from './output/table.ts';
import { temporaryFolder } from './system/temporary-folder.ts';
import { CODES } from '../packages/verifier/dist/index.js';

const verifier = (path: string): string => fileURLToPath(new URL(`../packages/verifier/${path}`, import.meta.url));
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const wanted = new RegExp(only ?? '');
const checks = new Checks();
using folder = temporaryFolder('mutation');
const { prepared } = await prepareAll(`${folder.path}/inputs`);
const inputs = [...prepared, ...frozenVectors(`${folder.path}/vectors`)];
// What somebody builds meanwhile is not what the places of the checks were found in.
const compiled = `${folder.path}/compiled`;
cpSync(verifier('dist'), compiled, { recursive: true });
const mutants = mutantsOf(compiled, verifier('src')).filter(({ file, line, check }) =>
  wanted.test(`${file}:${line} ${check}`),
);
const verdicts = await killAll(mutants, { compiled, folder: `${folder.path}/mutants`, inputs });

printTable(
  ['check that was turned off', 'line', 'killed by'],
  verdicts.map(({ mutant: { file, line, check }, by }) => [check, `${file}:${line}`, by ?? 'NOTHING']),
);
process.stdout.write('\n');
const survivors = verdicts.filter(({ by }) => by === undefined);
const made = new Set(inputs.flatMap(({ expected }) => expected.match(/[a-z]+(?:-[a-z]+)*(?= -?\d)/g) ?? []));
const never = Object.keys(CODES).filter((code) => !made.has(code));
checks.record('checks turned off', verdicts.length, '> 150', verdicts.length > 150 || only !== undefined);
checks.equal('survivors', survivors.length, 0);
checks.equal('findings that nothing makes', never.join(' ') || 'none', 'none');
checks.print();
