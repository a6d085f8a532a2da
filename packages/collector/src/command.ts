import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { collectorError } from './errors.ts';

/**
 * Finds the program that a command names, as a shell would.
 *
 * @returns its absolute path, or undefined
 */
export function findCommand(name: string, env: NodeJS.ProcessEnv, cwd: string): string | undefined {
  if (name.includes('/') || (process.platform === 'win32' && name.includes('\\'))) {
    const path = resolve(cwd, name);
    return isProgram(path) ? path : undefined;
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    for (const suffix of process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']) {
      const path = join(folder === '' ? cwd : resolve(cwd, folder), name + suffix);
      if (isProgram(path)) return path;
    }
  }
  return undefined;
}

/** @throws OutwitnessError `command-not-found` */
export function requireCommand(name: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const found = findCommand(name, env, cwd);
  if (found !== undefined) return found;
  throw collectorError(
    'command-not-found',
    `cannot start ${JSON.stringify(name)}: expected a program on PATH or a path to one, found none. Check the spelling, or give the path.`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
