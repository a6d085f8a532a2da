/**
 * SIGKILL at any point, of the application or the collector, loses no call that has left and doubles none.
 *
 * Kills each of them 50 times (OUTWITNESS_LONG=1: 200 times). Exit code: 0 when all of it held, else 1.
 */
import { killMany, type Kill, type Victim } from './experiments/kills.ts';
import { printTable, type Cell } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

const WANTED = process.env['OUTWITNESS_LONG'] === '1' ? 200 : 50;
const VICTIMS: readonly Victim[] = ['application', 'collector'];

const nodes = auditedNodes();
const lines: Cell[][] = [];
let held = true;
for (const victim of VICTIMS) {
  const start = performance.now();
  const kills = await killMany(victim, WANTED, nodes, (counting) => progress(victim, counting));
  const seconds = Math.round((performance.now() - start) / 1000);
  const counted = kills.filter(({ counts }) => counts);
  for (const point of [...new Set(counted.map(({ point: at }) => at))].toSorted()) {
    lines.push(
      line(
        victim,
        point,
        counted.filter((kill) => kill.point === point),
        true,
      ),
    );
  }
  const idle = kills.filter(({ counts }) => !counts);
  if (idle.length > 0) lines.push(line(victim, 'before there was anything to lose (not counted)', idle, true));
  lines.push(line(victim, `all that count, in ${seconds} s`, counted, counted.length >= WANTED));
  held &&= counted.length >= WANTED && kills.every(isWhole);
  report(kills);
}
printTable(['killed', 'where', 'kills', 'calls served', 'with a row', 'rows twice', 'verify 10', 'held'], lines);
process.exitCode = held ? 0 : 1;

/** For people who wait; the table goes to stdout. */
function progress(victim: Victim, counting: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${victim} killed ${counting} of ${WANTED} times `);
  if (process.stderr.isTTY && counting === WANTED) process.stderr.write('\n');
}

function line(victim: Victim, where: string, kills: readonly Kill[], enough: boolean): Cell[] {
  const served = kills.reduce((sum, kill) => sum + kill.served, 0);
  const missing = kills.reduce((sum, kill) => sum + kill.missing.length, 0);
  const twice = kills.reduce((sum, kill) => sum + kill.twice.length, 0);
  const verified = kills.filter(({ verifyExit }) => verifyExit === 10).length;
  const holds = enough && kills.every(isWhole);
  return [victim, where, kills.length, served, served - missing, twice, verified, holds ? 'yes' : 'NO'];
}

function isWhole({ missing, twice, verifyExit }: Kill): boolean {
  return missing.length === 0 && twice.length === 0 && verifyExit === 10;
}

function report(kills: readonly Kill[]): void {
  for (const { victim, point, missing, twice, verifyExit } of kills.filter((kill) => !isWhole(kill))) {
    process.stderr.write(
      `${victim} killed ${point}: no row of ${missing.join(' ') || 'none'}; twice ${twice.join(' ') || 'none'}; verify ${verifyExit}\n`,
    );
  }
}
