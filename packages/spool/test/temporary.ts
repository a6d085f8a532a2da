import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { type SpoolLimits, SpoolWriter, type SpoolWriterOptions, writerName } from '../src/index.ts';

/** A directory that is removed after the test. */
export function temporary(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-spool-'));
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A writer with a clock that ticks, whose ticks end when `tick` is called. */
export function writerIn(
  directory: string,
  limits: Partial<SpoolLimits> = {},
  options: Partial<SpoolWriterOptions> = {},
): { writer: SpoolWriter; tick: () => void } {
  let clock = 1_700_000_000_000_000;
  const waiting: (() => void)[] = [];
  const writer = new SpoolWriter({
    directory,
    writer: writerName(4711, 0, 1_700_000_000_000, '0123abcd'),
    pid: 4711,
    hello: (segment) => ({
      kind: 'hello',
      time: clock++,
      v: 1,
      app: 'shop',
      pid: 4711,
      thread: 0,
      segment,
      runtime: 'node/20.20.2',
      agent: '0.1.0',
      loaded: 'require',
      channels: ['http'],
    }),
    faults: () => 0,
    now: () => clock++,
    monotonic: () => clock++,
    schedule: (flush) => waiting.push(flush),
    limits,
    ...options,
  });
  return {
    writer,
    tick: () => {
      for (const flush of waiting.splice(0)) flush();
    },
  };
}
