import { spawn } from 'node:child_process';
import { collectorError } from './errors.ts';

/** A finding as the verifier prints it (docs/formats/verification.md). */
export interface VerifierFinding {
  code: string;
  severity: string;
  seq: number;
  expected: string;
  got: string;
  text: string;
}

/** What a run of the verifier said. */
export interface VerifierResult {
  verdict: string;
  exit: number;
  origin: string;
  size: number;
  range: [number, number];
  pinned: boolean;
  findings: VerifierFinding[];
  notChecked: string[];
}

export interface VerifierRun {
  /** Path of the verifier's program. */
  bin: string;
  /** Data directory or ledger.db. */
  path: string;
  /** Files with verifier key lines. */
  pins: readonly string[];
  /** The log of checkpoints, where it does not lie beside the store. */
  checkpoints?: string;
  /** Judge the newest rows only. */
  newest?: number;
  signal?: AbortSignal;
}

/** Most bytes that are read of what the verifier prints. */
const MOST_OUTPUT = 4 * 1024 * 1024;

/**
 * Runs the verifier as a child process, so that no descriptor of the ledger is closed in this one and nothing is judged by the code that wrote it.
 *
 * @throws OutwitnessError `verifier-failed` if it printed no result
 */
export async function runVerifier(run: VerifierRun): Promise<VerifierResult> {
  const args = [run.bin, run.path, '--json', ...run.pins.flatMap((pin) => ['--pin', pin])];
  if (run.checkpoints !== undefined) args.push('--checkpoints', run.checkpoints);
  if (run.newest !== undefined) args.push('--newest', String(run.newest));
  const child = spawn(process.execPath, args, {
    env: cleanEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (out.length < MOST_OUTPUT) out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-2_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((cause: unknown) => {
    throw collectorError(
      'verifier-failed',
      `cannot run the verifier ${run.bin}: ${(cause as Error).message}. Reinstall outwitness.`,
      cause,
    );
  });
  const result = parseResult(out);
  if (result === undefined) {
    throw collectorError(
      'verifier-failed',
      `the verifier printed no result (exit ${String(code)}): expected its JSON object, got ${JSON.stringify(err.slice(-300))}. Run it by hand: outwitness verify --json`,
    );
  }
  return result;
}

function parseResult(text: string): VerifierResult | undefined {
  try {
    const parsed = JSON.parse(text) as VerifierResult;
    return typeof parsed.verdict === 'string' && typeof parsed.exit === 'number' && Array.isArray(parsed.findings)
      ? parsed
      : undefined;
  } catch {
    return undefined;
  }
}

/** The verifier is declared and runs unwatched: it reads files only and opens no socket. */
function cleanEnv(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  return env;
}
