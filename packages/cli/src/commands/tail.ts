import { setTimeout as sleep } from 'node:timers/promises';
import { dataDirAt, type LedgerReading, readLedger } from '@outwitness/collector';
import type { RowFilter, StoredRow } from '@outwitness/ledger';
import { EXIT } from '../exit-codes.ts';
import { parseOptions, wholeNumber } from '../options.ts';
import { printResult, write } from '../output.ts';
import { usageError } from '../usage-error.ts';
import { whereClauses } from '../where.ts';

const HELP = `usage: outwitness tail [options]

Prints the newest rows and goes on with each that is committed, until Ctrl-C.

  --where FIELD=VALUE  only such rows, as journal takes it; repeatable
  --lines N            so many rows that are there already (default 10)
  --json               rows as they were hashed, one JSON object a line
  --data DIR           default ./.outwitness`;

/** A collector commits at least once a second. */
const LOOK_MS = 250;
const SLICE = 1_000;
const DEFAULT_LINES = 10;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('tail', args, {
    where: { type: 'string', multiple: true },
    lines: { type: 'string' },
  });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`tail: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const where = whereClauses(options.strings('where'));
  const lines = wholeNumber('lines', options.string('lines'), 0) ?? DEFAULT_LINES;
  const shown = options.json ? ({ leaf }: StoredRow): string => leaf : lineOf;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const reading = readLedger(dataDirAt(options.dir));
  try {
    await follow(reading, where, lines, shown, stop.signal);
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

async function follow(
  { journal }: LedgerReading,
  where: readonly RowFilter[],
  lines: number,
  shown: (row: StoredRow) => string,
  stop: AbortSignal,
): Promise<void> {
  let seen = (await journal.size()) - 1;
  const newest: StoredRow[] = [];
  if (lines > 0) {
    for await (const row of journal.scan({ order: 'newest', where, to: { seq: seen + 1 }, limit: SLICE })) {
      newest.push(row);
      if (newest.length >= lines) break;
    }
  }
  if (!(await print(newest.toReversed(), shown))) return;
  while (!stop.aborted) {
    const size = await journal.size();
    if (size - 1 > seen) {
      const rows: StoredRow[] = [];
      const range = { from: { seq: seen + 1 }, to: { seq: size } };
      for await (const row of journal.scan({ order: 'oldest', where, ...range, limit: SLICE })) rows.push(row);
      seen = size - 1;
      if (!(await print(rows, shown))) return;
    }
    await sleep(LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** False if the reader has gone away. */
async function print(rows: readonly StoredRow[], shown: (row: StoredRow) => string): Promise<boolean> {
  return rows.length === 0 || write(rows.map((row) => `${shown(row)}\n`).join(''));
}

/** For people: when, what, who, where, how it ended. */
function lineOf({ leaf }: StoredRow): string {
  const row = JSON.parse(leaf) as { readonly [name: string]: string | number | undefined };
  const text = (name: string): string => `${row[name] ?? ''}`;
  const time = new Date(Number(row['time']) / 1_000).toISOString();
  const parts =
    row['kind'] === 'net'
      ? [
          text('direction') === 'in' ? '←' : '→',
          text('channel'),
          text('package') || '(nobody named)',
          text('method'),
          `${text('host')}${row['port'] === undefined ? '' : `:${text('port')}`}${text('path')}`,
          text('status') || text('outcome'),
          text('class'),
        ]
      : [text('kind'), text('event'), text('text')];
  return [text('seq'), time, ...parts].filter((part) => part !== '').join('  ');
}
