/** A ledger in a directory of its own, with a clock, salts and keys that a test decides on. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Fold, Judge, RollupEntry, SpoolRecord } from '@outwitness/event';
import {
  type DrainedFile,
  keyDirectory,
  Ledger,
  type LedgerOptions,
  type OwnRow,
  type Store,
} from '@outwitness/ledger';
import { openStore, type SqliteStore } from '../../src/index.ts';

export const CATALOGUE = '{"catalogue":"of the tests"}';
const DIGEST = createHash('sha256').update(CATALOGUE).digest('hex');
/** 2026-01-02T03:04:05Z in µs. */
export const START = 1_767_323_045_000_000;

export const judge: Judge = (draft, manifest) => ({
  class: draft.host === 'localhost' ? 'internal' : 'unclassified',
  declared: manifest === undefined ? 'none' : 'yes',
  catalogue: DIGEST,
  ...(draft.direction === 'in' ? { listener: draft.localAddress ?? '(other)' } : {}),
});

/** Straight from docs/formats/store-sqlite.md, "Rollup". */
const fold: Fold = (rows, held) => {
  const entries = new Map<string, RollupEntry>();
  const added = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.outcome === 'local') continue;
    const inbound = row.direction === 'in';
    const hour = Math.floor((row.time + (row.skew ?? 0)) / 3_600_000_000);
    const pkg = row.package ?? '';
    let host = (inbound ? row.listener : row.host) ?? (inbound ? '(other)' : '');
    const before = held(hour, pkg);
    const fresh = added.get(`${hour} ${pkg}`) ?? new Set();
    added.set(`${hour} ${pkg}`, fresh);
    if (!before.has(host) && !fresh.has(host) && before.size + fresh.size >= 10_000) host = '(other)';
    if (!before.has(host)) fresh.add(host);
    const key = {
      hour,
      app: row.app,
      direction: row.direction,
      channel: row.channel,
      package: pkg,
      host,
      port: (inbound ? row.localPort : row.port) ?? -1,
      class: row.class,
      declared: row.declared,
      vendor: row.vendor ?? '',
    };
    const id = JSON.stringify(key);
    const entry = entries.get(id) ?? {
      ...key,
      events: 0,
      errors: 0,
      bytesOut: 0,
      bytesIn: 0,
      firstSeq: row.seq,
      lastSeq: row.seq,
    };
    const ended = row.phase !== 'open';
    entries.set(id, {
      ...entry,
      events: entry.events + (row.phase === 'end' ? 0 : 1),
      errors: entry.errors + (ended && row.outcome !== 'ok' ? 1 : 0),
      bytesOut: entry.bytesOut + (ended ? (row.bytesOut ?? 0) : 0),
      bytesIn: entry.bytesIn + (ended ? (row.bytesIn ?? 0) : 0),
      lastSeq: row.seq,
    });
  }
  return [...entries.values()];
};

export interface World {
  readonly directory: string;
  readonly file: string;
  readonly clock: { now: number; wall(): number; monotonic(): number };
  readonly store: SqliteStore;
  readonly ledger: Ledger;
  /** What opens the ledger of this directory in another store. */
  options(store: Store): LedgerOptions;
  /** Closes the store without a closing seal and opens everything again. */
  restart(options?: Partial<LedgerOptions>): Promise<void>;
  end(): void;
}

/** Salts that are the same in every run. */
function seeded(seed: string): (bytes: number) => Uint8Array {
  let n = 0;
  return (bytes) => createHash('sha512').update(`${seed} ${n++}`).digest().subarray(0, bytes);
}

export async function world(t: TestContext, options: Partial<LedgerOptions> = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'outwitness-store-'));
  const made = await worldIn(directory, options);
  t.after(() => {
    made.end();
    rmSync(directory, { recursive: true, force: true });
  });
  return made;
}

export async function worldIn(directory: string, options: Partial<LedgerOptions> = {}): Promise<World> {
  const file = join(directory, 'ledger.db');
  const clock = { now: START, wall: () => clock.now, monotonic: () => clock.now - START };
  let salt = 0;
  const all = (store: Store): LedgerOptions => ({
    store,
    keys: keyDirectory(join(directory, 'keys')),
    checkpoints: join(directory, 'checkpoints.log'),
    software: 'outwitness 0.1.0',
    judge,
    fold,
    clock,
    random: seeded(`salt ${salt++}`),
    boot: 'boot-1',
    uid: 1e3,
    ...options,
  });
  const open = async (more: Partial<LedgerOptions>): Promise<{ store: SqliteStore; ledger: Ledger }> => {
    const store = openStore(file);
    try {
      const ledger = await Ledger.open({ ...all(store), ...more });
      return { store, ledger };
    } catch (error) {
      store.close();
      throw error;
    }
  };
  let opened = await open({});
  if (opened.ledger.size === 2)
    await opened.ledger.append({ own: [{ kind: 'policy', catalogue: CATALOGUE, text: 'the catalogue of the tests' }] });
  return {
    directory,
    file,
    clock,
    options: all,
    get store() {
      return opened.store;
    },
    get ledger() {
      return opened.ledger;
    },
    async restart(more = {}) {
      opened.store.close();
      opened = await open(more);
    },
    end: () => opened.store.close(),
  };
}

export const WRITER = '100-0-mb3x-0a1b2c3d';
export const FILE = `${WRITER}.0.spool`;

/** Records of one segment with their numbers and times filled in. */
function numbered(records: readonly object[], from = 0): SpoolRecord[] {
  return records.map((record, i) => ({ time: START + from + i, ...record, n: from + i }) as unknown as SpoolRecord);
}

export const HELLO = {
  kind: 'hello',
  v: 1,
  app: 'shop',
  pid: 100,
  thread: 0,
  segment: 0,
  runtime: 'node/24.21.0',
  agent: '0.1.0',
  loaded: 'require',
  channels: ['http', 'tcp'],
};

/** A drain of these records; every record counts as 100 bytes. */
export function drained(records: readonly object[], from = 0, more: Partial<DrainedFile> = {}): DrainedFile {
  const end = from + records.length;
  return {
    name: FILE,
    owner: 1001,
    offset: from * 100,
    nextOffset: end * 100,
    nextN: end,
    damage: [],
    ended: false,
    records: numbered(records, from),
    ...more,
  };
}

export const leaves = (rows: readonly { leaf: string }[]): Record<string, unknown>[] =>
  rows.map((row) => JSON.parse(row.leaf) as Record<string, unknown>);

/** Epochs short enough for a test. */
export const EPOCH = { rows: 12, us: 3_600_000_000 };

/** A row of the collector's own, so that there is something to write. */
export function gapAt(n: number): OwnRow {
  return { kind: 'gap', event: 'limit', text: `row ${n} of a test`, missing: 0, count: 1 };
}
