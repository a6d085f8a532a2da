/**
 * A million mutations by class of field of proofs, notes, pins, bundles, split views and spool files: nothing that was
 * not written is accepted, nothing hangs, nothing is thrown out of the verdict, every branch of the parsers is reached.
 *
 *   npm run claim -- fuzz [--count N] [--seed TEXT] [--kind NAME] [--workers N]
 *   npm run claim -- fuzz --only SEED:INDEX     one input again
 *
 * SIGINT ends it early, with the tables of what there is. Exit code: 0 when all of it held, else 1; 2 for wrong arguments.
 */
import { parseArgs } from 'node:util';

import { branchesOf } from './experiments/fuzz/branches.ts';
import { KIND_NAMES } from './experiments/fuzz/kinds.ts';
import { fuzz } from './experiments/fuzz/run.ts';
import type { TallyData } from './experiments/fuzz/tally.ts';
import { whyUnreached } from './experiments/fuzz/unreached.ts';
import { Checks } from './output/checks.ts';
import { progressLine } from './output/progress.ts';
import { printTable } from './output/table.ts';
import { temporaryFolder } from './system/temporary-folder.ts';

const MILLION = 1_000_000;
const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    kind: { type: 'string' },
    workers: { type: 'string' },
    only: { type: 'string' },
  },
});
const { kind } = values;
const [, seedOfOne, indexOfOne] = /^(.*):(\d{1,9})$/.exec(values.only ?? '') ?? [];
const [count, workers] = [Number(values.count ?? MILLION), Number(values.workers ?? 2)];
if (!(Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(workers) && workers > 0 && workers <= 8))
  refuse('--count is a number from 1, --workers one from 1 to 8');
if (kind !== undefined && !KIND_NAMES.includes(kind)) refuse(`--kind is one of: ${KIND_NAMES.join(', ')}`);
if (values.only !== undefined && indexOfOne === undefined) refuse('--only is SEED:INDEX as a failure names it');

const seed = seedOfOne ?? values.seed ?? 'outwitness';
using folder = temporaryFolder('fuzz');
// Who waits no longer gets the table of what there is.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const began = performance.now();
const { tally, coverage } = await fuzz({
  seed,
  count,
  workers,
  folder: folder.path,
  stop: stop.signal,
  onProgress: progressLine('inputs judged'),
  ...(kind === undefined ? {} : { kind }),
  ...(indexOfOne === undefined ? {} : { only: Number(indexOfOne) }),
});
const seconds = Math.round((performance.now() - began) / 1000);
const isPart = kind !== undefined || indexOfOne !== undefined;

printKinds(tally);
printClasses(tally);
if (tally.uncovered.size > 0) {
  process.stdout.write('\n');
  printTable(
    ['accepted though it differs from what was written, in what nothing signs', 'inputs'],
    [...tally.uncovered].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
const checks = new Checks();
const inputs = [...tally.kinds.values()].reduce((sum, one) => sum + one.inputs, 0);
const ended = tally.failures.filter(({ kind: name }) => name === '').length;
checks.record(
  `inputs judged, seed ${JSON.stringify(seed)}, ${workers} threads, ${seconds} s`,
  inputs,
  isPart ? '' : `>= ${count}`,
  isPart || inputs >= count,
);
const threw = tally.failures.filter(({ what }) => what.startsWith('threw')).length;
const unmade = tally.failures.filter(({ what }) => what.startsWith('could not be made')).length;
checks.equal('inputs that the fuzzer failed to make', unmade, 0);
checks.equal('inputs that hang or end their thread', ended, 0);
checks.equal('inputs that throw out of the verdict', threw, 0);
checks.equal('inputs accepted or judged against what was written', tally.failed - ended - threw - unmade, 0);
if (!isPart) reportBranches(checks);
process.stdout.write('\n');
checks.print();
for (const { kind: name, index, how, what, bytes } of tally.failures) {
  process.stdout.write(
    `\n${seed}:${index} ${name} (${how.join(', ')})\n${what}\n${indexOfOne === undefined ? '' : `${bytes}\n`}`,
  );
}

function refuse(what: string): never {
  process.stderr.write(`Wrong arguments: ${what}.\n`);
  process.exit(2);
}

function printKinds({ kinds, verdicts }: TallyData): void {
  printTable(
    ['kind of input', 'inputs', 'accepted, being what was written', 'verdicts'],
    [...kinds].map(([name, all]) => {
      const said = [...verdicts].filter(([key]) => key.startsWith(`${name}\n`)).toSorted(([, a], [, b]) => b - a);
      return [
        name,
        all.inputs,
        all.accepted,
        said.map(([key, times]) => `${key.slice(name.length + 1)} ${times}`).join(', '),
      ];
    }),
  );
}

function printClasses({ classes }: TallyData): void {
  const totals = new Map<string, { inputs: number; accepted: number; kinds: number }>();
  for (const [key, one] of classes) {
    const name = key.slice(key.indexOf('\n') + 1);
    const total = totals.get(name) ?? { inputs: 0, accepted: 0, kinds: 0 };
    totals.set(name, {
      inputs: total.inputs + one.inputs,
      accepted: total.accepted + one.accepted,
      kinds: total.kinds + 1,
    });
  }
  process.stdout.write('\n');
  printTable(
    ['class of field mutated (up to 5 in one input)', 'inputs', 'accepted', 'kinds of input'],
    [...totals].map(([name, total]) => [name, total.inputs, total.accepted, total.kinds]),
  );
}

function reportBranches(to: Checks): void {
  const files = branchesOf(coverage);
  const [listed, missed]: string[][] = [[], []];
  for (const { file, unreached } of files) {
    for (const branch of unreached) {
      const why = whyUnreached(file, branch);
      const said = `${file}:${branch.line} ${branch.within}: ${branch.words}`;
      (why === undefined ? missed : listed)?.push(why === undefined ? said : `${said} (${why})`);
    }
  }
  process.stdout.write('\n');
  printTable(
    ['file that parses', 'branches', 'reached'],
    files.map(({ file, all, unreached }) => [file, all, all - unreached.length]),
  );
  const all = files.reduce((sum, one) => sum + one.all, 0);
  to.record('branches of the parsers', all, '> 500', all > 500);
  to.record('of them not reached, for a reason that is named', listed?.length ?? 0, '', true);
  to.equal('of them not reached otherwise', missed?.length ?? 0, 0);
  if ((listed?.length ?? 0) > 0) process.stdout.write(`\nnot reached:\n  ${listed?.join('\n  ')}\n`);
  if ((missed?.length ?? 0) > 0) process.stdout.write(`\nNOT REACHED AND NOT NAMED:\n  ${missed?.join('\n  ')}\n`);
}
