import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SpoolRecord } from '@outwitness/event';
import { SpoolReader, START } from '@outwitness/spool';

export const PACKAGE: string = fileURLToPath(new URL('..', import.meta.url));
export const ENTRY: string = path.join(PACKAGE, 'register.cjs');
export const FIXTURES: string = fileURLToPath(new URL('fixtures/', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Runs a real process, on the Node of this test, to its end; killed after 30 s. */
export async function run(
  args: readonly string[],
  options: {
    cwd: string;
    env?: NodeJS.ProcessEnv;
    onOut?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  },
): Promise<Ended> {
  const env = { PATH: process.env['PATH'], OUTWITNESS_COLLECTOR: 'off', ...options.env };
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    options.onOut?.(out, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out, err };
}

/** All records in a data directory, by writer. */
export function records(data: string): SpoolRecord[][] {
  const reader = new SpoolReader(path.join(data, 'spool'));
  const writers = new Map<string, SpoolRecord[]>();
  for (const { name, writer } of reader.list().segments) {
    const list = writers.get(writer) ?? [];
    writers.set(writer, list);
    for (const { record } of reader.read(name, START, 1 << 25, true).records) list.push(record);
  }
  return [...writers.values()];
}

/** Texts of the notes in a data directory. */
export function notes(data: string): string[] {
  const reader = new SpoolReader(path.join(data, 'spool'));
  return reader.list().notes.map((name) => reader.readNote(name).text);
}
