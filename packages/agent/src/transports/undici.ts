import { type Adapter, type AdaptedFile, member } from './adapter.ts';

/**
 * A request that waits behind another one is sent when that one ends, and a retry or redirect when its answer is there: by then only undici is on the stack. What is dispatched again are the same options or the same handler.
 */
const adapt: AdaptedFile['adapt'] = (exports, noting) => noting.relay(member(exports, 'prototype'), 'dispatch');

export const undici: Adapter = {
  name: 'undici',
  files: [
    { file: 'lib/dispatcher/dispatcher-base.js', adapt },
    { file: 'lib/dispatcher-base.js', adapt },
  ],
};
