/** The command line of the verifier. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { type Result, UsageError } from '../findings.ts';
import { removeCopies } from './store-file.ts';
import { type PathOptions, verifyPath } from './verify-path.ts';

const USAGE = `outwitness-verify PATH [--pin VKEY|FILE]… [--now ISO] [--json] [--newest N]
       outwitness-verify --html > FILE`;
/** The verifier for browsers in one file. */
const PAGE = new URL('../../html/outwitness-verifier.html', import.meta.url);
const EXIT_USAGE = 64;
const EXIT_INTERRUPTED = 130;
const PROGRESS_MS = 500;

/** Runs the command and sets the exit code of the process. */
export async function main(args: string[]): Promise<void> {
  process.once('SIGINT', () => {
    removeCopies();
    process.exit(EXIT_INTERRUPTED);
  });
  try {
    if (args.length === 1 && args[0] === '--html') return void process.stdout.write(readFileSync(PAGE));
    const { path, json, options } = readArguments(args);
    if (process.stderr.isTTY) options.onProgress = showProgress();
    const result = await verifyPath(path, options);
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
    process.exitCode = result.exit;
  } catch (error) {
    process.stderr.write(`outwitness-verify: ${(error as Error).message}\nUsage: ${USAGE}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

function readArguments(args: string[]): { path: string; json: boolean; options: PathOptions } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      pin: { type: 'string', multiple: true },
      now: { type: 'string' },
      json: { type: 'boolean' },
      newest: { type: 'string' },
    },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new UsageError('One PATH is needed.');
  const options: PathOptions = { pins: (values.pin ?? []).map((pin) => readPin(pin)) };
  if (values.now !== undefined) {
    options.now = Date.parse(values.now) * 1000;
    if (Number.isNaN(options.now)) throw new UsageError(`--now is no ISO 8601 time: ${values.now}`);
  }
  if (values.newest !== undefined) {
    options.newest = Number(values.newest);
    if (!/^[1-9]\d{0,8}$/.test(values.newest)) throw new UsageError(`--newest is no number from 1: ${values.newest}`);
  }
  return { path, json: values.json === true, options };
}

/** A verifier key line, or the file that holds one or a note. */
function readPin(pin: string): string {
  if (/\+[0-9a-f]{8}\+/.test(pin)) return pin;
  try {
    return readFileSync(pin, 'utf8');
  } catch (error) {
    throw new UsageError(`--pin is no verifier key line and no file that can be read: ${(error as Error).message}`);
  }
}

function showProgress(): (done: number, total: number) => void {
  let shown = Date.now();
  return (done, total) => {
    if (Date.now() - shown < PROGRESS_MS) return;
    shown = Date.now();
    process.stderr.write(`\r${done} of ${total} rows\u001B[K`);
  };
}

/** For people. Evidence may hold anything, so nothing of it reaches a terminal as a control character. */
function describe({ verdict, origin, size, range, findings, notChecked }: Result): string {
  const lines = [
    `${verdict}: rows ${range[0]} to ${range[1]} of ${size}, ${origin === '' ? 'origin unknown' : origin}`,
  ];
  for (const { code, severity, seq, expected, got, text } of findings) {
    const where = seq < 0 ? '' : ` row ${seq}:`;
    const values = expected === '' && got === '' ? '' : ` (expected ${expected || 'nothing'}, got ${got || 'nothing'})`;
    lines.push(`  ${severity} ${code}:${where} ${text}${values}`);
  }
  lines.push('Not checked:', ...notChecked.map((text) => `  ${text}`));
  return lines.map((line) => line.replaceAll(/\p{C}/gu, '\u{FFFD}')).join('\n') + '\n';
}
