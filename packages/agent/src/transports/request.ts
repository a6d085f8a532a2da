import { type Adapter, member } from './adapter.ts';

/** Puts its call off to the next turn of the loop, by the object that `init` has prepared; redirects and retries prepare it anew. */
export const request: Adapter = {
  name: 'request',
  carriers: ['tunnel-agent', 'forever-agent'],
  files: [
    {
      file: 'request.js',
      adapt(exports, noting) {
        const prototype = member(exports, 'prototype');
        noting.mark(prototype, 'init', (self) => self);
        noting.resume(prototype, 'start', (self) => self);
      },
    },
  ],
};
