import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dataDirAt, movedCheckpoints } from '@outwitness/collector';
import { EXIT } from '../exit-codes.ts';
import { parseOptions } from '../options.ts';
import { printResult } from '../output.ts';
import { PROGRAM_FILES, requireProgramFile } from '../program-files.ts';
import { usageError } from '../usage-error.ts';

const HELP = `usage: outwitness verify [FILE] [options]

Checks a data directory, or an exported *.outwitness or *.tlog-proof file, with a
program that shares no code with the one that wrote it.

  --pin PIN    verifier key line, a file with one, or an older checkpoint; repeatable
  --now TIME   judge at this ISO 8601 time
  --newest N   only the newest N rows
  --predecessor PATH
               evidence of the ledger that this one follows: a directory or a bundle
  --compare A B
               two checkpoints or bundles of one record instead: are they of one history?
  --out FILE   with --compare: where the evidence of a split view is written
  --html       print the verifier for browsers, one file that needs no network
  --data DIR   default ./.outwitness

Exit code: 0 verified, 10 unanchored (no pin), 11 stale, 12 incomplete,
20 tampered, 21 rolled back, 22 policy, 30 unverifiable, 64 usage.`;

const USAGE = 64;

export async function run(args: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseOptions('verify', args, {
      pin: { type: 'string', multiple: true },
      now: { type: 'string' },
      newest: { type: 'string' },
      predecessor: { type: 'string' },
      html: { type: 'boolean' },
      compare: { type: 'boolean' },
      out: { type: 'string' },
    });
    if (options.positionals.length > 1 && !options.flag('compare'))
      throw usageError(`verify: expected one file, got ${options.positionals.length}`);
    if (options.string('out') !== undefined && !options.flag('compare'))
      throw usageError('verify: --out names the file for the evidence of --compare, which is not given');
  } catch (error) {
    process.stderr.write(`outwitness: ${(error as Error).message}\n`);
    return USAGE;
  }
  if (options.help) {
    printResult(HELP);
    return EXIT.ok;
  }
  if (options.flag('html')) return runVerifier(['--html']);
  if (options.flag('compare')) {
    const out = options.string('out');
    const pins = options.strings('pin').flatMap((pin) => ['--pin', pin]);
    const more = [...pins, ...(out === undefined ? [] : ['--out', out]), ...(options.json ? ['--json'] : [])];
    return runVerifier(['--compare', ...options.positionals, ...more]);
  }
  const [file] = options.positionals;
  const dir = dataDirAt(options.dir);
  const path = file ?? dir.root;
  if (!existsSync(path)) {
    process.stderr.write(
      `outwitness: nothing to verify at ${path}: expected a data directory or an exported file. Check the path, or name one with --data.\n`,
    );
    return USAGE;
  }
  const passed = [path, ...options.strings('pin').flatMap((pin) => ['--pin', pin])];
  for (const name of ['now', 'newest', 'predecessor']) {
    const value = options.string(name);
    if (value !== undefined) passed.push(`--${name}`, value);
  }
  const checkpoints = file === undefined ? movedCheckpoints(dir) : options.dir.checkpoints;
  if (checkpoints !== undefined) passed.push('--checkpoints', checkpoints);
  if (options.json) passed.push('--json');
  return runVerifier(passed);
}

/** A process of its own: it opens the ledger's files by itself, and nothing of ours is loaded in it. */
async function runVerifier(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [requireProgramFile(PROGRAM_FILES.verifier), ...args], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0)));
  });
}
