/** Installs on demand what one folder of the repository needs for itself: other versions of Node, peers, frameworks. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { runStep } from './child.mjs';
import { withSetupLock } from './setup-lock.mjs';

/**
 * Runs `npm ci` in `folder` unless its node_modules holds what its package-lock.json names. Two callers at once wait
 * for each other.
 *
 * @param {string} folder absolute path of a folder with package.json and package-lock.json
 * @returns {Promise<boolean>} whether everything is there
 */
export async function installFolder(folder) {
  let installed = false;
  await withSetupLock(join(folder, '.setup.lock'), async () => {
    installed = await install(folder);
  });
  return installed;
}

/** @param {string} folder */
async function install(folder) {
  const modules = join(folder, 'node_modules');
  const stamp = join(modules, '.outwitness-installed');
  const wanted = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  // npm's scripts run on the Node that runs this one, and npm shall not take its settings for those of the clone.
  const kept = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  const env = { ...Object.fromEntries(kept), PATH: path };
  const name = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name;
  if (!(await runStep(`install ${name}`, 'npm', ['ci', '--loglevel=error'], { cwd: folder, env }))) return false;
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}
