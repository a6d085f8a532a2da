/**
 * A second writer of everything the verifier reads, made from docs/formats alone and slow on purpose: the tree is the
 * recursive definition of RFC 6962, the schema is taken out of the page.
 */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Members = Record<string, number | string | boolean | string[]>;

export const T0 = 1_790_000_000_000_000;
const HOUR = 3_600_000_000;
const FORMATS = new URL('../../../docs/formats/', import.meta.url);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export function canonical(members: Members): string {
  return JSON.stringify(Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

export interface Key {
  publicKey: Buffer;
  privateKey: KeyObject;
}

export function makeKey(seed: string): Key {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), sha256(seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(12);
  return { privateKey, publicKey };
}

const keyId = (name: string, publicKey: Uint8Array): Buffer =>
  sha256(name, '\n', Uint8Array.of(1), publicKey).subarray(0, 4);

export function vkey(name: string, { publicKey }: Key): string {
  return `${name}+${hex(keyId(name, publicKey))}+${Buffer.concat([Uint8Array.of(1), publicKey]).toString('base64')}`;
}

export const rowHash = (leaf: string | Uint8Array): Buffer => sha256(Uint8Array.of(0), leaf);

/** RFC 6962 section 2.1: MTH. */
function treeRoot(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0]!;
  const k = split(hashes.length);
  return sha256(Uint8Array.of(1), treeRoot(hashes.slice(0, k)), treeRoot(hashes.slice(k)));
}

/** RFC 6962 section 2.1.1: PATH. */
export function inclusion(at: number, hashes: readonly Buffer[]): Buffer[] {
  if (hashes.length <= 1) return [];
  const k = split(hashes.length);
  return at < k
    ? [...inclusion(at, hashes.slice(0, k)), treeRoot(hashes.slice(k))]
    : [...inclusion(at - k, hashes.slice(k)), treeRoot(hashes.slice(0, k))];
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** In hex, of the perfect subtrees that tile the rows. */
export function tiles(from: number, to: number, hashes: readonly Buffer[]): string[] {
  const roots: string[] = [];
  for (let at = from; at < to;) {
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= to) width *= 2;
    roots.push(hex(treeRoot(hashes.slice(at, at + width))));
    at += width;
  }
  return roots;
}

export interface LedgerOptions {
  seed?: string;
  logKey?: Key;
  epochKeys?: Key[];
  operator?: string;
  /** µs of the genesis row. */
  start?: number;
  genesis?: Members;
  /** Goes on with these rows and notes instead of a genesis row of its own. */
  from?: { leaves: readonly string[]; notes: readonly { size: number; text: string }[] };
}

/** A ledger in memory; `batch` is what one transaction of the collector would be. */
export class ReferenceLedger {
  readonly leaves: string[] = [];
  readonly hashes: Buffer[] = [];
  readonly notes: { size: number; text: string }[] = [];
  readonly pending = new Map<string, string>();
  readonly writers = new Map<string, string>();
  readonly texts = new Map<string, string>();
  readonly logKey: Key;
  readonly epochKeys: Key[];
  readonly id: string;
  readonly origin: string;
  epoch = 0;
  time: number;
  uids = ['app=1000', 'collector=999'];
  readonly #seed: string;

  constructor(options: LedgerOptions = {}) {
    this.#seed = options.seed ?? 'reference';
    this.logKey = options.logKey ?? makeKey(`${this.#seed} log`);
    this.epochKeys = options.epochKeys ?? [0, 1, 2].map((n) => makeKey(`${this.#seed} epoch ${n}`));
    this.time = options.start ?? T0;
    if (options.from !== undefined) {
      const [genesis, last] = [options.from.leaves[0], options.from.leaves.at(-1)].map(
        (leaf) => JSON.parse(leaf ?? '{}') as Members,
      );
      [this.id, this.origin, this.time] = [
        genesis!['ledger'] as string,
        genesis!['origin'] as string,
        Number(last!['time']),
      ];
      this.leaves.push(...options.from.leaves);
      this.hashes.push(...this.leaves.map((leaf) => rowHash(leaf)));
      this.notes.push(...options.from.notes);
      return;
    }
    const nonce = sha256(`${this.#seed} nonce`);
    const epochKey = this.epochKeys[0]!.publicKey;
    this.id = hex(sha256(this.logKey.publicKey, epochKey, nonce).subarray(0, 16));
    this.origin = `${options.operator ?? 'local'}/outwitness/${this.id}`;
    this.row({
      kind: 'genesis', logKey: hex(this.logKey.publicKey), epochKey: hex(epochKey), nonce: hex(nonce), epoch: 0,
      origin: this.origin, software: 'reference/1', ...options.genesis,
    }); // prettier-ignore
  }

  get vkey(): string {
    return vkey(this.origin, this.logKey);
  }

  /** Appends a row; members given replace those that belong to every row. */
  row(members: Members): number {
    const seq = this.leaves.length;
    this.time += 1_000_000;
    const prev = seq === 0 ? '0'.repeat(64) : hex(this.hashes[seq - 1]!);
    const salt = hex(sha256(`${this.#seed} salt ${seq}`).subarray(0, 16));
    const leaf = canonical({ v: 1, ledger: this.id, seq, prev, salt, time: this.time, ...members });
    this.leaves.push(leaf);
    this.hashes.push(rowHash(leaf));
    return seq;
  }

  net(members: Members = {}): number {
    const n = this.leaves.length;
    return this.row({
      kind: 'net', direction: 'out', channel: 'http', outcome: 'ok', phase: 'whole', app: 'shop', pid: 4711, thread: 0,
      spool: `4711-0-abc-00000000.0.spool`, spoolSeq: n, class: 'third-party', declared: 'none', catalogue: 'ab'.repeat(32),
      call: n, host: `host${n % 7}.example`, port: 443, bytesOut: 100 + n, bytesIn: 2000, package: 'undici',
      path: '/größe/…', ...members,
    }); // prettier-ignore
  }

  gap(missing: number): number {
    return this.row({ kind: 'gap', event: 'damaged', text: `${missing} records are lost`, missing, count: 1 });
  }

  policy(text: string): number {
    const digest = hex(sha256(text));
    this.texts.set(digest, text);
    return this.row({ kind: 'policy', event: 'catalogue', catalogue: digest, text: 'a catalogue came into force' });
  }

  /** The seal and its note. */
  seal(members: Members = {}): string {
    this.sealRow(members);
    return this.note();
  }

  sealRow(members: Members = {}): number {
    const rows = this.leaves.map((leaf) => JSON.parse(leaf) as Record<string, unknown>);
    const gaps = rows.filter((row) => row['kind'] === 'gap');
    return this.row({
      kind: 'seal', epoch: this.epoch, time: this.time, wall: this.time, monotonic: this.time - T0, boot: 'boot-1',
      rows: rows.length, net: rows.filter((row) => row['kind'] === 'net').length, gaps: gaps.length,
      missing: gaps.reduce((sum, row) => sum + Number(row['missing']), 0), pending: this.pending.size,
      pendingDigest: tableDigest(this.pending), writersDigest: tableDigest(this.writers), spools: [], uids: this.uids,
      ...members,
    }); // prettier-ignore
  }

  /** Signs the rows so far, or so many of them. */
  note({
    keep = true,
    size = this.leaves.length,
    root = treeRoot(this.hashes.slice(0, size)),
    origin = this.origin,
    epoch = this.epoch,
  } = {}): string {
    const body = `${origin}\n${size}\n${root.toString('base64')}\n`;
    const line = (name: string, key: Key): string =>
      `— ${name} ${Buffer.concat([keyId(name, key.publicKey), sign(null, Buffer.from(body), key.privateKey)]).toString('base64')}\n`;
    const text = `${body}\n${line(origin, this.logKey)}${line(`${origin}/epoch/${epoch}`, this.epochKeys[epoch]!)}`;
    if (keep) this.notes.push({ size, text });
    return text;
  }

  nextEpoch(): number {
    const epoch = this.epoch + 1;
    return this.row({ kind: 'key', epoch, epochKey: hex(this.epochKeys[epoch]!.publicKey), event: 'next' });
  }

  /** Writes a data directory: `ledger.db` and `checkpoints.log`. */
  write(dir: string, { wal = false, pageSize = 4096, version = 2 } = {}): string {
    mkdirSync(dir, { recursive: true });
    const db = new DatabaseSync(join(dir, 'ledger.db'));
    db.exec(`PRAGMA page_size = ${pageSize}`);
    db.exec('PRAGMA application_id = 1331123249; PRAGMA journal_mode = WAL');
    db.exec(`PRAGMA user_version = ${version}`);
    db.exec(schemaOfThePage());
    if (version === 1) db.exec(toVersion1());
    this.writeInto(db);
    if (!wal) db.close();
    else (globalThis as { leaked?: unknown[] }).leaked = [...((globalThis as { leaked?: unknown[] }).leaked ?? []), db];
    for (const { size, text } of this.notes) appendFileSync(join(dir, 'checkpoints.log'), logLine(size, text));
    return dir;
  }

  /** Rows, notes and everything derived from them, into an empty store. */
  writeInto(db: DatabaseSync, from = 0): void {
    const own = !db.isTransaction;
    if (own) db.exec('BEGIN');
    const row = db.prepare('INSERT INTO rows (seq, leaf, row_hash) VALUES (?, ?, ?)');
    for (const [seq, leaf] of this.leaves.entries()) if (seq >= from) row.run(seq, leaf, this.hashes[seq]!);
    const note = db.prepare('INSERT INTO checkpoints (size, note) VALUES (?, ?)');
    for (const { size, text } of this.notes) if (size > from) note.run(size, text);
    const node = db.prepare('INSERT OR REPLACE INTO nodes (level, idx, hash) VALUES (?, ?, ?)');
    for (let level = 8; 2 ** level <= this.leaves.length; level += 8) {
      const width = 2 ** level;
      for (let idx = 0; (idx + 1) * width <= this.leaves.length; idx += 1) {
        node.run(level, idx, treeRoot(this.hashes.slice(idx * width, (idx + 1) * width)));
      }
    }
    for (const table of ['pending', 'writers'] as const) {
      for (const [key, record] of this[table])
        db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`).run(key, record);
    }
    for (const [digest, text] of this.texts) db.prepare('INSERT OR REPLACE INTO texts VALUES (?, ?)').run(digest, text);
    db.exec('DELETE FROM rollup');
    const cell = db.prepare(`INSERT INTO rollup VALUES (${'?, '.repeat(15)}?)`);
    for (const values of this.rollup()) cell.run(...values);
    if (own) db.exec('COMMIT');
  }

  rollup(): (string | number)[][] {
    const cells: { key: (string | number)[]; measures: [number, number, number, number, number, number] }[] = [];
    for (const [seq, leaf] of this.leaves.entries()) {
      const row = JSON.parse(leaf) as Record<string, string> & Record<'time' | 'skew' | 'bytesOut' | 'bytesIn', number>;
      if (row['kind'] !== 'net' || row['outcome'] === 'local') continue;
      const inbound = row['direction'] === 'in';
      const hour = Math.floor((row.time + (row.skew ?? 0)) / HOUR);
      let host = (inbound ? (row['listener'] ?? '(other)') : row['host']) ?? '';
      const inHour = cells.filter(({ key }) => key[0] === hour && key[4] === (row['package'] ?? ''));
      const hosts = new Set(inHour.map(({ key }) => key[5]));
      if (hosts.size >= 10_000 && !hosts.has(host)) host = '(other)';
      const port = (inbound ? row['localPort'] : row['port']) ?? -1;
      const text = (name: string): string => row[name] ?? '';
      const key = [
        hour, text('app'), text('direction'), text('channel'), text('package'), host, port, text('class'),
        text('declared'), text('vendor'),
      ]; // prettier-ignore
      let cell = cells.find((one) => JSON.stringify(one.key) === JSON.stringify(key));
      if (cell === undefined) cells.push((cell = { key, measures: [0, 0, 0, 0, seq, seq] }));
      if (row['phase'] !== 'end') cell.measures[0] += 1;
      if (row['phase'] !== 'open') {
        if (row['outcome'] !== 'ok') cell.measures[1] += 1;
        cell.measures[2] += row.bytesOut ?? 0;
        cell.measures[3] += row.bytesIn ?? 0;
      }
      cell.measures[5] = seq;
    }
    return cells.map(({ key, measures }) => [...key, ...measures]);
  }

  /** A bundle as lines without their LF and without `end`. */
  bundleLines({
    from = 0,
    to = this.notes.at(-1)!.size,
    notes = this.notes,
    dropped = new Set<number>(),
  } = {}): string[] {
    const size = notes.at(-1)!.size;
    const hashes = this.hashes.slice(0, size);
    const lines = [
      'outwitness-bundle 1',
      `origin ${this.origin}`,
      `exported ${this.time} reference/1`,
      `range ${from} ${to}`,
      ...notes.map(({ text }) => `note ${Buffer.from(text).toString('base64')}`),
    ];
    const keyRows = this.leaves.flatMap((leaf, seq) => (leaf.includes('"kind":"key"') && seq < size ? [seq] : []));
    for (const seq of [0, ...keyRows, size - 1]) {
      if (seq >= from && seq < to) continue;
      lines.push(`leaf ${seq} ${this.leaves[seq]}`, ['proof', seq, ...inclusion(seq, hashes).map(hex)].join(' '));
    }
    lines.push(['left', ...tiles(0, from, hashes)].join(' '));
    for (let seq = from; seq < to; seq += 1) {
      lines.push(dropped.has(seq) ? `hash ${seq} ${hex(hashes[seq]!)}` : `row ${seq} ${this.leaves[seq]}`);
    }
    lines.push(['right', ...tiles(to, size, hashes)].join(' '));
    for (const [digest, text] of this.texts) lines.push(`text ${digest} ${Buffer.from(text).toString('base64')}`);
    return lines;
  }

  bundle(options: Parameters<ReferenceLedger['bundleLines']>[0] = {}): Buffer {
    return finishBundle(this.bundleLines(options));
  }

  proof(seq: number): string {
    const note = this.notes.at(-1)!;
    const hashes = this.hashes.slice(0, note.size);
    const key = this.leaves.findIndex((leaf) => leaf.includes(`"epoch":${this.epoch},"epochKey"`));
    const extra = canonical({
      genesis: this.leaves[0]!,
      genesisProof: inclusion(0, hashes).map(hex),
      leaf: this.leaves[seq]!,
      ...(key > 0 ? { key: this.leaves[key]!, keyProof: inclusion(key, hashes).map(hex) } : {}),
    });
    const lines = inclusion(seq, hashes).map((hash) => `${hash.toString('base64')}\n`);
    return `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(extra).toString('base64')}\nindex ${seq}\n${lines.join('')}\n${note.text}`;
  }
}

function tableDigest(table: ReadonlyMap<string, string>): string {
  const entries = [...table].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return hex(sha256(entries.map(([key, record]) => `${key}\n${record}\n`).join('')));
}

export function logLine(size: number, note: string): string {
  return `${size} ${Buffer.from(note).toString('base64')}\n`;
}

/** Ends a bundle with the digest of its lines. */
export function finishBundle(lines: readonly string[]): Buffer {
  const text = lines.map((line) => `${line}\n`).join('');
  return Buffer.from(`${text}end ${hex(sha256(text))}\n`);
}

/** What a store of version 1 has otherwise. */
function toVersion1(): string {
  const [, trigger] = /In version 1: `(CREATE TRIGGER[^`]+)`/.exec(storePage()) ?? [];
  return `DROP TABLE rollup_base; DROP TRIGGER rows_no_update; ${trigger};`;
}

function storePage(): string {
  return readFileSync(new URL('store-sqlite.md', FORMATS), 'utf8');
}

/** The normative schema, out of the page itself. */
export function schemaOfThePage(): string {
  return /```sql\n([\s\S]*?)```/.exec(storePage())![1]!;
}

/** What most tests start from: three batches, one pending call, one writer, a catalogue. */
export function sampleLedger(options: LedgerOptions = {}): ReferenceLedger {
  const ledger = new ReferenceLedger(options);
  ledger.policy('{"vendors":[]}');
  for (let i = 0; i < 5; i += 1) ledger.net();
  ledger.seal();
  ledger.row({ kind: 'control', event: 'export', actor: 'cli', text: 'somebody exported' });
  ledger.net({ outcome: 'refused', error: 'ECONNREFUSED' });
  ledger.net({ direction: 'in', listener: '127.0.0.1', localPort: 8080, class: 'internal' });
  ledger.gap(0);
  ledger.seal();
  ledger.pending.set('4711-0-abc-00000000 call 9', '{"call":9,"kind":"open"}');
  ledger.writers.set('4711-0-abc-00000000', '{"app":"shop"}');
  ledger.net({ outcome: 'local' });
  ledger.net({ bytesOut: 7 });
  ledger.seal();
  return ledger;
}
