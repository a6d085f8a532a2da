/**
 * SIGKILL at any point of a Python program, of its threads or of one of its workers, loses no call that its vendor has got, and doubles none.
 *
 *   npm run claim -- odoo-kill9 [--kills N] [--seed TEXT]
 *
 * --kills: of each mode (default 40); --seed: the same one kills at the same points. Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import { killPython, PYTHON_MODES, type PythonKill } from './experiments/python-kills.ts';
import { progressLine } from './output/progress.ts';
import { printTable, type Cell } from './output/table.ts';
import { seededRandom } from './system/seeded-random.ts';

const { kills: asked, seed } = parseArgs({
  options: { kills: { type: 'string', default: '40' }, seed: { type: 'string', default: 'kill9' } },
}).values;
const wanted = Number(asked);
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  process.stderr.write(`--kills: expected a whole number >= 1, got ${JSON.stringify(asked)}\n`);
  process.exit(2);
}

const start = performance.now();
const lines: Cell[][] = [];
const endings: string[] = [];
let all: readonly PythonKill[] = [];
let held = true;
for (const mode of PYTHON_MODES) {
  const { kills, twice, verifyExit } = await killPython(
    mode,
    wanted,
    seededRandom(`${seed} ${mode}`),
    progressLine(mode),
  );
  for (const point of new Set(kills.map(({ point: at }) => at)))
    lines.push(
      line(
        mode,
        point,
        kills.filter((kill) => kill.point === point),
      ),
    );
  endings.push(`${mode}: ${twice} calls with more than one row; verify in the end: ${verifyExit}`);
  held &&= twice === 0 && verifyExit === 0 && kills.length === wanted;
  all = [...all, ...kills];
}
lines.push(line('all', `in ${Math.round((performance.now() - start) / 1000)} s`, all));
printTable(
  [
    'killed',
    'where',
    'kills',
    'inside a call',
    'calls arrived',
    'with a row',
    'unanswered',
    'of these lost',
    'verified',
  ],
  lines,
);
process.stdout.write(`${endings.join('\n')}\nseed ${seed}\n`);
for (const { mode, point, missing, notLost, verifyExit } of all.filter((kill) => !isWhole(kill)))
  process.stderr.write(
    `${mode} killed ${point}: no row of ${missing.join(' ') || 'none'}; not lost ${notLost.join(' ') || 'none'}; verify ${verifyExit}\n`,
  );
process.exitCode = held && all.every(isWhole) ? 0 : 1;

function line(mode: string, where: string, kills: readonly PythonKill[]): Cell[] {
  const sum = (of: (kill: PythonKill) => number): number => kills.reduce((total, kill) => total + of(kill), 0);
  const arrived = sum((kill) => kill.arrived);
  const unanswered = sum(({ inFlight }) => inFlight);
  return [
    mode,
    where,
    kills.length,
    kills.filter(({ lost }) => lost > 0).length,
    arrived,
    arrived - sum(({ missing }) => missing.length),
    unanswered,
    unanswered - sum(({ notLost }) => notLost.length),
    kills.filter(({ verifyExit }) => verifyExit === 0).length,
  ];
}

function isWhole({ missing, notLost, verifyExit }: PythonKill): boolean {
  return missing.length === 0 && notLost.length === 0 && verifyExit === 0;
}
