import type { RollupEntry } from '@outwitness/event';

import { SELF_APP } from './self.ts';
import type { PairSeen } from './source.ts';

/**
 * Adds rollup entries to the pairs seen so far; entries of one batch or of the whole table alike.
 *
 * @param seen changed in place; its values answer `ReportSource.pairs`
 */
export function addPairs(seen: Map<string, PairSeen>, entries: Iterable<RollupEntry>): void {
  for (const entry of entries) {
    if (entry.direction !== 'out' || entry.app === SELF_APP) continue;
    const { app, package: name, host, port, class: found, declared } = entry;
    const key = [app, name, host, port, found, declared].join('\n');
    const before = seen.get(key);
    seen.set(key, {
      app,
      package: name,
      host,
      port,
      class: found,
      declared,
      firstHour: Math.min(before?.firstHour ?? entry.hour, entry.hour),
      firstSeq: Math.min(before?.firstSeq ?? entry.firstSeq, entry.firstSeq),
      lastSeq: Math.max(before?.lastSeq ?? entry.lastSeq, entry.lastSeq),
      events: (before?.events ?? 0) + entry.events,
    });
  }
}
