import { type Adapter, member } from './adapter.ts';

const STARTS = [
  'makeUnaryRequest',
  'makeClientStreamRequest',
  'makeServerStreamRequest',
  'makeBidiStreamRequest',
  'waitForReady',
];

/** The first request of a channel has its name resolved, and then connects. */
export const grpc: Adapter = {
  name: '@grpc/grpc-js',
  files: [
    {
      file: 'build/src/client.js',
      adapt(exports, noting) {
        const prototype = member(exports, 'Client', 'prototype');
        for (const start of STARTS) noting.enter(prototype, start);
      },
    },
  ],
};
