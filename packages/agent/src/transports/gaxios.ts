import { type Adapter, type AdaptedFile, member } from './adapter.ts';

const adapt: AdaptedFile['adapt'] = (exports, noting) =>
  noting.enter(member(exports, 'Gaxios', 'prototype'), 'request');

/** `request` first awaits its interceptors. 7 is laid out for both module systems. */
export const gaxios: Adapter = {
  name: 'gaxios',
  carriers: ['node-fetch'],
  files: [
    { file: 'build/src/gaxios.js', adapt },
    { file: 'build/cjs/src/gaxios.js', adapt },
    { file: 'build/esm/src/gaxios.js', adapt, esm: true },
  ],
};
