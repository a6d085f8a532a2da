/** Runs child processes the way a shell would: signals go in, the exit code comes out. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';

/** A terminal and npm both deliver Ctrl-C, so the same signal within this time is the same wish. */
const SAME_SIGNAL_MS = 1000;

/** @type {readonly NodeJS.Signals[]} */
const HANDED_OVER = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @typedef {object} Ended
 * @property {number} code exit code; 128+n when the child died of signal n
 * @property {string} output what it wrote, in order; empty unless captured
 * @property {NodeJS.Signals | undefined} signal what this process was asked to end with while the child ran
 */

/**
 * Runs one child to its end and hands SIGINT, SIGTERM and SIGHUP over to it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ capture?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Ended>}
 */
export function runChild(command, args, options = {}) {
  const { capture = false, cwd, env } = options;
  const child = spawn(command, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout?.on('data', (chunk) => chunks.push(chunk));
  child.stderr?.on('data', (chunk) => chunks.push(chunk));

  /** @type {Map<NodeJS.Signals, number>} */
  const handedOver = new Map();
  /** @param {NodeJS.Signals} signal */
  const handOver = (signal) => {
    const now = performance.now();
    if (now - (handedOver.get(signal) ?? -Infinity) < SAME_SIGNAL_MS) return;
    handedOver.set(signal, now);
    child.kill(signal);
  };
  for (const signal of HANDED_OVER) process.on(signal, handOver);

  return new Promise((resolve, reject) => {
    /** @param {() => void} settle */
    const end = (settle) => {
      for (const signal of HANDED_OVER) process.off(signal, handOver);
      settle();
    };
    child.once('error', (error) => end(() => reject(error)));
    child.once('close', (code, signal) =>
      end(() =>
        resolve({
          code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
          output: Buffer.concat(chunks).toString(),
          signal: [...handedOver.keys()].at(-1),
        }),
      ),
    );
  });
}

/**
 * Runs one step: one line with its duration on stderr; its output is shown only when it fails. A signal during the
 * step ends this process.
 *
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<boolean>} whether it passed
 */
export async function runStep(name, command, args, options = {}) {
  const start = performance.now();
  const { code, output, signal } = await runChild(command, args, { ...options, capture: true });
  if (signal !== undefined) process.exit(128 + constants.signals[signal]);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(28)} ${seconds.padStart(6)} s\n`);
  if (code !== 0) process.stderr.write(`\n${output}\nexit code ${code}: ${[command, ...args].join(' ')}\n\n`);
  return code === 0;
}
