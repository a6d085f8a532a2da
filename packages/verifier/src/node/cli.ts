/** The command line of the verifier. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { type Result, UsageError } from '../findings.ts';
import type { Comparison, Relation } from '../compare.ts';
import { comparePaths } from './compare-paths.ts';
import { isRegular, removeCopies } from './store-file.ts';
import { type PathOptions, verifyPath } from './verify-path.ts';

const USAGE = `outwitness-verify PATH [--pin VKEY|FILE]… [--checkpoints FILE] [--now ISO] [--newest N] [--predecessor PATH] [--json]
       outwitness-verify --compare A B [--pin VKEY|FILE]… [--out FILE] [--json]
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
    const { paths, json, options, out } = readArguments(args);
    if (process.stderr.isTTY) options.onProgress = showProgress();
    const [path = '', second] = paths;
    const result = second === undefined ? await verifyPath(path, options) : await compareTo(path, second, options, out);
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
    process.exitCode = result.exit;
  } catch (error) {
    process.stderr.write(`outwitness-verify: ${(error as Error).message}\nUsage: ${USAGE}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

/** Writes the evidence of a split view to a file; its name then stands for it in the result. Nothing is overwritten. */
async function compareTo(a: string, b: string, options: PathOptions, out?: string): Promise<Comparison> {
  const compared = await comparePaths(a, b, options);
  if (compared.evidence === '') return compared;
  const file = out ?? `split-view-${compared.origin.slice(-8)}-${compared.range.join('-')}.txt`;
  try {
    writeFileSync(file, compared.evidence, { flag: 'wx' });
    return { ...compared, evidence: file };
  } catch (error) {
    process.stderr.write(`outwitness-verify: the evidence is not written: ${(error as Error).message}\n`);
    return { ...compared, evidence: '' };
  }
}

interface Arguments {
  paths: string[];
  json: boolean;
  options: PathOptions;
  out?: string;
}

function readArguments(args: string[]): Arguments {
  const { values, positionals: paths } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      pin: { type: 'string', multiple: true },
      checkpoints: { type: 'string' },
      compare: { type: 'boolean' },
      out: { type: 'string' },
      now: { type: 'string' },
      json: { type: 'boolean' },
      newest: { type: 'string' },
      predecessor: { type: 'string' },
    },
  });
  const wanted = values.compare === true ? 2 : 1;
  if (paths.length !== wanted)
    throw new UsageError(`Expected ${wanted === 1 ? 'one PATH' : 'two files'}, got ${paths.length}.`);
  if (values.out !== undefined && wanted === 1) throw new UsageError('--out is only for --compare.');
  const options: PathOptions = { pins: (values.pin ?? []).map((pin) => readPin(pin)) };
  if (values.now !== undefined) {
    options.now = Date.parse(values.now) * 1000;
    if (Number.isNaN(options.now)) throw new UsageError(`--now is no ISO 8601 time: ${values.now}`);
  }
  if (values.newest !== undefined) {
    options.newest = Number(values.newest);
    if (!/^[1-9]\d{0,8}$/.test(values.newest)) throw new UsageError(`--newest is no number from 1: ${values.newest}`);
  }
  if (values.predecessor !== undefined) {
    options.predecessor = values.predecessor;
    if (wanted === 2) throw new UsageError('--predecessor is not for --compare.');
    if (!existsSync(values.predecessor)) throw new UsageError(`--predecessor is nothing: ${values.predecessor}`);
  }
  if (values.checkpoints !== undefined) {
    options.checkpoints = values.checkpoints;
    if (!isRegular(values.checkpoints)) throw new UsageError(`--checkpoints is no file: ${values.checkpoints}`);
  }
  return { paths, json: values.json === true, options, ...(values.out === undefined ? {} : { out: values.out }) };
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
function describe({ verdict, origin, size, range, findings, notChecked, ...more }: Result | Comparison): string {
  const lines =
    'relation' in more
      ? describeRelation(more, range, origin)
      : [`${verdict}: rows ${range[0]} to ${range[1]} of ${size}, ${origin === '' ? 'origin unknown' : origin}`];
  lines.push(...describePredecessor(more.predecessor));
  for (const { code, severity, seq, expected, got, text } of findings) {
    const where = seq < 0 ? '' : ` row ${seq}:`;
    const values = expected === '' && got === '' ? '' : ` (expected ${expected || 'nothing'}, got ${got || 'nothing'})`;
    lines.push(`  ${severity} ${code}:${where} ${text}${values}`);
  }
  lines.push('Not checked:', ...notChecked.map((text) => `  ${text}`));
  return lines.map((line) => line.replaceAll(/\p{C}/gu, '\u{FFFD}')).join('\n') + '\n';
}

function describePredecessor(before: Result['predecessor']): string[] {
  if (before === undefined) return [];
  const { origin, size, verdict, why, evidence } = before;
  return [
    `Follows ${origin}, ${size} rows, then said to be ${verdict}, because: ${why}`,
    evidence === null
      ? '  its evidence was not looked at (--predecessor PATH)'
      : `  its evidence: ${evidence.verdict}, ${evidence.size} rows, ${evidence.findings} findings`,
  ];
}

const RELATIONS: Record<Relation, string> = {
  same: 'both say the same',
  prefix: 'the newer one goes on from the older one, proven',
  unproven: 'nothing contradicts, nothing is proven',
  'split-view': 'SPLIT VIEW: the log key signed two histories',
  unverifiable: 'they cannot be compared',
};

function describeRelation(
  { relation, evidence }: Pick<Comparison, 'relation' | 'evidence'>,
  range: number[],
  origin: string,
): string[] {
  const lines = [`${relation}: ${RELATIONS[relation]} (${range.join(' and ')} rows, ${origin})`];
  if (evidence !== '') lines.push(`Evidence for others, who check it with outwitness verify: ${evidence}`);
  return lines;
}
