/** Shape and limits of one field; see docs/formats/event.md, "Field table". */
export type FieldType =
  | { readonly type: 'int' | 'bool' }
  | { readonly type: 'string'; readonly limit: number }
  | { readonly type: 'strings'; readonly count: number; readonly limit: number };

const int: FieldType = { type: 'int' };
const bool: FieldType = { type: 'bool' };
const string = (limit: number): FieldType => ({ type: 'string', limit });
const strings = (count: number, limit: number): FieldType => ({ type: 'strings', count, limit });

/** Most bytes of one leaf. */
export const MAX_LEAF_BYTES = 16_384;
/** Most bytes of one spool record (payload of a frame). */
export const MAX_RECORD_BYTES = 65_536;
/** Most bytes of the text of an egress manifest in a `pkg` record. */
export const MAX_MANIFEST_BYTES = 32_768;

/** Fields that describe a call or connection: they may stand in a record and, under the same name, in a leaf. */
export const NET_FIELDS: { readonly [name: string]: FieldType } = {
  direction: string(3),
  channel: string(16),
  scheme: string(16),
  protocol: string(16),
  method: string(32),
  host: string(253),
  port: int,
  path: string(1024),
  queryKeys: strings(64, 64),
  status: int,
  outcome: string(8),
  error: string(64),
  bytesOut: int,
  bytesIn: int,
  bytesBasis: string(16),
  durationUs: int,
  ttfbUs: int,
  requestHeaders: strings(100, 64),
  responseHeaders: strings(100, 64),
  peerAddress: string(64),
  peerPort: int,
  localAddress: string(64),
  localPort: int,
  attempts: strings(16, 96),
  lookupUs: int,
  proxy: string(320),
  sni: string(253),
  alpn: string(32),
  tls: string(16),
  certSha256: string(64),
  package: string(214),
  packageVersion: string(64),
  site: string(384),
  via: strings(8, 214),
  chain: strings(16, 214),
  basis: string(9),
  fingerprint: string(34),
  call: int,
  conn: int,
  cut: strings(64, 32),
};

/** Fields that only the collector writes into a leaf. */
export const LEAF_FIELDS: { readonly [name: string]: FieldType } = {
  v: int,
  kind: string(16),
  ledger: string(32),
  seq: int,
  prev: string(64),
  salt: string(32),
  time: int,
  event: string(32),
  text: string(512),
  actor: string(64),
  missing: int,
  count: int,
  phase: string(5),
  packageAuthor: string(128),
  class: string(12),
  vendor: string(64),
  component: string(64),
  declared: string(12),
  catalogue: string(64),
  manifestSha256: string(64),
  app: string(64),
  pid: int,
  thread: int,
  spool: string(96),
  spoolSeq: int,
  skew: int,
};

/** Every field of a `net` row. */
export const FIELDS: { readonly [name: string]: FieldType } = { ...LEAF_FIELDS, ...NET_FIELDS };

/** Members that records have beside the net fields, by record kind; see docs/formats/spool.md, "Records". */
export const RECORD_FIELDS: { readonly [kind: string]: { readonly [name: string]: FieldType } } = {
  hello: {
    v: int,
    app: string(64),
    pid: int,
    ppid: int,
    thread: int,
    uid: int,
    gid: int,
    segment: int,
    runtime: string(32),
    agent: string(32),
    digest: string(64),
    loaded: string(16),
    late: strings(64, 214),
    channels: strings(32, 16),
    disabled: strings(32, 16),
    boot: string(64),
    mono: int,
    script: string(214),
  },
  pkg: {
    package: string(214),
    packageVersion: string(64),
    packageAuthor: string(128),
    manifest: string(MAX_MANIFEST_BYTES),
  },
  open: {},
  conn: { for: int, by: string(16) },
  claim: {},
  done: {},
  gap: { event: string(32), text: string(512), missing: int, count: int },
  hook: { event: string(32), text: string(512) },
  settings: { generation: int, enabled: bool, strict: bool, disabled: strings(32, 16) },
  part: { part: int, recipient: string(128), sealed: string(MAX_RECORD_BYTES) },
  beat: { records: int, faults: int, lagUs: int },
  bye: { records: int, faults: int, reason: string(16), code: int },
};
