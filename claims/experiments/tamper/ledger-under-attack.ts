/** The ledger that is attacked: written by the product, with epochs, an idle one, gaps, open calls, several packages. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Judge, SpoolRecord } from '@outwitness/event';
import { type DrainedFile, keyDirectory, Ledger } from '@outwitness/ledger';
import { fold } from '@outwitness/report';
import { type Cursor, encodeRecord, frameText, SpoolReader, START, type Unnumbered } from '@outwitness/spool';
import { openStore, type SqliteStore } from '@outwitness/store-sqlite';

export interface UnderAttack {
  /** The data directory. */
  readonly data: string;
  /** A copy of it from some hours before, made between two commits. */
  readonly earlier: string;
  /** Verifier key line of the log key. */
  readonly vkey: string;
  /** µs: a minute after the newest seal. */
  readonly now: number;
}

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const BEGAN = 1_790_000_000 * SECOND;
const BATCHES = 60;
/** After these batches nothing happens for so long that an epoch goes by. */
const IDLE_AFTER = [14, 30, 40, 52];
const EARLIER = 33;
const CATALOGUE = '{"version":1,"vendors":["vendor.example"]}';
const DIGEST = createHash('sha256').update(CATALOGUE).digest('hex');
export const WRITERS = ['4711-0-mfs00000-0a1b2c3d', '4712-1-mfs00001-4e5f6a7b'];

export async function writeLedger(folder: string): Promise<UnderAttack> {
  const [data, earlier] = [join(folder, 'data'), join(folder, 'earlier')];
  mkdirSync(join(data, 'spool'), { recursive: true });
  const store = openStore(join(data, 'ledger.db'));
  let wall = BEGAN;
  const ledger = await openLedger(data, store, () => (wall += 1000));
  await ledger.append({ own: [{ kind: 'policy', catalogue: CATALOGUE, text: 'a catalogue is in force' }] });
  const spools = WRITERS.map((writer) => new Spool(join(data, 'spool'), writer));
  for (let batch = 0; batch < BATCHES; batch += 1) {
    wall += 11 * SECOND;
    const own =
      batch % 4 === 1 ? [{ kind: 'control' as const, event: 'export' as const, actor: 'cli', text: 'x' }] : [];
    await ledger.append({ own, files: spools.map((spool, at) => spool.drain(recordsOf(batch, at), wall)) });
    if (batch === EARLIER) copyBetweenCommits(data, earlier);
    if (!IDLE_AFTER.includes(batch)) continue;
    wall += 5 * HOUR;
    await ledger.append();
  }
  const { vkey } = ledger;
  store.close();
  return { data, earlier, vkey, now: wall + 60 * SECOND };
}

/** The writer of this ledger, to begin with or to go on. */
export async function openLedger(data: string, store: SqliteStore, wall: () => number): Promise<Ledger> {
  return Ledger.open({
    store,
    keys: keyDirectory(join(data, 'keys')),
    checkpoints: join(data, 'checkpoints.log'),
    software: 'outwitness claim',
    epoch: { rows: 45, us: 4 * HOUR },
    judge,
    fold,
    clock: { wall, monotonic: () => wall() - BEGAN },
    random: randomBytes,
    boot: 'boot of the claim',
    uid: 999,
  });
}

const judge: Judge = ({ host = '', direction }) => {
  const found = direction === 'in' ? 'internal' : host.endsWith('vendor.example') ? 'vendor' : 'unclassified';
  return {
    class: found,
    ...(found === 'vendor' ? { vendor: 'vendor' } : {}),
    ...(direction === 'in' ? { listener: '127.0.0.1' } : {}),
    declared: 'none',
    catalogue: DIGEST,
  };
};

/** What one of the two writers tells in a batch. The second one leaves a call open now and then. */
function recordsOf(batch: number, writer: number): Unnumbered[] {
  const call = batch * 2 + 1;
  const opened = (number: number, more: object): object => ({
    kind: 'open', call: number, direction: 'out', channel: 'undici', method: 'POST', scheme: 'https', port: 443,
    host: `host${(number + writer) % 9}.vendor.example`, path: '/größe/{n}', queryKeys: ['q'], basis: 'stack',
    package: ['axios', 'order-mailer', 'left-pad'][(batch + writer) % 3], packageVersion: '1.2.3', site: 'lib/send.js:10:7 send',
    ...more,
  }); // prettier-ignore
  const ended = (number: number, more: object = {}): object => ({
    kind: 'done', call: number, outcome: 'ok', status: 200, bytesOut: 300 + number, bytesIn: 2000, durationUs: 1500, ...more,
  }); // prettier-ignore
  const records: object[] = batch === 0 ? [helloOf(writer)] : [];
  if (writer === 0) {
    records.push(opened(call, {}), ended(call), opened(call + 1, { host: `api${batch % 5}.example` }));
    records.push(ended(call + 1, batch % 6 === 5 ? { outcome: 'refused', error: 'ECONNREFUSED' } : {}));
    if (batch % 8 === 3) records.push({ kind: 'gap', event: 'degraded', text: 'slow disk', missing: 0, count: 2 });
  } else {
    const inbound = {
      direction: 'in',
      channel: 'http',
      localPort: 8080,
      peerAddress: '192.0.2.7',
      host: 'shop.example',
    };
    records.push(opened(call, inbound), ended(call));
    if (batch % 6 === 0) records.push(opened(call + 1, { channel: 'tcp' }));
    if (batch % 6 === 5 && batch < 54) records.push(ended(call - 9, { outcome: 'aborted' }));
  }
  return records as Unnumbered[];
}

const helloOf = (writer: number): object => ({
  kind: 'hello', v: 1, app: writer === 0 ? 'shop' : 'worker', pid: 4711 + writer, thread: writer, segment: 0,
  runtime: 'node/24.21.0', agent: '0.1.0', loaded: 'require', channels: ['http', 'tcp', 'undici'],
}); // prettier-ignore

/** A spool file that grows by frames and is drained as the collector does it. */
class Spool {
  readonly #folder: string;
  readonly #name: string;
  #cursor: Cursor = START;

  constructor(folder: string, writer: string) {
    this.#folder = folder;
    this.#name = `${writer}.0.spool`;
  }

  drain(records: readonly Unnumbered[], time: number): DrainedFile {
    for (const [at, record] of records.entries()) {
      const { text, bytes } = encodeRecord({ ...record, time: time + at }, this.#cursor.next + at);
      appendFileSync(join(this.#folder, this.#name), frameText(text, bytes));
    }
    const { offset } = this.#cursor;
    const read = new SpoolReader(this.#folder).read(this.#name, this.#cursor, 1 << 20);
    this.#cursor = read.cursor;
    return {
      name: this.#name,
      owner: 1000,
      offset,
      records: read.records.map(({ record }): SpoolRecord => record),
      nextOffset: read.cursor.offset,
      nextN: read.cursor.next,
      damage: read.damage.map(({ event, missing, count }) => ({ event, missing, count })),
      ended: false,
    };
  }
}

/** A backup as an administrator takes it. */
function copyBetweenCommits(data: string, to: string): void {
  cpSync(data, to, { recursive: true });
  using database = new DatabaseSync(join(to, 'ledger.db'));
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
