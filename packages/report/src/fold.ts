import type { Fold, NetRow, RollupEntry, RollupKey } from '@outwitness/event';

/** Most distinct hosts of one package in one hour; docs/formats/store-sqlite.md, "Rollup". */
export const MAX_HOSTS = 10_000;
const OTHER = '(other)';
const HOUR_US = 3_600_000_000;

/**
 * Folds one batch; see docs/formats/store-sqlite.md, "Rollup". Folding a batch in pieces gives the same table as
 * folding it whole, if `held` says what the table held before each piece.
 */
export const fold: Fold = (rows, held) => {
  const added = new Map<string, Set<string>>();
  const entries = new Map<string, RollupEntry>();
  for (const row of rows) {
    if (row.outcome === 'local') continue;
    const key = keyOf(row, (hour, name, host) => {
      const before = held(hour, name);
      if (before.has(host)) return host;
      const slot = `${hour} ${name}`;
      const fresh = added.get(slot) ?? new Set<string>();
      added.set(slot, fresh);
      if (fresh.has(host)) return host;
      const full = before.size + fresh.size >= MAX_HOSTS;
      const kept = full ? OTHER : host;
      if (!before.has(kept)) fresh.add(kept);
      return kept;
    });
    const id = keyText(key);
    entries.set(id, addRow(entries.get(id) ?? { ...key, ...NOTHING, firstSeq: row.seq, lastSeq: row.seq }, row));
  }
  return [...entries.values()];
};

/** Adds what two entries of one key measured. */
export function addEntries(a: RollupEntry, b: RollupEntry): RollupEntry {
  return {
    ...a,
    events: a.events + b.events,
    errors: a.errors + b.errors,
    bytesOut: a.bytesOut + b.bytesOut,
    bytesIn: a.bytesIn + b.bytesIn,
    firstSeq: Math.min(a.firstSeq, b.firstSeq),
    lastSeq: Math.max(a.lastSeq, b.lastSeq),
  };
}

/** Identifies a key; no field can hold a control character. */
export function keyText(key: RollupKey): string {
  const { hour, app, direction, channel, package: name, host, port, class: found, declared, vendor } = key;
  return [hour, app, direction, channel, name, host, port, found, declared, vendor].join('\n');
}

const NOTHING = { events: 0, errors: 0, bytesOut: 0, bytesIn: 0 };

function addRow(entry: RollupEntry, row: NetRow): RollupEntry {
  const begins = row.phase === 'whole' || row.phase === 'open';
  const ends = row.phase === 'whole' || row.phase === 'end';
  return addEntries(entry, {
    ...entry,
    events: begins ? 1 : 0,
    errors: ends && row.outcome !== 'ok' ? 1 : 0,
    bytesOut: ends ? (row.bytesOut ?? 0) : 0,
    bytesIn: ends ? (row.bytesIn ?? 0) : 0,
    firstSeq: row.seq,
    lastSeq: row.seq,
  });
}

function keyOf(row: NetRow, admit: (hour: number, name: string, host: string) => string): RollupKey {
  const inbound = row.direction === 'in';
  const hour = Math.floor((row.time + (row.skew ?? 0)) / HOUR_US);
  const name = row.package ?? '';
  const host = inbound ? (row.listener ?? OTHER) : (row.host ?? '');
  return {
    hour,
    app: row.app,
    direction: row.direction,
    channel: row.channel,
    package: name,
    host: admit(hour, name, host),
    port: (inbound ? row.localPort : row.port) ?? -1,
    class: row.class,
    declared: row.declared,
    vendor: row.vendor ?? '',
  };
}
