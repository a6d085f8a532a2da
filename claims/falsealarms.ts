/**
 * No accident looks like an attack: a collector killed at each point where it writes, races, clocks, VACUUM, full and
 * read-only disks, locks; and `admin succeed`, killed where it writes, leaves no ledger or a whole one.
 *
 * After each of them `verify` must find whole evidence, no row may be lost or doubled. `--short` locks the database for 2 s
 * instead of 3 minutes. Exit code: 0 when all of it held, else 1.
 */
import { roughHandling } from './experiments/rough-handling.ts';
import { isWhole, killSuccessions } from './experiments/succession.ts';
import { isHarmless, killAtWritePoints, type PointKill } from './experiments/write-points.ts';
import { Checks } from './output/checks.ts';
import { progressLine } from './output/progress.ts';
import { printTable } from './output/table.ts';

const progress = progressLine('write points');
const kills = await killAtWritePoints(Infinity, progress);
const lives = groups(kills, (kill) => `${kill.life}, ${kill.point.split(/[ #]/)[0] ?? ''}`);
printTable(
  [
    'collector killed in its',
    'points',
    'verify of what was left',
    'verify at the end',
    'calls',
    'lost',
    'doubled',
    'held',
  ],
  [...lives].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([where, there]) => line(where, there)),
);
for (const kill of kills.filter((one) => !isHarmless(one)))
  process.stdout.write(`NOT HARMLESS: ${JSON.stringify(kill)}\n`);

const checks = new Checks();
const successions = await killSuccessions(Infinity, progressLine('points of a succession'));
const broken = successions.filter((kill) => !isWhole(kill));
checks.record('admin succeed, killed at its write points', successions.length, '> 0', successions.length > 0);
checks.equal('of them that left no ledger, nor a whole one', broken.length, 0);
for (const kill of broken) process.stdout.write(`NOT WHOLE: ${JSON.stringify(kill)}\n`);
const skipped = await roughHandling(checks, { lockedMs: process.argv.includes('--short') ? 2_000 : 180_000 });
process.stdout.write('\n');
checks.print();
for (const reason of skipped) process.stdout.write(`skipped: ${reason}\n`);
if (!kills.every(isHarmless) || kills.length === 0) process.exitCode = 1;

function line(where: string, there: readonly PointKill[]): (string | number)[] {
  const sum = (of: 'served' | 'missing' | 'twice'): number => there.reduce((total, kill) => total + kill[of], 0);
  const counted = (of: 'left' | 'after'): string =>
    [...groups(there, (kill) => kill[of])].map(([verdict, list]) => `${list.length} ${verdict}`).join(', ');
  const held = there.every(isHarmless) ? 'yes' : 'NO';
  return [where, there.length, counted('left'), counted('after'), sum('served'), sum('missing'), sum('twice'), held];
}

function groups(list: readonly PointKill[], nameOf: (kill: PointKill) => string): Map<string, PointKill[]> {
  const found = new Map<string, PointKill[]>();
  for (const kill of list) found.set(nameOf(kill), [...(found.get(nameOf(kill)) ?? []), kill]);
  return found;
}
