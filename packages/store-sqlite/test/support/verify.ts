/** Runs the stand-alone verifier as a child process, as everybody else has to. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../../../verifier/bin/outwitness-verify.js');

export interface Verdict {
  verdict: string;
  exit: number;
  size: number;
  findings: { code: string; severity: string; seq: number; expected: string; got: string; text: string }[];
  notChecked: string[];
}

/** `now` in µs; needed for directories, whose seals carry the clock of the test. */
export function verifyAt(path: string, now: number, ...args: string[]): Verdict {
  return verify(path, '--now', new Date(now / 1000).toISOString(), ...args);
}

export function verify(path: string, ...args: string[]): Verdict {
  const child = spawnSync(process.execPath, [BIN, path, '--json', ...args], { encoding: 'utf8' });
  const verdict = JSON.parse(child.stdout || JSON.stringify({ verdict: `no output: ${child.stderr}` })) as Verdict;
  if (verdict.exit !== child.status) throw new Error(`exit ${child.status} and said ${verdict.exit}: ${child.stderr}`);
  return verdict;
}
