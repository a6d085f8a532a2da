import type { Witness } from '@outwitness/server';
import type { Served } from './server-backend.ts';

/** Rows under one stored node of the tree grow by this factor from level to level: the tiles of docs/formats/witness.md lie in the store as they are. */
const FAN = 256;
const LEVELS_OF_A_NODE = 8;

/** Checkpoint and hash tiles of a ledger. */
export function witnessOf(served: Served): Witness {
  const { journal } = served;
  return {
    token: () =>
      served.settings().settings.some(({ name, value }) => name === 'witness.serve' && value === true)
        ? served.witnessToken()
        : undefined,
    checkpoint: async () => (await journal.lastNote())?.note ?? null,
    async hashes(level, from, to) {
      const { size } = (await journal.lastNote()) ?? { size: 0 };
      if (to > Math.floor(size / FAN ** level)) return null;
      const hashes =
        level === 0 ? await journal.hashes(from, to) : await journal.nodes(level * LEVELS_OF_A_NODE, from, to);
      // A store that lacks some is damaged: half a tile would look like a whole one of something else.
      return hashes.length === to - from ? hashes : null;
    },
  };
}
