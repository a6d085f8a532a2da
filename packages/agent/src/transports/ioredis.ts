import { type Adapter, type AdaptedFile, member } from './adapter.ts';

const adapt: AdaptedFile['adapt'] = (exports, noting) =>
  noting.enter(member(exports, 'default', 'prototype'), 'connect');

/** `connect` is called by the constructor, by the first command or by hand, and connects a tick later. A client connects again in the work of the first time. */
export const ioredis: Adapter = {
  name: 'ioredis',
  files: [
    { file: 'built/Redis.js', adapt },
    { file: 'built/cluster/index.js', adapt },
  ],
};
