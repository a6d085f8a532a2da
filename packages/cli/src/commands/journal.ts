import { dataDirAt, readLedger } from '@outwitness/collector';
import type { RowQuery } from '@outwitness/ledger';
import { EXIT } from '../exit-codes.ts';
import { bound, type Options, parseOptions, wholeNumber } from '../options.ts';
import { printResult, write } from '../output.ts';
import { whereClauses } from '../where.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness journal [options]

Prints the rows as they were hashed, one JSON object a line, oldest first, all kinds.

  --where FIELD=VALUE  only rows whose field has this value; "FIELD=" where it is
                       absent; a list matches if it contains the value; repeatable
  --from, --to BOUND   sequence number or ISO 8601 time; --to is exclusive
  --limit N            at most N rows
  --data DIR           default ./.outwitness`;

/** Text is handed to the system in pieces of about this many characters. */
const CHUNK = 65_536;
/** Rows read at once. */
const SLICE = 1_000;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('journal', args, {
    where: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    limit: { type: 'string' },
  });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`journal: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const query = queryOf(options);
  const limit = wholeNumber('limit', options.string('limit'), 0) ?? Infinity;
  const reading = readLedger(dataDirAt(options.dir));
  try {
    await print(reading.journal.scan(query), limit);
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

function queryOf(options: Options): RowQuery {
  const from = bound('from', options.string('from'));
  const to = bound('to', options.string('to'));
  return {
    order: 'oldest',
    where: whereClauses(options.strings('where')),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    limit: SLICE,
  };
}

/** Stops when the reader has gone away. */
async function print(rows: AsyncIterable<{ leaf: string }>, limit: number): Promise<void> {
  let text = '';
  let count = 0;
  if (limit === 0) return;
  for await (const { leaf } of rows) {
    text += `${leaf}\n`;
    if (++count >= limit) break;
    if (text.length < CHUNK) continue;
    if (!(await write(text))) return;
    text = '';
  }
  await write(text);
}
