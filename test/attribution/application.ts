import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

import { withSetupLock } from '../../scripts/setup-lock.mjs';

const HERE = import.meta.dirname;
const FIXTURES = join(HERE, 'fixtures');
const CLIENTS = join(HERE, 'clients');
const INSTALL = join(CLIENTS, '.install');

/** An application on disk whose packages hold the sites. */
export interface Application {
  root: string;
  /** Script that runs sites, script that lists them. */
  driver: string;
  list: string;
  /** Packages with sites, by their names. */
  packages: string[];
}

/** Lays the forms that need nothing but Node into `root`: what an install, a link, a workspace or pnpm would leave there. */
export function layForms(root: string): Application {
  writeJson(join(root, 'package.json'), { name: 'corpus-app', version: '9.9.9', private: true });
  const modules = join(root, 'node_modules');
  const packages = copyAll(join(FIXTURES, 'forms'), modules).filter((name) => !WITHOUT_SITES.has(name));
  packages.push(...layLayouts(root));
  cpSync(join(FIXTURES, 'driver'), join(modules, 'corpus-driver'), { recursive: true });
  return {
    root,
    driver: join(modules, 'corpus-driver/driver.js'),
    list: join(modules, 'corpus-driver/list.js'),
    packages,
  };
}

const WITHOUT_SITES: ReadonlySet<string> = new Set(['form-plug-in', 'form-settings', 'uses-frameworks-router']);

/** The forms and every package that uses real clients, which are installed once for each lockfile. */
export async function layClients(): Promise<Application> {
  await installClients();
  const application = layForms(INSTALL);
  const modules = join(INSTALL, 'node_modules');
  const packages = copyAll(join(FIXTURES, 'clients'), modules).filter((name) => !WITHOUT_SITES.has(name));
  // As npm lays a second major: below the package that asks for it, and called by its own name there.
  const own = join(modules, 'uses-old-http/node_modules');
  for (const [name, alias] of [
    ['got', 'got-11'],
    ['node-fetch', 'node-fetch-2'],
    ['undici', 'undici-6'],
  ] as const)
    cpSync(join(modules, alias), join(own, name), { recursive: true });
  packages.push(...bundle(modules));
  return { ...application, packages: [...application.packages, ...packages] };
}

/** An application of packages with routers, on the Express that is installed as `express`. */
export async function layExpress(express: string): Promise<Application> {
  await installClients();
  const root = join(INSTALL, `on-${express}`);
  const modules = join(root, 'node_modules');
  writeJson(join(root, 'package.json'), { name: 'corpus-app', version: '9.9.9', private: true });
  copyAll(join(FIXTURES, 'express'), modules);
  cpSync(join(FIXTURES, 'driver'), join(modules, 'corpus-driver'), { recursive: true });
  // What it is made from is found in the folder above.
  cpSync(join(INSTALL, 'node_modules', express), join(modules, 'express'), { recursive: true });
  return {
    root,
    driver: join(modules, 'corpus-driver/driver.js'),
    list: join(modules, 'corpus-driver/list.js'),
    packages: ['express-app'],
  };
}

/** Whoever comes second, a test beside another, waits for the first. */
async function installClients(): Promise<void> {
  await withSetupLock(join(CLIENTS, '.setup.lock'), async () => install());
}

function install(): void {
  const lockfile = readFileSync(join(CLIENTS, 'package-lock.json'), 'utf8');
  const installed = join(INSTALL, 'installed.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lockfile) return;
  rmSync(INSTALL, { recursive: true, force: true });
  mkdirSync(INSTALL, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(CLIENTS, file), join(INSTALL, file));
  // npm's own scripts shall run on the Node that runs this one.
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, {
    cwd: INSTALL,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 2, 2],
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`npm ci in ${INSTALL} ended with ${status}: expected 0. See its messages above.`, { cause: error });
  }
  writeFileSync(installed, lockfile);
}

/** One small package in every place where packages are found. */
function layLayouts(root: string): string[] {
  const modules = join(root, 'node_modules');
  const lay = (name: string, folder: string, file = 'index.js', extra: object = {}): string => {
    const main = join(folder, file);
    mkdirSync(dirname(main), { recursive: true });
    cpSync(join(FIXTURES, 'layouts/sites.js'), main);
    writeJson(join(folder, 'package.json'), { name, version: '0.1.0', main: file, ...extra });
    return name;
  };
  const link = (name: string, folder: string): string => {
    const at = join(modules, name);
    mkdirSync(dirname(at), { recursive: true });
    rmSync(at, { recursive: true, force: true });
    symlinkSync(folder, at, 'dir');
    return name;
  };
  const pnpm = join(modules, '.pnpm/@corpus+stored@0.1.0_peer@1.0.0/node_modules/@corpus/stored');
  const nameless = lay('layout-sub-path', join(modules, 'layout-sub-path'), 'dist/cjs/index.js');
  writeJson(join(modules, 'layout-sub-path/dist/cjs/package.json'), { type: 'commonjs' });
  const own = join(root, 'src');
  lay('corpus-app', own);
  rmSync(join(own, 'package.json'));
  return [
    lay('@corpus/scoped', join(modules, '@corpus/scoped')),
    nameless,
    link(lay('@corpus/stored', pnpm), pnpm),
    link(lay('@corpus/workspace', join(root, 'packages/workspace')), join(root, 'packages/workspace')),
    link(lay('layout-linked', join(root, 'elsewhere/linked')), join(root, 'elsewhere/linked')),
    lay('layout with a space', join(modules, 'layout with a space')),
  ];
}

interface Esbuild {
  buildSync(options: object): void;
}

/** What bundlers make of an application: one file, plain, minified and with a source map. */
function bundle(modules: string): string[] {
  const esbuild = createRequire(join(modules, 'any.js'))('esbuild') as Esbuild;
  const source = join(FIXTURES, 'bundles/bundled-app/index.js');
  return (['bundle-plain', 'bundle-minified', 'bundle-source-map'] as const).map((name) => {
    const folder = join(modules, name);
    writeJson(join(folder, 'package.json'), { name, version: '0.1.0', main: 'dist/main.js' });
    esbuild.buildSync({
      stdin: { contents: readFileSync(source, 'utf8'), resolveDir: modules, sourcefile: 'src/index.js' },
      bundle: true,
      platform: 'node',
      outfile: join(folder, 'dist/main.js'),
      minify: name === 'bundle-minified',
      sourcemap: name === 'bundle-source-map' ? 'linked' : false,
      logLevel: 'error',
    });
    return name;
  });
}

/** @returns the names of the packages that were copied */
function copyAll(from: string, to: string): string[] {
  const names = readdirSync(from);
  for (const name of names) cpSync(join(from, name), join(to, name), { recursive: true });
  return names;
}

function writeJson(file: string, json: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(json));
}
