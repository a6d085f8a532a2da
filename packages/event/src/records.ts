import type {
  Basis,
  BytesBasis,
  Channel,
  ConnectionOwner,
  Direction,
  GapEvent,
  HookEvent,
  Outcome,
} from './vocabulary.ts';

/** Members of every record; see docs/formats/spool.md. */
interface RecordBase {
  /** Number in the segment, from 0. */
  n: number;
  /** µs since 1970 UTC, wall clock. */
  time: number;
}

export interface HelloRecord extends RecordBase {
  kind: 'hello';
  v: number;
  app: string;
  pid: number;
  ppid?: number;
  thread: number;
  uid?: number;
  gid?: number;
  segment: number;
  runtime: string;
  agent: string;
  digest?: string;
  loaded: string;
  late?: string[];
  channels: string[];
  disabled?: string[];
  boot?: string;
  /** µs, monotonic clock. */
  mono?: number;
  script?: string;
}

export interface PkgRecord extends RecordBase {
  kind: 'pkg';
  package: string;
  packageVersion?: string;
  packageAuthor?: string;
  /** JSON text of the package's egress manifest. */
  manifest?: string;
}

/** Attribution as it stands in `open` and `conn` records, and in the `done` of an inbound call that a host framework knows more of. */
interface Attributed {
  package?: string;
  packageVersion?: string;
  site?: string;
  via?: string[];
  chain?: string[];
  basis?: Basis;
}

interface Addresses {
  peerAddress?: string;
  peerPort?: number;
  localAddress?: string;
  localPort?: number;
}

export interface OpenRecord extends RecordBase, Attributed, Addresses {
  kind: 'open';
  call: number;
  direction: Direction;
  channel: Channel;
  scheme?: string;
  protocol?: string;
  method?: string;
  host?: string;
  port?: number;
  path?: string;
  queryKeys?: string[];
  requestHeaders?: string[];
  proxy?: string;
  fingerprint?: string;
  /** A claim: the call uses this connection. */
  conn?: number;
  cut?: string[];
}

export interface ConnRecord extends RecordBase, Attributed, Addresses {
  kind: 'conn';
  conn: number;
  direction: Direction;
  channel: Channel;
  /** The call that the connection is made for. */
  for?: number;
  by?: ConnectionOwner;
  host?: string;
  port?: number;
  path?: string;
  cut?: string[];
}

export interface ClaimRecord extends RecordBase {
  kind: 'claim';
  call: number;
  conn: number;
}

export interface DoneRecord extends RecordBase, Attributed, Addresses {
  kind: 'done';
  call?: number;
  conn?: number;
  outcome: Outcome;
  error?: string;
  status?: number;
  protocol?: string;
  bytesOut?: number;
  bytesIn?: number;
  bytesBasis?: BytesBasis;
  durationUs?: number;
  ttfbUs?: number;
  requestHeaders?: string[];
  responseHeaders?: string[];
  sni?: string;
  alpn?: string;
  tls?: string;
  certSha256?: string;
  attempts?: string[];
  lookupUs?: number;
  proxy?: string;
  cut?: string[];
}

export interface GapRecord extends RecordBase {
  kind: 'gap';
  event: GapEvent;
  text: string;
  /** Rows known to be lost, 0 = none known. */
  missing: number;
  count: number;
}

export interface HookRecord extends RecordBase {
  kind: 'hook';
  event: HookEvent;
  text: string;
}

export interface SettingsRecord extends RecordBase {
  kind: 'settings';
  generation: number;
  enabled: boolean;
  strict: boolean;
  disabled: string[];
}

export interface PartRecord extends RecordBase {
  kind: 'part';
  call: number;
  part: number;
  direction: Direction;
  recipient: string;
  sealed: string;
}

export interface BeatRecord extends RecordBase {
  kind: 'beat';
  records: number;
  faults: number;
  lagUs?: number;
}

export interface ByeRecord extends RecordBase {
  kind: 'bye';
  records: number;
  faults: number;
  reason: string;
  code?: number;
}

/** What an audited process may write. */
export type SpoolRecord =
  | HelloRecord
  | PkgRecord
  | OpenRecord
  | ConnRecord
  | ClaimRecord
  | DoneRecord
  | GapRecord
  | HookRecord
  | SettingsRecord
  | PartRecord
  | BeatRecord
  | ByeRecord;
