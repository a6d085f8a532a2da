/** Programs that a compiler, a bundler or a pool of workers stands before. */
import { spawnSync } from 'node:child_process';
import { cpSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Place, Start } from './alike.ts';
import { tried } from './tried.ts';

const ORDERS = ['orders'];
const FOUR = ['orders', 'report', 'users', 'status'];
const BUNDLED = 'tools-shop';

/** Runs a program to its end, without the agent. */
function succeed(app: string, program: string, ...args: readonly string[]): void {
  const made = spawnSync(program, args, { cwd: app, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${program} ${args.join(' ')}:\n${made.stdout}${made.stderr}`);
}

/** Only what a bundler made is tried, not the bundler. */
function bundle(program: string, ...args: string[]): NonNullable<Start['prepared']> {
  return ({ app }) => succeed(app, join(app, 'node_modules/.bin', program), ...args);
}

/** A copy of Node with a bundle inside. */
function single(place: Place): void {
  const { app, node } = place;
  bundle('esbuild', 'bundles/entry.cjs', ...ESBUILD, '--outfile=built/single.cjs')(place);
  const config = { main: 'built/single.cjs', output: 'built/single.blob', disableExperimentalSEAWarning: true };
  writeFileSync(join(app, 'built/single.json'), JSON.stringify(config));
  succeed(app, node.path, '--experimental-sea-config', 'built/single.json');
  cpSync(realpathSync(node.path), join(app, 'built/single'));
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  const postject = join(app, 'node_modules/.bin/postject');
  succeed(app, postject, 'built/single', 'NODE_SEA_BLOB', 'built/single.blob', '--sentinel-fuse', fuse);
}

const ESBUILD = ['--bundle', '--platform=node', '--log-level=warning'];

tried('the same and one row for each request, whatever compiles, bundles or spreads the program', [
  {
    name: 'ts-node',
    command: (node) => [node, 'node_modules/ts-node/dist/bin.js', '--transpile-only', 'plain.ts'],
    sends: ORDERS,
  },
  {
    name: 'ts-node as a preload',
    command: (node) => [node, '-r', 'ts-node/register/transpile-only', 'plain.ts'],
    sends: ORDERS,
  },
  {
    name: 'tsx',
    command: (node) => [node, 'node_modules/tsx/dist/cli.mjs', 'typed/send.ts'],
    sends: ORDERS,
    // On Node 20 its loader is a thread, which Node ends by force.
    kills: true,
  },
  {
    name: 'tsx as a preload',
    command: (node) => [node, '--import', 'tsx', 'typed/send.ts'],
    sends: ORDERS,
    kills: true,
  },
  {
    name: 'a bundle of esbuild',
    prepared: bundle('esbuild', 'bundles/entry.cjs', ...ESBUILD, '--outfile=built/esbuild.cjs'),
    command: (node) => [node, 'built/esbuild.cjs'],
    sends: ORDERS,
    package: BUNDLED,
  },
  {
    name: 'a bundle of esbuild, minified, with its source map',
    prepared: bundle(
      'esbuild',
      'bundles/entry.mjs',
      ...ESBUILD,
      '--minify',
      '--sourcemap',
      '--format=esm',
      '--banner:js=import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      '--outfile=built/minified.mjs',
    ),
    command: (node) => [node, '--enable-source-maps', 'built/minified.mjs'],
    sends: ORDERS,
    package: BUNDLED,
  },
  {
    name: 'a bundle of rolldown',
    prepared: bundle('rolldown', 'bundles/entry.mjs', '--platform=node', '--file=built/rolldown.mjs'),
    command: (node) => [node, 'built/rolldown.mjs'],
    sends: ORDERS,
    package: BUNDLED,
  },
  {
    name: 'a single executable application',
    prepared: single,
    command: () => ['built/single'],
    sends: ORDERS,
    // Its script has no folder, and so no package.
    package: '(app)',
  },
  {
    name: 'a snapshot',
    prepared: ({ app, node }) =>
      succeed(app, node.path, '--snapshot-blob', 'built/snapshot', '--build-snapshot', 'flags/snapshot.cjs'),
    command: (node) => [node, '--snapshot-blob', 'built/snapshot', 'main.cjs'],
    sends: ORDERS,
    package: BUNDLED,
  },
  { name: 'piscina', command: (node) => [node, 'pools/piscina.mjs'], sends: FOUR, unordered: true, kills: true },
  {
    name: 'piscina, threads with flags of their own',
    command: (node) => [node, 'pools/piscina.mjs'],
    env: { POOL_FLAGS: '--no-warnings --conditions=worker' },
    sends: FOUR,
    unordered: true,
    kills: true,
  },
  {
    name: 'tinypool of threads',
    command: (node) => [node, 'pools/tinypool.mjs'],
    env: { POOL_RUNTIME: 'worker_threads' },
    sends: FOUR,
    unordered: true,
    kills: true,
  },
  {
    name: 'tinypool of processes',
    command: (node) => [node, 'pools/tinypool.mjs'],
    env: { POOL_RUNTIME: 'child_process' },
    sends: FOUR,
    unordered: true,
    kills: true,
  },
]);
