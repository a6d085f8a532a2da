import type { Adapter } from './adapter.ts';

/** Looks into its cache first, then tries as often as it was told. */
export const makeFetchHappen: Adapter = {
  name: 'make-fetch-happen',
  carriers: ['minipass-fetch', 'promise-retry', '@npmcli/agent', 'agent-base'],
  files: [{ file: 'lib/fetch.js', replace: (fetch, noting) => noting.entered(fetch) }],
};
