/**
 * 200 power cuts: the files as of their last fsync, with none, all or some of what was not synced; no shown note is lost, no row, no alarm.
 *
 * `--cuts N` for another number. Needs strace, to see what is written and synced. Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import { cutPower, isWholeAfter, type PowerCut } from './experiments/power-cuts.ts';
import { progressLine } from './output/progress.ts';
import { printTable } from './output/table.ts';
import { whyNotTraced } from './system/write-trace.ts';

/** Long enough that SQLite folds its WAL back in the middle of it. */
const LIFE_MS = 8_000;

const { values } = parseArgs({ options: { cuts: { type: 'string', default: '200' } } });
const wanted = Number(values.cuts);
if (!Number.isSafeInteger(wanted) || wanted < 1) {
  process.stderr.write(`--cuts is no number from 1: ${values.cuts}\n`);
  process.exit(2);
}
const reason = whyNotTraced();
if (reason === undefined) await measure();
else process.stdout.write(`skipped: ${reason}\n`);

async function measure(): Promise<void> {
  const cuts = await cutPower(wanted, LIFE_MS, progressLine('power cuts'));
  const lines: (string | number)[][] = [];
  for (const kept of new Set(cuts.map((cut) => cut.kept))) {
    const those = cuts.filter((cut) => cut.kept === kept);
    for (const at of [...new Set(those.map((cut) => cut.at))].toSorted())
      lines.push(
        line(
          kept,
          at,
          those.filter((cut) => cut.at === at),
        ),
      );
  }
  printTable(
    [
      'of what was not synced',
      'the power went before',
      'cuts',
      'with a shown note',
      'with a high-water',
      'calls',
      'lost',
      'doubled',
      'verify',
    ],
    [...lines, line('', 'all', cuts)],
  );
  for (const cut of cuts.filter((one) => !isWholeAfter(one)))
    process.stdout.write(`NOT WHOLE: ${JSON.stringify(cut)}\n`);
  process.exitCode = cuts.length >= wanted && cuts.every(isWholeAfter) ? 0 : 1;
}

function line(kept: string, at: string, cuts: readonly PowerCut[]): (string | number)[] {
  const sum = (of: 'calls' | 'doubled' | 'lost'): number => cuts.reduce((total, cut) => total + cut[of], 0);
  const verdicts = [...new Set(cuts.map(({ verdict }) => verdict))].toSorted();
  const said = verdicts.map((verdict) => `${cuts.filter((cut) => cut.verdict === verdict).length} ${verdict}`);
  const shown = cuts.filter((cut) => cut.shown > 0).length;
  const marked = cuts.filter((cut) => cut.highWater > 0).length;
  return [kept, at, cuts.length, shown, marked, sum('calls'), sum('lost'), sum('doubled'), said.join(', ')];
}
