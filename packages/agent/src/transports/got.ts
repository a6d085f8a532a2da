import { type Adapter, type AdaptedFile, member } from './adapter.ts';
import type { Noting } from './callers.ts';

/** 12 and later send from `flush`, called by whoever calls got; 11 sends from its constructor, whose first step is `_finalizeBody`. Retries make a request anew within the work of the first. */
function adapt(exports: unknown, noting: Noting): void {
  const prototype = member(exports, 'default', 'prototype');
  if (typeof member(prototype, 'flush') === 'function') noting.enter(prototype, 'flush');
  else {
    noting.mark(prototype, '_finalizeBody', (self) => self);
    noting.resume(prototype, '_makeRequest', (self) => self);
  }
}

const file: AdaptedFile = { file: 'dist/source/core/index.js', adapt };

export const got: Adapter = {
  name: 'got',
  carriers: ['@szmarczak/http-timer', 'cacheable-request', 'cacheable-lookup', 'http2-wrapper'],
  files: [file, { ...file, esm: true }],
};
