import type { DistributionJson } from '@outwitness/server';

export type Class = DistributionJson['class'];

export const CLASS_WORDS: Readonly<Record<Class, { name: string; about: string }>> = {
  vendor: { name: 'Watched vendors', about: 'vendors whose own traffic is under watch' },
  'third-party': { name: 'Third parties', about: 'known or declared services' },
  internal: { name: 'Internal', about: 'your own network' },
  unclassified: { name: 'Unclassified', about: 'known to no catalogue and no manifest' },
};
