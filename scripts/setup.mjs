/**
 * The way in for every npm script: makes a fresh clone ready, then runs the task on the pinned Node.
 * Runs on Node 20 with nothing installed, hence plain JavaScript without a dependency.
 *
 *   node scripts/setup.mjs <build | start | test | test:long | test:nodes | claim> [argument …]
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { runChild, runStep } from './child.mjs';
import { withSetupLock } from './setup-lock.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const BIN = join(MODULES, '.bin');
const STAMPS = join(MODULES, '.cache', 'outwitness');
const PINNED_NODE = join(MODULES, 'node', 'bin', 'node');

/** @type {Record<string, { script: string, env?: NodeJS.ProcessEnv } | undefined>} */
const TASKS = {
  build: undefined,
  start: { script: 'start.mjs' },
  test: { script: 'test.mjs' },
  'test:long': { script: 'test.mjs', env: { OUTWITNESS_LONG: '1' } },
  'test:nodes': { script: 'test-nodes.mjs' },
  claim: { script: 'claim.mjs' },
};

const [name = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, name)) {
  process.stderr.write(
    `Unknown task "${name}": expected one of ${Object.keys(TASKS).join(', ')}. Use the npm scripts of package.json.\n`,
  );
  process.exit(2);
}

await withSetupLock(join(ROOT, '.setup.lock'), async () => {
  await install();
  await build();
});

const task = TASKS[name];
if (task !== undefined) {
  const script = join(ROOT, 'scripts', task.script);
  const { code } = await runChild(PINNED_NODE, [script, ...args], { env: { ...pinnedEnvironment(), ...task.env } });
  process.exitCode = code;
}

/** Runs `npm ci` unless node_modules already holds what the lockfile names. */
async function install() {
  const lockfile = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const stamp = join(STAMPS, 'install');
  const digest = sha256(lockfile);
  if (existsSync(PINNED_NODE) && contentOf(stamp) === digest) return;
  if (!existsSync(PINNED_NODE) || !holdsWhatIsLocked(lockfile)) {
    // npm ci deletes node_modules: it must not run on the Node that lies in there.
    const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== BIN);
    const env = { ...process.env, PATH: path.join(delimiter) };
    if (!(await runStep('install', 'npm', ['ci', '--loglevel=error'], { cwd: ROOT, env }))) process.exit(1);
  }
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, digest);
}

/**
 * True after `npm install PACKAGE`, which changes the lockfile and node_modules together: no reason to delete
 * and download everything again, under the feet of whatever runs from there.
 *
 * @param {string} lockfile
 */
function holdsWhatIsLocked(lockfile) {
  const installed = contentOf(join(MODULES, '.package-lock.json'));
  if (installed === undefined) return false;
  /** @typedef {Record<string, { version?: string, optional?: boolean, link?: boolean }>} Packages */
  /** @type {Packages} */
  const want = JSON.parse(lockfile).packages;
  /** @type {Packages} */
  const have = JSON.parse(installed).packages;
  return Object.entries(want).every(([path, { version, optional = false, link = false }]) => {
    if (!path.includes('node_modules/')) return true;
    const found = have[path];
    if (link) return found?.link === true;
    return found === undefined ? optional : found.version === version;
  });
}

/** Compiles what changed, then runs the `build` script of each package that has one and changed. */
async function build() {
  const env = pinnedEnvironment();
  const packages = readdirSync(join(ROOT, 'packages')).toSorted();
  const compiled = packages.filter((folder) => existsSync(join(ROOT, 'packages', folder, 'tsconfig.json')));
  const projects = compiled.map((folder) => `packages/${folder}`);
  if (!(await runStep('build', 'tsc', ['-b', ...projects], { cwd: ROOT, env }))) process.exit(1);
  if (!(await runStep('build agent', 'node', ['scripts/agent-bundle.mjs'], { cwd: ROOT, env }))) process.exit(1);
  if (!(await runStep('build verifier page', 'node', ['scripts/verifier-html.mjs'], { cwd: ROOT, env })))
    process.exit(1);
  process.stderr.write(contentOf(join(ROOT, 'packages/verifier/html/outwitness-verifier.html.sha256')) ?? '');
  mkdirSync(STAMPS, { recursive: true });
  for (const folder of packages) {
    const path = join(ROOT, 'packages', folder);
    const manifest = contentOf(join(path, 'package.json'));
    if (manifest === undefined || JSON.parse(manifest).scripts?.build === undefined) continue;
    const stamp = join(STAMPS, `build-${folder}`);
    const digest = digestOfSources(path);
    if (contentOf(stamp) === digest && existsSync(join(path, 'dist'))) continue;
    if (!(await runStep(`build ${folder}`, 'npm', ['run', 'build'], { cwd: path, env }))) process.exit(1);
    writeFileSync(stamp, digest);
  }
}

/**
 * Covers the lockfile and every file of the package but what the build makes.
 *
 * @param {string} folder
 */
function digestOfSources(folder) {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  /** @param {string} path */
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = join(path, entry.name);
      if (entry.isDirectory() && !['dist', 'node_modules', 'test'].includes(entry.name)) visit(inside);
      if (entry.isFile()) hash.update(`${inside.slice(folder.length)}\0`).update(sha256(readFileSync(inside)));
    }
  };
  visit(folder);
  return hash.digest('hex');
}

/** The caller's environment with the tools of the repository, and so the pinned Node, first on PATH. */
function pinnedEnvironment() {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== BIN);
  return { ...process.env, PATH: [BIN, ...path].join(delimiter) };
}

/** @param {string} path */
function contentOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** @param {string | Buffer} content */
function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}
