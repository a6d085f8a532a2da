import { setTimeout as sleep } from 'node:timers/promises';
import { dataDirAt, type DataDir, readAlive, type RetentionRun } from '@outwitness/collector';
import { EXIT } from '../exit-codes.ts';
import { type Options, parseOptions, wholeNumber } from '../options.ts';
import { printJson, say, printResult } from '../output.ts';
import { request } from '../request.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness vacuum
       outwitness vacuum --erase SEQ --why REASON

Drops the texts of rows that are older than the policy keeps them (setting
"retention", 90 days by default). Every row hash stays, so what is left can still be
verified, and totals stay too. The whole ledger is verified before; the collector does
this once a day by itself.

  --erase SEQ    drop the text of this one row instead, and its share of the totals
  --why REASON   why: it becomes a row of the ledger`;

/** As long as a row's `text`. */
const MOST_WHY = 512;
/** How often the collector's result is looked for, ms, and how long. */
const LOOK_MS = 200;
const WAIT_MS = 15 * 60_000;

export async function run(args: readonly string[], version: string): Promise<number> {
  const options = parseOptions('vacuum', args, { erase: { type: 'string' }, why: { type: 'string' } });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.positionals.length > 0)
    throw usageError(`vacuum: expected no argument, got ${JSON.stringify(options.positionals[0])}`);
  const dir = dataDirAt(options.dir);
  const seq = wholeNumber('erase', options.string('erase'), 0);
  if (seq !== undefined) return erase(dir, options, seq, version);
  if (options.string('why') !== undefined) throw usageError('vacuum: --why belongs to --erase SEQ');
  const asked = Date.now();
  const answer = await request(dir, options, { do: 'vacuum', actor: 'cli' }, version);
  const done = answer['started'] === true ? await awaited(dir, asked) : answer;
  const { dropped, to, waits } = done as unknown as RetentionRun;
  if (options.json) printJson({ schemaVersion: 1, dropped, to, waits });
  else say(`outwitness: ${dropped} rows were dropped, rows below ${to} are hashes only; ${waits}`);
  return EXIT.ok;
}

async function erase(dir: DataDir, options: Options, seq: number, version: string): Promise<number> {
  const why = options.string('why')?.trim() ?? '';
  if (why === '' || Buffer.byteLength(why) > MOST_WHY)
    throw usageError(`vacuum: expected --why with 1 to ${MOST_WHY} bytes, got ${Buffer.byteLength(why)}`);
  const answer = await request(dir, options, { do: 'erase', actor: 'cli', row: seq, why }, version);
  const scrubbed = answer['scrubbed'] === true;
  if (options.json) printJson({ schemaVersion: 1, row: seq, why, scrubbed });
  else say(`outwitness: the text of row ${seq} is erased, its hash stays`);
  if (!scrubbed)
    say('outwitness: a reader kept the log of the database from being cut: run outwitness vacuum once more');
  return EXIT.ok;
}

/** What a running collector told after it was asked: a large ledger takes minutes to verify. */
async function awaited(dir: DataDir, asked: number): Promise<RetentionRun> {
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(LOOK_MS)) {
    const alive = readAlive(dir.alive, Date.now());
    const told = alive?.retention;
    if (told !== undefined && told.at >= asked) {
      if (told.problem === '') return told;
      throw usageError(`vacuum: ${told.problem}`);
    }
    if (alive?.running !== true) break;
  }
  throw usageError('vacuum: the collector told no result. Look at it with: outwitness status');
}
