/**
 * Makes testdata/vectors/ledger: leaves and their hashes, tree roots and proofs, signed notes, and a small whole ledger as
 * bundle and proof. Clock, salts and keys are fixed, so every run makes the same bytes; a test compares them.
 *
 *   node scripts/vectors.ts
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { bundle, type DrainedFile, type KeyStore, Ledger, tlogProof } from '@outwitness/ledger';
import { openStore, type SqliteStore } from '@outwitness/store-sqlite';

import { encodeLeaf, rowHash } from '../packages/ledger/src/chain.ts';
import { signingKey } from '../packages/ledger/src/keys.ts';
import { CompactRange } from '../packages/ledger/src/merkle.ts';
import { signNote, vkey } from '../packages/ledger/src/note.ts';
import { consistencyProof, inclusionProof, type TreeReader } from '../packages/ledger/src/tree-proofs.ts';

export const VECTORS: string = join(dirname(import.meta.dirname), 'testdata/vectors/ledger');

/** 2026-01-02T03:04:05Z in µs. */
const START = 1_767_323_045_000_000;
const SOFTWARE = 'outwitness vectors';
const CATALOGUE = '{"of":"the vectors"}';
const WRITER = '100-0-mb3x-0a1b2c3d';

/** @returns file name → content */
export async function vectors(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  files.set('leaves.json', json(leafVectors()));
  files.set('tree.json', json(await treeVectors()));
  files.set('notes.json', json(noteVectors()));
  const directory = mkdtempSync(join(tmpdir(), 'outwitness-vectors-'));
  const store = openStore(join(directory, 'ledger.db'));
  try {
    const ledger = await smallLedger(store, join(directory, 'checkpoints.log'));
    let text = '';
    for await (const lines of bundle(store, { exported: START + 90_000_000, software: SOFTWARE })) text += lines;
    files.set('whole.outwitness', text);
    text = '';
    for await (const lines of bundle(store, { from: 4, to: 9, exported: START + 90_000_000, software: SOFTWARE }))
      text += lines;
    files.set('range.outwitness', text);
    files.set('row.tlog-proof', await tlogProof(store, 6));
    files.set('log.vkey', `${ledger.vkey}\n`);
  } finally {
    store.close();
    rmSync(directory, { recursive: true });
  }
  return files;
}

/** Members as they are given, the canonical leaf that they become, and its row hash. */
function leafVectors(): object[] {
  const common = {
    v: 1,
    kind: 'net',
    ledger: '00'.repeat(16),
    seq: 1,
    prev: 'ab'.repeat(32),
    salt: '01'.repeat(16),
    time: START,
  };
  const cases: { [name: string]: number | string | boolean | string[] }[] = [
    common,
    { ...common, path: '/"quoted"\\\u007f', host: 'bücher.example', text: '\u2028 line \ud83d\ude00' },
    {
      ...common,
      queryKeys: [],
      via: ['a', ''],
      enabled: false,
      bytesOut: 0,
      skew: -600_000_001,
      count: Number.MAX_SAFE_INTEGER,
    },
    {
      ...common,
      requestHeaders: Array.from({ length: 100 }, () => '"'.repeat(64)),
      responseHeaders: Array.from({ length: 100 }, () => 'x'.repeat(64)),
    },
  ];
  return cases.map((members) => {
    const leaf = encodeLeaf(members);
    return { members, leaf, rowHash: hex(rowHash(leaf)) };
  });
}

async function treeVectors(): Promise<object> {
  const hashes = Array.from({ length: 300 }, (_, i) => rowHash(`{"seq":${i}}`));
  const range = new CompactRange();
  const roots = [createHash('sha256').digest('hex')];
  for (const hash of hashes) {
    range.append(hash, []);
    roots.push(hex(range.root()));
  }
  const reader: TreeReader = {
    hashes: (from, to) => Promise.resolve(hashes.slice(from, to)),
    nodes: (level, from, to) =>
      Promise.resolve(level === 8 && from === 0 && to === 1 ? [Buffer.from(roots[256] ?? '', 'hex')] : []),
  };
  const inclusion = [];
  for (const [seq, size] of [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [4, 7],
    [6, 7],
    [255, 256],
    [0, 257],
    [256, 257],
    [123, 300],
    [299, 300],
  ] as const) {
    inclusion.push({ seq, size, proof: (await inclusionProof(reader, seq, size)).map(hex) });
  }
  const consistency = [];
  for (const [older, size] of [
    [1, 1],
    [1, 2],
    [3, 7],
    [4, 7],
    [6, 8],
    [256, 300],
    [257, 300],
    [299, 300],
  ] as const) {
    consistency.push({ older, size, proof: (await consistencyProof(reader, older, size)).map(hex) });
  }
  return { rows: 'row i has the leaf {"seq":i}', roots, inclusion, consistency };
}

function noteVectors(): object[] {
  const origin = `local/outwitness/${'0f'.repeat(16)}`;
  const keys = { log: signingKey(pem('log')), epoch: signingKey(pem('epoch-0')) };
  return [1, 256, 9_007_199_254_740_991].map((size) => {
    const root = createHash('sha256').update(`root ${size}`).digest();
    const signers = [
      { name: origin, key: keys.log },
      { name: `${origin}/epoch/0`, key: keys.epoch },
    ];
    const vkeys = signers.map(({ name, key }) => vkey({ name, publicKey: key.publicKey }));
    return { origin, size, root: root.toString('base64'), vkeys, note: signNote(origin, size, root, signers) };
  });
}

/** Genesis, policy, calls in all phases, a connection with a rest of bytes, gaps, a closing seal. */
async function smallLedger(store: SqliteStore, checkpoints: string): Promise<Ledger> {
  let wall = START;
  let salts = 0;
  const ledger = await Ledger.open({
    store,
    keys: fixedKeys(),
    checkpoints,
    software: SOFTWARE,
    boot: 'boot of the vectors',
    uid: 1e3,
    clock: {
      wall: () => wall,
      monotonic: () => wall - START,
    },
    random: (bytes) => createHash('sha512').update(`salt ${salts++}`).digest().subarray(0, bytes),
    judge: ({ host, direction }) => ({
      class: host === 'localhost' ? 'internal' : 'unclassified',
      declared: 'none',
      catalogue: sha256(CATALOGUE),
      ...(direction === 'in' ? { listener: '(other)' } : {}),
    }),
    fold: () => [],
  });
  await ledger.append({ own: [{ kind: 'policy', catalogue: CATALOGUE, text: 'the catalogue of the vectors' }] });
  await ledger.append({ files: [drained(0, FIRST)] });
  wall += 31_000_000;
  await ledger.append({ files: [drained(FIRST.length, SECOND)], silent: [WRITER] });
  await ledger.close({ gone: [WRITER] });
  return ledger;
}

const OUT = {
  direction: 'out',
  channel: 'http',
  scheme: 'https',
  host: 'bücher.example',
  port: 443,
  package: 'axios',
  packageVersion: '1.7.2',
  basis: 'stack',
};
const FIRST: readonly object[] = [
  {
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
    late: ['express'],
  },
  { kind: 'pkg', package: 'axios', packageVersion: '1.7.2', packageAuthor: 'Matt Zabriskie' },
  { kind: 'conn', conn: 1, direction: 'out', channel: 'tls', by: 'http', host: 'bücher.example', port: 443 },
  {
    kind: 'open',
    call: 1,
    conn: 1,
    ...OUT,
    method: 'POST',
    path: '/v1/{n}',
    queryKeys: ['q'],
    requestHeaders: ['accept', 'host'],
  },
  {
    kind: 'done',
    call: 1,
    outcome: 'ok',
    status: 201,
    bytesOut: 300,
    bytesIn: 40,
    bytesBasis: 'plaintext',
    durationUs: 1500,
    ttfbUs: 1200,
  },
  { kind: 'open', call: 2, ...OUT, path: '/"quoted"\\' },
  {
    kind: 'open',
    call: 3,
    direction: 'in',
    channel: 'http',
    host: 'localhost',
    localAddress: '127.0.0.1',
    localPort: 8080,
    peerAddress: '127.0.0.1',
  },
  { kind: 'gap', event: 'budget', text: 'no room for a while', missing: 0, count: 2 },
];
const SECOND: readonly object[] = [
  { kind: 'done', call: 3, outcome: 'ok', status: 200, bytesOut: 10, bytesIn: 20 },
  { kind: 'done', conn: 1, outcome: 'ok', bytesOut: 333, bytesIn: 40, tls: 'TLSv1.3' },
];

function drained(from: number, records: readonly object[]): DrainedFile {
  const nextN = from + records.length;
  return {
    name: `${WRITER}.0.spool`,
    owner: 1001,
    offset: from * 100,
    nextOffset: nextN * 100,
    nextN,
    damage: [],
    ended: false,
    records: records.map((record, i) => ({
      ...record,
      n: from + i,
      time: START + from + i,
    })) as unknown as DrainedFile['records'],
  };
}

function fixedKeys(): KeyStore {
  const nothing = (): undefined => undefined;
  return {
    read: pem,
    create: nothing,
    names: () => [],
    destroy: nothing,
    publish: nothing,
    owner: nothing,
    own: nothing,
  };
}

/** A PKCS #8 key whose 32 secret bytes are the hash of its name: for vectors only. */
function pem(name: string): string {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    createHash('sha256').update(`vector key ${name}`).digest(),
  ]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(VECTORS, { recursive: true });
  for (const [name, content] of await vectors()) writeFileSync(join(VECTORS, name), content);
}
