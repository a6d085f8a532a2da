import { resolve } from 'node:path';
import { dataDirAt, readLedger } from '@outwitness/collector';
import { diffLock, lockable, lockText, type Pair } from '@outwitness/report';
import { EXIT } from '../exit-codes.ts';
import { LOCK_FILE, readLock, writeLock } from '../lock-file.ts';
import { parseOptions } from '../options.ts';
import { printJson, printResult, say } from '../output.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness lock --check | --update [FILE]

Compares where packages send with a list under version control (default ./egress.lock),
or writes that list: one line per package and destination, sorted, without counts and times.

Exit code of --check: 0 nothing new, 3 something was contacted that the list lacks.`;

export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions('lock', args, { check: { type: 'boolean' }, update: { type: 'boolean' } });
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  const [file = LOCK_FILE, ...more] = options.positionals;
  if (more.length > 0) throw usageError(`lock: expected one file, got ${more.length + 1}`);
  if (options.flag('check') === options.flag('update')) throw usageError('lock: expected either --check or --update');
  const path = resolve(file);
  const reading = readLedger(dataDirAt(options.dir));
  let seen: Pair[];
  try {
    seen = lockable(await reading.source.pairs());
  } finally {
    reading.close();
  }
  const lock = readLock(path, options.flag('check'));
  const { added, gone } = diffLock(lock, seen);
  if (options.flag('update')) writeLock(path, lockText([...lock, ...seen]));
  if (options.json) printJson({ schemaVersion: 1, file: path, added, gone });
  else for (const line of added) printResult(`+ ${line}`);
  if (options.flag('update')) {
    say(`outwitness: ${path} has ${added.length} new lines; lines not seen here stay: remove what is no longer wanted`);
    return EXIT.ok;
  }
  if (added.length === 0) return EXIT.ok;
  say(
    `outwitness: ${added.length} destinations are not in ${path}: look at them, then accept them with: outwitness lock --update`,
  );
  return EXIT.findings;
}
