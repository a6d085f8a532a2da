import { type Adapter, member } from './adapter.ts';

/** Connects, and connects again, for whoever called `connect`. */
export const nats: Adapter = {
  name: 'nats',
  files: [
    {
      file: 'lib/nats-base-client/nats.js',
      adapt: (exports, noting) => noting.enter(member(exports, 'NatsConnectionImpl'), 'connect'),
    },
  ],
};
