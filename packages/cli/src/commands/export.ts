import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { dataDirAt, type LedgerReading, readLedger } from '@outwitness/collector';
import { bundle, tlogProof } from '@outwitness/ledger';
import { EXIT } from '../exit-codes.ts';
import { type Bound, bound, type Options, parseOptions, wholeNumber } from '../options.ts';
import { printJson, printResult, say, write } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness export [options]

Writes evidence that anyone can check offline with: outwitness verify FILE

  --out FILE           where to (default: standard output)
  --from, --to BOUND   sequence number or ISO 8601 time; --to is exclusive (default: all)
  --row SEQ            one row, as a C2SP tlog-proof
  --data DIR           default ./.outwitness

The export itself is a row of the ledger, written before the first byte is handed out.`;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('export', args, {
    out: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    row: { type: 'string' },
  });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const wanted = parse(options);
  const dir = dataDirAt(options.dir);
  const what =
    wanted.row === undefined
      ? `rows ${options.string('from') ?? 'from the first'} to ${options.string('to') ?? 'the last'}`
      : `row ${wanted.row}`;
  await request(dir, options, { do: 'record', event: 'export', actor: 'cli', text: `exported ${what}` }, version);
  const reading = readLedger(dir);
  try {
    const size = await handOut(reading, wanted, options.string('out'), version);
    if (options.json) printJson({ schemaVersion: 1, out: options.string('out') ?? null, bytes: size });
    else if (options.string('out') !== undefined) say(`outwitness: ${size} bytes in ${options.string('out')}`);
  } finally {
    reading.close();
  }
  return EXIT.ok;
}

interface Wanted {
  row: number | undefined;
  from: Bound | undefined;
  to: Bound | undefined;
}

function parse(options: Options): Wanted {
  if (options.positionals.length > 0)
    throw usageError(`export: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const row = wholeNumber('row', options.string('row'), 0);
  const from = bound('from', options.string('from'));
  const to = bound('to', options.string('to'));
  if (row !== undefined && (from !== undefined || to !== undefined))
    throw usageError('export: expected --row or --from and --to, got both');
  if (options.json && options.string('out') === undefined)
    throw usageError('export: --json needs --out, since the evidence itself would go to standard output');
  return { row, from, to };
}

async function handOut(
  reading: LedgerReading,
  wanted: Wanted,
  out: string | undefined,
  version: string,
): Promise<number> {
  const lines = await evidence(reading, wanted, version);
  let size = 0;
  const counted = (async function* () {
    for await (const line of lines) {
      size += Buffer.byteLength(line);
      yield line;
    }
  })();
  if (out === undefined) {
    for await (const line of counted) if (!(await write(line))) break;
  } else {
    await writeWhole(counted, out);
  }
  return size;
}

/** Under its own name only when it is complete. */
async function writeWhole(lines: AsyncIterable<string>, out: string): Promise<void> {
  const partial = `${out}.partial`;
  const file = createWriteStream(partial, { flags: 'w', mode: 0o640 });
  try {
    await once(file, 'open');
    await pipeline(lines, file);
    await rename(partial, out);
  } catch (cause) {
    file.destroy();
    await rm(partial, { force: true });
    throw usageError(`export: cannot write ${out}: ${(cause as Error).message}. Choose another file with --out.`);
  }
}

async function evidence(
  reading: LedgerReading,
  wanted: Wanted,
  version: string,
): Promise<AsyncIterable<string> | string[]> {
  const { journal } = reading;
  if (wanted.row !== undefined) return [await tlogProof(journal, wanted.row)];
  const from = await seqOf(reading, wanted.from);
  const to = await seqOf(reading, wanted.to);
  return bundle(journal, {
    exported: Date.now() * 1_000,
    software: `outwitness/${version}`,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
}

/** A time stands for the first row that is not older. */
async function seqOf({ journal }: LedgerReading, at: Bound | undefined): Promise<number | undefined> {
  if (at === undefined) return undefined;
  return 'seq' in at ? at.seq : ((await journal.seqAt(at.time)) ?? (await journal.size()));
}
