/** The closed word lists of docs/formats/event.md, section "Vocabularies". */
export const ROW_KINDS = [
  'genesis',
  'net',
  'body',
  'control',
  'gap',
  'hook',
  'seal',
  'key',
  'policy',
  'vacuum',
  'erase',
  'anchor',
  'read',
  'witness',
] as const;
export type RowKind = (typeof ROW_KINDS)[number];

export const RECORD_KINDS = [
  'hello',
  'pkg',
  'open',
  'conn',
  'claim',
  'done',
  'gap',
  'hook',
  'settings',
  'part',
  'beat',
  'bye',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export const DIRECTIONS = ['in', 'out'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Channels of the Node agent; the same names stand in `disabledChannels`. */
export const NODE_CHANNELS = [
  'http',
  'undici',
  'http2',
  'websocket',
  'smtp',
  'imap',
  'pop3',
  'tls',
  'tcp',
  'unix',
  'udp',
  'dns',
  'process',
  'worker',
  'native',
] as const;
/** Channels that only the Odoo agent knows. */
export const ODOO_CHANNELS = ['requests', 'urllib', 'httpx'] as const;
export type Channel = (typeof NODE_CHANNELS)[number] | (typeof ODOO_CHANNELS)[number];
export const CHANNELS: readonly Channel[] = [...NODE_CHANNELS, ...ODOO_CHANNELS];

export const OUTCOMES = ['ok', 'refused', 'timeout', 'aborted', 'error', 'lost', 'local'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const BASES = ['stack', 'async', 'context', 'transport', 'host', 'cached', 'none'] as const;
export type Basis = (typeof BASES)[number];

export const BYTES_BASES = ['plaintext', 'stream', 'transport', 'datagram'] as const;
export type BytesBasis = (typeof BYTES_BASES)[number];

export const PHASES = ['whole', 'open', 'end'] as const;
export type Phase = (typeof PHASES)[number];

export const CLASSES = ['vendor', 'third-party', 'internal', 'unclassified'] as const;
export type DestinationClass = (typeof CLASSES)[number];

export const DECLARED = ['yes', 'no', 'beyond', 'none'] as const;
export type Declared = (typeof DECLARED)[number];

export const CONTROL_EVENTS = [
  'hello',
  'bye',
  'late-load',
  'settings',
  'sign-in',
  'export',
  'acknowledge',
  'catalogue',
  'role',
  'clock-step',
  'reboot',
] as const;
export type ControlEvent = (typeof CONTROL_EVENTS)[number];

export const GAP_EVENTS = [
  'fault',
  'torn',
  'damaged',
  'foreign-kind',
  'numbering',
  'silent',
  'killed',
  'budget',
  'lost-spool',
  'degraded',
  'disabled',
  'limit',
  'not-loaded',
  'incomplete-call',
  'second-copy',
] as const;
export type GapEvent = (typeof GAP_EVENTS)[number];

export const HOOK_EVENTS = ['changed', 'blinded', 'close-without-connect'] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

export const CONNECTION_OWNERS = ['raw', 'http', 'undici', 'http2'] as const;
export type ConnectionOwner = (typeof CONNECTION_OWNERS)[number];
