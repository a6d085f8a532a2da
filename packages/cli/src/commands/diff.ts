import { dataDirAt, type LedgerReading, readLedger } from '@outwitness/collector';
import type { Bound } from '@outwitness/ledger';
import { diffPairs, type DiffJson, PairCounts } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { bound, parseOptions } from '../options.ts';
import { printJson, printResult } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness diff --at BOUND [options]

Compares where packages sent before a moment with where they sent from it on, such as a
deployment: destinations that came, went, and how much those that stayed were used.

  --at BOUND       sequence number or ISO 8601 time of the moment
  --from BOUND     where the time before begins (default: the first row)
  --to BOUND       where the time after ends (default: the last row)
  --app NAME       one application only
  --json           everything, as docs/reference/json.md describes
  --data DIR       default ./.outwitness

Exit code: 0 whatever the difference; use lock --check or run --gate in a pipeline.`;

const SLICE = 1_000;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('diff', args, {
    at: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    app: { type: 'string' },
  });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`diff: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const at = bound('at', options.string('at'));
  if (at === undefined) throw usageError('diff: expected --at with a sequence number or an ISO 8601 time');
  const app = options.string('app');
  const reading = readLedger(dataDirAt(options.dir));
  try {
    const before = await counts(reading, bound('from', options.string('from')), at, app);
    const after = await counts(reading, at, bound('to', options.string('to')), app);
    const diff = diffPairs(before, after);
    if (options.json) printJson(diff);
    else printResult(text(diff));
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

async function counts(
  { journal }: LedgerReading,
  from: Bound | undefined,
  to: Bound | undefined,
  app: string | undefined,
): Promise<PairCounts> {
  const where = [
    { field: 'kind', value: 'net' },
    { field: 'direction', value: 'out' },
    ...(app === undefined ? [] : [{ field: 'app', value: app }]),
  ];
  const not = [{ field: 'app', value: 'outwitness' }];
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const found = new PairCounts();
  for await (const { leaf } of journal.scan({ order: 'oldest', where, not, ...range, limit: SLICE }))
    found.add(JSON.parse(leaf) as Parameters<PairCounts['add']>[0]);
  return found;
}

function text({ before, after, added, gone, both }: DiffJson): string {
  const lines = [
    `${before} calls before, ${after} from then on`,
    ...added.map(({ pair, calls, firstSeq }) => `+ ${pair}  ${calls} calls, first in row ${firstSeq}`),
    ...gone.map(({ pair, calls }) => `- ${pair}  ${calls} calls before`),
    ...both.map((one) => `  ${one.pair}  ${one.before.calls} → ${one.after.calls} calls`),
  ];
  return lines.join('\n');
}
