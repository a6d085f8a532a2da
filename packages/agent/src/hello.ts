import fs from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import type { HelloRecord } from '@outwitness/event';
import type { Clock, Draft } from '@outwitness/interceptor';
import type { Application } from './application.ts';

/** How the agent came into the process: by `--require`, by `--import`, by a line of the application, with a worker thread, or by a host framework. */
export type Loaded = 'require' | 'import' | 'register' | 'worker' | 'hook';

/**
 * @param root id of the module at the top of the `require` chain that reached our entry: Node's own for `--require`, `.` for the main script, a file name where ESM imported it
 */
export function howLoaded(root: string): Loaded {
  if (root === 'internal/preload') return 'require';
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return root !== '.' && flags.includes('--import') ? 'import' : 'register';
}

/** What a `hello` says that does not change while the process lives. */
export interface Introduction {
  application: Application;
  agent: string;
  digest: string | undefined;
  loaded: Loaded;
  late: readonly string[];
  channels: readonly string[];
}

/** The first record of a segment. `disabled` are the channels off at that moment. */
export function hello(
  who: Introduction,
  segment: number,
  disabled: readonly string[],
  clock: Clock,
): Draft<HelloRecord> {
  const record: Draft<HelloRecord> = {
    kind: 'hello',
    time: clock.wall(),
    mono: clock.monotonic(),
    v: 1,
    app: who.application.name,
    pid: process.pid,
    ppid: process.ppid,
    thread: threadId,
    segment,
    runtime: `node/${process.versions.node}`,
    agent: who.agent,
    loaded: isMainThread ? who.loaded : 'worker',
    late: [...who.late],
    channels: [...who.channels],
    disabled: [...disabled],
  };
  if (who.application.script !== undefined) record.script = who.application.script;
  if (who.digest !== undefined) record.digest = who.digest;
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid !== undefined) record.uid = uid;
  if (gid !== undefined) record.gid = gid;
  const boot = bootId();
  if (boot !== undefined) record.boot = boot;
  return record;
}

/** Linux only: tells a reboot from a clock that was set. */
function bootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return undefined;
  }
}
