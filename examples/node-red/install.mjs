/** Installs the real Node-RED on demand: 240 packages that no other part of the repository needs. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';

const HERE = import.meta.dirname;
const INSTALL = join(HERE, '.install');
const INSTALLED = join(INSTALL, 'installed.json');
const LOCKFILE = join(HERE, 'package-lock.json');

/**
 * Runs `npm install` in `.install` unless it holds what the lockfile names. Not `npm ci`: the e-mail node bundles a
 * package whose own dependency npm leaves out of every lockfile that it writes, and then misses there.
 *
 * @returns {string} the script that starts Node-RED
 */
export function installNodeRed() {
  const wanted = readFileSync(LOCKFILE, 'utf8');
  if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) {
    mkdirSync(INSTALL, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(join(HERE, file), join(INSTALL, file));
    // npm's own scripts shall run on the Node that runs this one.
    const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
    const { status, error } = spawnSync('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel=error'], {
      cwd: INSTALL,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 2, 2],
    });
    if (error !== undefined || status !== 0) {
      throw new Error(`npm install in ${INSTALL} ended with ${status}: expected 0. See its messages above.`, {
        cause: error,
      });
    }
    writeFileSync(INSTALLED, wanted);
  }
  return join(INSTALL, 'node_modules/node-red/red.js');
}
