/** Programs that something starts, watches and starts again. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RunningProgram, Start } from './alike.ts';
import { tried } from './tried.ts';

/** What `served.cjs` sends: at its start, and again when it is started again. */
const TWICE = ['orders', 'orders'];
const SERVING = /serving: orders 200 200 ok/;

/** Changes the program once it serves, waits until it serves again, and ends whoever started it. */
function changed(file: string): NonNullable<Start['meanwhile']> {
  return async ({ said, kill }: RunningProgram, { app }) => {
    await said(SERVING, 1);
    appendFileSync(join(app, file), '// changed\n');
    await said(SERVING, 2);
    kill('SIGTERM');
  };
}

tried('the same and one row for each request of a program that is started again', [
  {
    name: 'node --watch',
    command: (node) => [node, '--watch', 'server/served.cjs'],
    // Said where the program takes more than a second to end.
    passing: /^(?:Waiting for graceful termination\.\.\.|Gracefully restarted .*)\n/gm,
    sends: TWICE,
    kills: true,
    meanwhile: changed('server/served.cjs'),
  },
  {
    name: 'nodemon',
    command: (node) => [
      node,
      'node_modules/nodemon/bin/nodemon.js',
      '--watch',
      'server',
      '--exec',
      `${node} server/served.cjs`,
    ],
    sends: TWICE,
    kills: true,
    meanwhile: changed('server/served.cjs'),
  },
  {
    name: 'tsx watch',
    command: (node) => [node, 'node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/served.cjs'],
    sends: TWICE,
    kills: true,
    meanwhile: changed('server/served.cjs'),
  },
]);
