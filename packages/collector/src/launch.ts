import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

import type { AppUser } from './run-as.ts';

export interface LaunchOptions {
  /** Absolute path of the program and its arguments. */
  program: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Run as this user; needs root. Supplementary groups are dropped (libuv: uv_spawn). */
  user?: AppUser;
}

/** How an audited program ended. */
export interface Ended {
  /** Its exit code; 128 + n if signal n ended it. */
  code: number;
  signal: NodeJS.Signals | undefined;
}

/** An audited program that runs under the agent. */
export interface Launched {
  pid: number | undefined;
  ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the program with our own terminal or pipes as its own. */
export function launch(options: LaunchOptions): Launched {
  const { program, args, cwd, user } = options;
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const env =
    user === undefined ? options.env : { ...options.env, HOME: user.home, USER: user.name, LOGNAME: user.name };
  const child: ChildProcess = spawn(program, args, { cwd, env, stdio: 'inherit', ...identity });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const number = signal === null ? 0 : (constants.signals[signal] ?? 0);
      resolve({ code: code ?? 128 + number, signal: signal ?? undefined });
    });
  });
  return {
    pid: child.pid,
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
