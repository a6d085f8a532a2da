/** Runs a program to its end and says what it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const TELL_USAGE = join(import.meta.dirname, 'tell-usage.mjs');

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly wallMs: number;
  /** Greatest resident memory. */
  readonly rssMiB: number;
  readonly cpuMs: number;
}

/** A program on this Node. */
export async function measureNode(args: readonly string[]): Promise<Measured> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', TELL_USAGE, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const [told, stdout] = [textOf(child.stdio[3] as Readable), textOf(child.stdout as Readable)];
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - began;
  const { rssKiB, cpuUs } = JSON.parse(await told) as { rssKiB: number; cpuUs: number };
  return { code, stdout: await stdout, wallMs, rssMiB: rssKiB / 1024, cpuMs: cpuUs / 1000 };
}

/** Any program, ms; it must end with 0. What the shell says of its children's CPU counts in hundredths of a second. */
export async function timesOf(program: string, file: string): Promise<{ wallMs: number; cpuMs: number }> {
  const began = performance.now();
  const child = spawn('sh', ['-c', '"$0" "$1" > /dev/null && times', program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told = textOf(child.stdout);
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - began;
  if (code !== 0) throw new Error(`${program} ${file} ended with ${code}, expected 0`);
  const children = (await told).trim().split('\n')[1] ?? '';
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { wallMs, cpuMs: parts.reduce((sum, part) => sum + part * 1000, 0) };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}
