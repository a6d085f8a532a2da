import { type Adapter, member } from './adapter.ts';

/** ky waits a tick before it sends, so that `.json()` can still set a header. Retries stay within `create`. */
export const ky: Adapter = {
  name: 'ky',
  files: [
    {
      file: 'distribution/core/Ky.js',
      esm: true,
      adapt: (exports, noting) => noting.enter(member(exports, 'Ky'), 'create'),
    },
  ],
};
