import type { Catalogue } from './catalogue.ts';

/** In force where no catalogue is set: it knows nobody, so every name with a dot is unclassified. */
export const DEFAULT_CATALOGUE: Catalogue = { version: 1, vendors: [], internal: [], hosts: [], acknowledged: [] };
