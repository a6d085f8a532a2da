import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataDirectory } from './data-directory.ts';
import { withoutOurEntries } from './node-options.ts';

// Taken before the audited application can replace them.
const { closeSync, openSync, rmSync, statSync } = fs;
const getBuiltinModule = process.getBuiltinModule.bind(process);

/** `alive` is touched each second; older than this, no collector runs. */
const FRESH_MS = 5_000;
/** A collector that was about to close when this process began is gone by then. */
const SECOND_LOOK_MS = 6_000;

/**
 * Starts a detached collector if none runs for the data directory, now and once more a little later; `OUTWITNESS_COLLECTOR=off` forbids it. Of processes that begin together the one that makes the file `starting` does it. Neither throws nor waits nor keeps the process alive.
 *
 * @param say told once, with the reason, if records can only be spooled
 * @param own runs what starts it, so that the watcher takes it for a call of ours
 */
export function startCollector(
  data: DataDirectory,
  env: NodeJS.ProcessEnv,
  say: (reason: string) => void,
  own: (run: () => void) => void,
): void {
  if (env['OUTWITNESS_COLLECTOR'] === 'off') return;
  let said = false;
  const sayOnce = (reason: string): void => {
    if (said) return;
    said = true;
    say(`records are kept in the spool only: ${reason}`);
  };
  // Now: the application may take the folder or the variables away.
  const start = (): void => {
    if (isFresh(path.join(data.path, 'alive'))) return;
    const node = nodeFor(env);
    if (node === undefined)
      return sayOnce(`Node ${process.versions.node} cannot run a collector and OUTWITNESS_NODE names none that can`);
    const program = collectorProgram();
    if (program === undefined) return sayOnce('the package outwitness is not installed beside its agent');
    const claim = path.join(data.path, 'starting');
    const claimed = claimStart(claim);
    if (claimed !== 'ours') return claimed === 'taken' ? undefined : sayOnce(claimed);
    own(() =>
      launch(node, program, data, env, (reason) => {
        rmSync(claim, { force: true });
        sayOnce(reason);
      }),
    );
  };
  start();
  setTimeout(start, SECOND_LOOK_MS).unref();
}

function isFresh(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < FRESH_MS;
}

/** better-sqlite3 needs Node 22.13; an Electron or a single executable is no `node` that runs a script. */
function nodeFor(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['OUTWITNESS_NODE'];
  if (named !== undefined && named !== '') return named;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNode = /^node(\.exe)?$/i.test(path.basename(process.execPath));
  return isNode && (major > 22 || (major === 22 && minor >= 13)) ? process.execPath : undefined;
}

/** The agent is no part of the command line program, and works without it. */
function collectorProgram(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const paths = [path.dirname(fileURLToPath(import.meta.url)), process.cwd()];
    const manifest = require.resolve('outwitness/package.json', { paths });
    return path.join(path.dirname(manifest), 'bin', 'outwitness.js');
  } catch {
    return undefined;
  }
}

/** @returns `taken` if another process starts one; otherwise why this user cannot */
function claimStart(file: string): string {
  try {
    if (!isFresh(file)) rmSync(file, { force: true });
    closeSync(openSync(file, 'wx', 0o600));
    return 'ours';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EEXIST' ? 'taken' : `no collector runs and this user may not start one there (${code ?? 'error'})`;
  }
}

function launch(
  node: string,
  program: string,
  data: DataDirectory,
  env: NodeJS.ProcessEnv,
  failed: (reason: string) => void,
): void {
  try {
    const args = [
      program,
      'collect',
      '--no-serve',
      '--quiet',
      '--until-idle',
      '--data',
      data.path,
      '--spool',
      data.spool,
    ];
    const options = withoutOurEntries(env['NODE_OPTIONS'] ?? '');
    // Not an import: most processes find a collector running and have no need of it (it costs a millisecond).
    const child = getBuiltinModule('node:child_process').spawn(node, args, {
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
      env: { ...env, OUTWITNESS_COLLECTOR: 'off', NODE_OPTIONS: options },
    });
    child.on('error', (error) =>
      failed(`no collector could be started: ${(error as NodeJS.ErrnoException).code ?? error.message}`),
    );
    child.on('exit', (code) => {
      if (code !== 0 && code !== null) failed(`the collector that was started ended with exit code ${code}`);
    });
    child.unref();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    failed(`no collector could be started: ${code ?? message}`);
  }
}
