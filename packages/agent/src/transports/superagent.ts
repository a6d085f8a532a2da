import { type Adapter, member } from './adapter.ts';

/** A request sends when it is awaited: `then` is called by nobody. Its constructor calls `redirects`; each try, redirect and retry goes through `request` or `_end`. */
export const superagent: Adapter = {
  name: 'superagent',
  files: [
    {
      file: 'lib/node/index.js',
      adapt(exports, noting) {
        const prototype = member(exports, 'Request', 'prototype');
        noting.mark(prototype, 'redirects', (self) => self);
        for (const step of ['request', '_end']) noting.resume(prototype, step, (self) => self);
      },
    },
  ],
};
