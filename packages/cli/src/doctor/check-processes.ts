import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { isOurs, optionWords, preloads } from '@outwitness/agent';
import { checkNodeOptions } from './check-node-options.ts';
import type { Finding } from './finding.ts';
import type { Thread } from './threads.ts';

/** An agent has said `hello` by then. */
const STARTING_MS = 5_000;

/**
 * Looks at the processes of this machine as far as it tells (Linux, own processes or root): the options of those that are watched, and Node.js processes that were told to be watched here and are not. Of an environment only the options are looked at, none is printed.
 */
export function checkProcesses(
  threads: readonly Thread[],
  places: { root: string; spool: string },
  reads: readonly string[],
  now: number,
): Finding[] {
  const watched = new Map(threads.filter(({ state }) => state === 'live').map((thread) => [thread.pid, thread.app]));
  return pids().flatMap((pid) => {
    const app = watched.get(pid);
    const env = environmentOf(pid);
    if (env === undefined) return [];
    const options = env.get('NODE_OPTIONS') ?? '';
    if (app !== undefined) {
      return checkNodeOptions(options, `${app}, process ${pid}`, pid, reads, places.spool, flagsOf(pid));
    }
    const here = env.get('OUTWITNESS_DATA');
    if (here === undefined || resolve(here) !== places.root || !preloads(optionWords(options)).some(isOurs)) return [];
    return isNode(pid) && !justStarted(pid, now) && threads.every((thread) => thread.pid !== pid)
      ? [unwatched(pid), ...checkNodeOptions(options, `process ${pid}`, pid, reads, places.spool, flagsOf(pid))]
      : [];
  });
}

function unwatched(pid: number): Finding {
  return {
    id: 'not-watched',
    severity: 'coverage',
    text: `Process ${pid} has the entry in its NODE_OPTIONS and is not watched.`,
    expected: 'a spool file of this process',
    got: 'none',
    action: `Look for its note: outwitness journal --where kind=gap --where event=not-loaded. Its Node.js may be too old, or its user may not write the spool.`,
    pid,
  };
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): Map<string, string> | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return new Map(text.split('\0').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
  } catch {
    return undefined;
  }
}

/** What stands before the script. */
function flagsOf(pid: number): string[] {
  try {
    const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const script = words.findIndex((word) => !word.startsWith('-'));
    return script === -1 ? words : words.slice(0, script);
  } catch {
    return [];
  }
}

function isNode(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node');
  } catch {
    return false;
  }
}

function justStarted(pid: number, now: number): boolean {
  try {
    return now - statSync(`/proc/${pid}`).ctimeMs < STARTING_MS;
  } catch {
    return true; // gone
  }
}
