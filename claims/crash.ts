/**
 * 1,000 kills by SIGKILL over applications and collectors: no call is lost or doubled, no ledger is left inconsistent.
 *
 * `--runs N` for another number. Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import { type CountedKill, killManyTimes } from './experiments/many-kills.ts';
import { progressLine } from './output/progress.ts';
import { printTable } from './output/table.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' } } });
const wanted = Number(values.runs);
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  process.stderr.write(`--runs is no number from 1: ${values.runs}\n`);
  process.exit(2);
}

const start = performance.now();
const ledgers = await killManyTimes(wanted, progressLine('kills'));
const seconds = Math.round((performance.now() - start) / 1_000);
const kills = ledgers.flatMap((ledger) => ledger.kills);
const counted = kills.filter(({ served }) => served > 0);
const doubled = ledgers.reduce((sum, ledger) => sum + ledger.doubled, 0);

const victims = [...new Set(counted.map(({ victim }) => victim))].toSorted();
const lines = victims.map((victim) =>
  line(
    victim,
    counted.filter((kill) => kill.victim === victim),
  ),
);
printTable(
  ['killed', 'kills', 'inside a transaction', 'calls served', 'lost', 'left inconsistent'],
  [...lines, line(`all, in ${seconds} s`, counted)],
);
const broken = ledgers.filter(({ inconsistent }) => inconsistent !== '');
process.stdout.write(
  `\n${ledgers.length} ledgers: ${doubled} calls with more than one row, ${broken.length} inconsistent in the end\n`,
);
for (const { inconsistent } of [...broken, ...counted.filter((kill) => kill.inconsistent !== '')])
  process.stdout.write(`  ${inconsistent}\n`);
const held =
  counted.length >= wanted &&
  doubled === 0 &&
  broken.length === 0 &&
  counted.every(({ lost, inconsistent }) => lost === 0 && inconsistent === '');
process.exitCode = held ? 0 : 1;

function line(what: string, of: readonly CountedKill[]): (string | number)[] {
  const inside = of.filter(({ inTransaction }) => inTransaction).length;
  const served = of.reduce((sum, kill) => sum + kill.served, 0);
  const lost = of.reduce((sum, kill) => sum + kill.lost, 0);
  return [what, of.length, inside, served, lost, of.filter(({ inconsistent }) => inconsistent !== '').length];
}
