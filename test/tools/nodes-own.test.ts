/** Ways in which Node.js itself starts a program, and flags that change what a program finds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Start } from './alike.ts';
import { tried } from './tried.ts';

const ORDERS = ['orders'];
const TEXT = "require('courier').send('orders').then((said) => console.log(said))";
const MODULE = readFileSync(join(import.meta.dirname, 'fixtures/shop/send.mjs'), 'utf8');
const INTERACTIVE = readFileSync(join(import.meta.dirname, 'fixtures/shop/flags/repl.txt'), 'utf8');

/** `node FLAG send.cjs`, for a file that sends. */
function flagged(...flags: string[]): Start {
  return { name: flags.join(' '), command: (node) => [node, ...flags, 'send.cjs'], sends: ORDERS };
}

tried('the same and one row for each request, however Node starts the program', [
  { name: 'a file', command: (node) => [node, 'send.cjs'], sends: ORDERS },
  { name: 'an ES module', command: (node) => [node, 'send.mjs'], sends: ORDERS },
  { name: '-e', command: (node) => [node, '-e', TEXT], sends: ORDERS },
  { name: '-p', command: (node) => [node, '-p', TEXT], sends: ORDERS },
  { name: '-e as a module', command: (node) => [node, '--input-type=module', '-e', MODULE], sends: ORDERS },
  { name: 'stdin', command: (node) => [node, '-'], stdin: TEXT, sends: ORDERS },
  { name: 'stdin as a module', command: (node) => [node, '--input-type=module'], stdin: MODULE, sends: ORDERS },
  { name: 'REPL', command: (node) => [node, '-i'], stdin: INTERACTIVE, sends: ORDERS },
  { name: 'TypeScript', command: (node) => [node, 'typed/send.ts'], sends: ORDERS, from: 24 },
  {
    name: 'TypeScript with enums',
    command: (node) => [node, '--experimental-transform-types', 'plain.ts'],
    sends: ORDERS,
    from: 22,
    until: 24,
  },
  { name: 'execve', command: (node) => [node, 'flags/execve.cjs'], sends: ['orders', 'report'], from: 24 },
  { name: '--run', command: (node) => [node, '--run', 'send'], sends: ORDERS, from: 22 },
  {
    name: '--watch',
    command: (node) => [node, '--watch', 'send.cjs'],
    sends: ORDERS,
    kills: true,
    meanwhile: async ({ said, kill }) => {
      await said(/Completed running/);
      kill('SIGTERM');
    },
  },
  { ...flagged('--frozen-intrinsics'), blind: true },
  flagged('--disable-proto=delete'),
  flagged('--disable-proto=throw'),
  flagged('--no-addons'),
  flagged('--preserve-symlinks', '--preserve-symlinks-main'),
  flagged('--enable-source-maps'),
  flagged('--stack-trace-limit=0'),
  flagged('--stack-trace-limit=1'),
  flagged('--disallow-code-generation-from-strings'),
  flagged('--expose-internals', '--expose-gc'),
  flagged('--experimental-vm-modules'),
  flagged('--unhandled-rejections=strict', '--trace-uncaught'),
  flagged('--conditions=development'),
  flagged('--max-old-space-size=64', '--max-semi-space-size=1'),
  flagged('--cpu-prof', '--cpu-prof-dir=built/profile'),
  flagged('--no-network-family-autoselection', '--dns-result-order=ipv6first'),
  { ...flagged('--permission', '--allow-fs-read=*', '--allow-fs-write=*'), from: 24 },
  { ...flagged('--experimental-permission', '--allow-fs-read=*', '--allow-fs-write=*'), until: 22 },
  { ...flagged('--env-file=flags/env') },
  {
    name: 'NODE_OPTIONS of 60,000 characters',
    command: (node) => [node, 'send.cjs'],
    sends: ORDERS,
    env: { NODE_OPTIONS: `--title=${'x'.repeat(30_000)} --conditions=${'y'.repeat(30_000)}` },
  },
  {
    name: 'NODE_OPTIONS with quotes',
    command: (node) => [node, 'send.cjs'],
    sends: ORDERS,
    env: { NODE_OPTIONS: '--title="a \\"quoted\\" \\\\ title" "--conditions=a b"' },
  },
]);
