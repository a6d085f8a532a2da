import { type Adapter, member } from './adapter.ts';
import type { Noting } from './callers.ts';

/** With an interceptor that takes its time, and at each retry, the caller is gone. The default instance is bound to `request` before anybody can wrap that, but not to `_request` (1.x). */
function adapt(Axios: unknown, noting: Noting): void {
  const prototype = member(Axios, 'prototype');
  noting.enter(prototype, typeof member(prototype, '_request') === 'function' ? '_request' : 'request');
}

export const axios: Adapter = {
  name: 'axios',
  carriers: ['follow-redirects', 'axios-retry'],
  files: [
    { file: 'dist/node/axios.cjs', adapt: (exports, noting) => adapt(member(exports, 'Axios'), noting) },
    { file: 'lib/core/Axios.js', esm: true, adapt: (exports, noting) => adapt(member(exports, 'default'), noting) },
  ],
};
