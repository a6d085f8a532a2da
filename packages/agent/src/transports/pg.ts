import { type Adapter, member } from './adapter.ts';

/** Whoever waits for a client of the pool gets a new one when another's has ended. */
export const pgPool: Adapter = {
  name: 'pg-pool',
  carriers: ['pg', 'pg-protocol', 'pg-native'],
  files: [
    {
      file: 'index.js',
      adapt(exports, noting) {
        const prototype = member(exports, 'prototype');
        noting.mark(prototype, 'connect', lastWaiting, 'after');
        noting.resume(prototype, 'newClient', (_self, args) => args[0]);
      },
    },
  ],
};

function lastWaiting(pool: object): unknown {
  const waiting = member(pool, '_pendingQueue');
  return Array.isArray(waiting) ? waiting.at(-1) : undefined;
}
