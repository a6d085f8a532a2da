/** `verify` at a terminal: it shows how far it is, Ctrl-C ends it at once, and the files are as they were. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { createReadStream, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Checks } from '../../claims/output/checks.ts';
import { OUTWITNESS } from './programs.ts';

const INTERRUPTED = 130;
const WITHIN_MS = 1000;
const CTRL_C = '\u0003';

/**
 * @param atShares shares of the rows shown as done when the keys are pressed
 * @param checks gets what must hold on any machine
 */
export async function interruptedVerify(folder: string, atShares: readonly number[], checks: Checks): Promise<void> {
  const before = await digestOf(folder);
  for (const share of atShares) {
    const { shown, code, afterMs } = await interrupt(folder, share);
    checks.record(`verify at a terminal shows its progress`, shown, 'rows of all rows', /^\d+ of \d+ rows/.test(shown));
    checks.equal('Ctrl-C then ends it with', code, INTERRUPTED);
    checks.record('within', `${afterMs.toFixed(0)} ms`, `${WITHIN_MS} ms`, afterMs <= WITHIN_MS);
  }
  checks.equal('files of the data directory unchanged', (await digestOf(folder)) === before ? 'yes' : 'no', 'yes');
}

/** Runs it on a terminal of its own and presses Ctrl-C there once so much is shown as done. */
async function interrupt(folder: string, share: number): Promise<{ shown: string; code: number; afterMs: number }> {
  const words = [process.execPath, OUTWITNESS, 'verify', '--data', folder].map((word) => `'${word}'`);
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', words.join(' '), '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let [shown, pressed] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const found = [...text.matchAll(/(\d+) of (\d+) rows/g)].at(-1);
    if (found === undefined || pressed > 0) return;
    shown = found[0];
    if (Number(found[1]) < share * Number(found[2])) return;
    pressed = performance.now();
    child.stdin.write(CTRL_C);
  });
  const [code] = (await once(child, 'close')) as [number];
  return { shown, code, afterMs: pressed === 0 ? Infinity : performance.now() - pressed };
}

async function digestOf(folder: string): Promise<string> {
  const digest = createHash('sha256');
  for (const name of globSync('{ledger.db*,checkpoints.log}', { cwd: folder }).toSorted()) {
    const file = join(folder, name);
    digest.update(`${name} ${statSync(file).size}\n`);
    await pipeline(createReadStream(file), digest, { end: false });
  }
  return digest.digest('hex');
}
