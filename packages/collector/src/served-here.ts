import type { Appended } from '@outwitness/ledger';
import type { HeadJson } from '@outwitness/server';
import type { SqliteJournal } from '@outwitness/store-sqlite';
import { AccessOver } from './access/access-over.ts';
import type { Desk } from './access/desk.ts';
import type { Collector } from './collector.ts';
import { isoTime, type Served, worthSeeing } from './server-backend.ts';

/** The ledger of a collector in this very process. */
export function servedHere(collector: Collector, desk: Desk, journal: SqliteJournal): Served {
  let sealedAt = 0;
  collector.on('commit', ({ rows }) => {
    const seal = rows.at(-1);
    if (seal !== undefined) sealedAt = (JSON.parse(seal.leaf) as { time: number }).time;
  });
  const head = (): HeadJson => ({ size: collector.ledger.size, at: sealedAt === 0 ? null : isoTime(sealedAt) });
  const ask: Served['ask'] = (request) => collector.perform(request);
  const view = {
    table: () => desk.table,
    users: () => desk.users,
    issuers: () => desk.issuers.entries,
    onChange: (listener: () => void) => {
      collector.on('access', listener);
      return () => void collector.off('access', listener);
    },
  };
  return {
    software: collector.software,
    origin: collector.ledger.origin,
    journal,
    access: new AccessOver(ask, view),
    ask,
    live: () => collector.liveFacts(),
    settings: () => collector.shownSettings(),
    settingsFact: () => collector.settingsFact(),
    catalogue: async () => collector.catalogue,
    head,
    witnessToken: () => desk.witness,
    onHead(listener) {
      const told = ({ rows }: Appended): void => {
        if (worthSeeing(rows)) listener(head());
      };
      const verified = (): void => listener(head());
      collector.on('commit', told).on('verified', verified);
      return () => collector.off('commit', told).off('verified', verified);
    },
  };
}
