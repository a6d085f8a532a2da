import type { Leaf, Value } from './canonical.ts';

/**
 * Member and type: `i` integer, `b` boolean, `h64` hex of 64 digits, `s128` string of at most 128 bytes of UTF-8,
 * `16*96` at most 16 strings of at most 96 bytes each. First the field table of event.md, then what chain.md and
 * checkpoint.md add.
 */
const TYPES = new Map<string, string>(
  `v:i kind:s16 ledger:h32 seq:i prev:h64 salt:h32 time:i event:s32 text:s512 actor:s64 missing:i count:i direction:s3
  channel:s16 scheme:s16 protocol:s16 method:s32 host:s253 port:i path:s1024 queryKeys:64*64 status:i outcome:s8
  error:s64 phase:s5 bytesOut:i bytesIn:i bytesBasis:s16 durationUs:i ttfbUs:i requestHeaders:100*64
  responseHeaders:100*64 peerAddress:s64 localAddress:s64 peerPort:i localPort:i attempts:16*96 lookupUs:i proxy:s320
  sni:s253 alpn:s32 tls:s16 certSha256:h64 package:s214 packageVersion:s64 packageAuthor:s128 site:s384 via:8*214
  chain:16*214 basis:s9 class:s12 vendor:s64 component:s64 declared:s12 catalogue:h64 manifestSha256:h64 fingerprint:s34 app:s64 pid:i
  thread:i spool:s96 spoolSeq:i call:i conn:i cut:64*32 skew:i

  listener:s253 logKey:h64 epochKey:h64 nonce:h64 epoch:i origin:s128 software:s64 successorOf:s128 successorNote:s2048
  successorVerdict:s16 successorWhy:s512
  wall:i monotonic:i boot:s64 rows:i net:i gaps:i pending:i pendingDigest:h64 writersDigest:h64 spools:64*160 uids:16*32
  closing:b runtime:s64 agent:s64 digest:h64 loaded:s16 late:64*256 channels:64*64 disabled:64*64 generation:i enabled:b
  strict:b reason:s64 code:i owner:i keepDays:i from:i to:i dropped:i rollupDays:64*96 row:i kept:i`
    .split(/\s+/)
    .map((member) => member.split(':') as [string, string]),
);
const EVERY_ROW = 'v kind ledger seq prev salt time';
const SUCCESSOR = 'successorOf successorNote successorVerdict successorWhy';
const WRITER = 'app pid thread spool spoolSeq';
const FIELD_TABLE = [...TYPES.keys()].slice(0, [...TYPES.keys()].indexOf('listener')).join(' ');

/** By kind: the members that must be there, then those that may. */
const MEMBERS = new Map<string, readonly [required: string[], all: Set<string>]>(
  Object.entries({
    genesis: ['logKey epochKey nonce epoch origin software', SUCCESSOR],
    net: [`direction channel phase ${WRITER} class declared catalogue`, `${FIELD_TABLE} listener`],
    control: [
      'event actor text',
      `${WRITER} cut skew runtime agent digest loaded late channels disabled generation enabled strict reason code owner`,
    ],
    gap: ['event text missing count', `${WRITER} cut skew`],
    hook: [`event text ${WRITER}`, 'cut skew'],
    policy: ['event text', `catalogue manifestSha256 package packageVersion packageAuthor keepDays ${WRITER}`],
    seal: [
      'epoch wall monotonic boot rows net gaps missing pending pendingDigest writersDigest',
      'spools uids closing kept',
    ],
    key: ['epoch epochKey event', ''],
    vacuum: ['actor text from to dropped rollupDays', ''],
    erase: ['actor text row', ''],
  }).map(([kind, [required, optional]]) => {
    const must = `${EVERY_ROW} ${required}`.split(' ');
    return [kind, [must, new Set([...must, ...(optional ?? '').split(' ')])]];
  }),
);

const RESERVED_KINDS = new Set(['anchor', 'read', 'body', 'witness']);

/** The words that this version knows; others are kept and listed as not checked. */
const WORDS = new Map<string, string[]>(
  Object.entries({
    direction: 'in out',
    channel:
      'http undici http2 websocket smtp imap pop3 tls tcp unix udp dns process worker native requests urllib httpx',
    outcome: 'ok refused timeout aborted error lost local',
    phase: 'whole open end',
    bytesBasis: 'plaintext stream transport datagram',
    basis: 'stack async context transport host cached none',
    class: 'vendor third-party internal unclassified',
    declared: 'yes no beyond none',
    actor: 'agent collector cli viewer operator officer admin unknown',
    'control.event': 'hello bye late-load settings sign-in export acknowledge catalogue role clock-step reboot',
    'gap.event': `fault torn damaged foreign-kind numbering silent killed budget lost-spool degraded disabled limit
      not-loaded incomplete-call second-copy`,
    'hook.event': 'changed blinded close-without-connect',
    'policy.event': 'catalogue manifest retention',
    'key.event': 'next',
  }).map(([name, words]) => [name, words.split(/\s+/)]),
);

/** By `event` of a policy row: the member that names the text it is about. */
export const POLICY_DIGESTS: Map<string, string> = new Map([
  ['catalogue', 'catalogue'],
  ['manifest', 'manifestSha256'],
]);

/** What the shape of a leaf says: a problem, or a version or words that this verifier does not know. */
export interface ShapeVerdict {
  problem?: string;
  newer?: boolean;
  unknown: string[];
}

/** Members, types and limits of a leaf by its kind. */
export function judgeShape(leaf: Leaf): ShapeVerdict {
  const unknown: string[] = [];
  const version = leaf.get('v');
  const kind = String(leaf.get('kind'));
  if (typeof version === 'number' && version > 1) return { newer: true, unknown };
  if (version !== 1) return { problem: `member v is ${String(version)}, not 1`, unknown };
  if (RESERVED_KINDS.has(kind)) return { unknown: [`rows of the reserved kind ${kind}`] };
  const [required, all] = MEMBERS.get(kind) ?? [[], new Set<string>()];
  const missing = required.find((name) => !leaf.has(name));
  if (missing !== undefined) return { problem: `member ${missing} is missing in a row of kind ${kind}`, unknown };
  for (const [name, value] of leaf) {
    if (!all.has(name)) return { problem: `member ${name} has no place in a row of kind ${kind}`, unknown };
    if (!fits(value, TYPES.get(name) ?? ''))
      return { problem: `${name} is not of its type or beyond its limit`, unknown };
    const word = name === 'event' ? `${kind}.event` : name;
    if (WORDS.get(word)?.includes(String(value)) === false) unknown.push(`the meaning of ${word} "${String(value)}"`);
  }
  if (kind === 'net' && !leaf.has('call') && !leaf.has('conn'))
    return { problem: 'net row without call or conn', unknown };
  if (kind === 'net' && leaf.has('outcome') === (leaf.get('phase') === 'open')) {
    return { problem: 'outcome is absent in phase open and only there', unknown };
  }
  const digest = POLICY_DIGESTS.get(String(leaf.get('event')));
  if (kind === 'policy' && digest !== undefined && !leaf.has(digest)) {
    return { problem: `member ${digest} is missing in a policy row`, unknown };
  }
  const days = Number(leaf.get('keepDays'));
  if (kind === 'policy' && leaf.get('event') === 'retention' && !(days >= 0 && days <= 36_500)) {
    return { problem: 'keepDays of a policy row is not 0 to 36500', unknown };
  }
  const named = SUCCESSOR.split(' ').filter((name) => leaf.has(name)).length;
  if (named % 4 !== 0) return { problem: 'a successor without note, verdict or reason', unknown };
  if (kind === 'genesis' && leaf.get('epoch') !== 0) return { problem: 'the epoch of genesis is not 0', unknown };
  if (kind === 'seal' && leaf.get('time') !== leaf.get('wall')) return { problem: 'time and wall differ', unknown };
  return { unknown };
}

function fits(value: Value, type: string): boolean {
  if (typeof value === 'number') return type === 'i';
  if (typeof value === 'boolean') return type === 'b';
  const limit = Number(type.slice(1));
  if (typeof value === 'string') {
    return type[0] === 'h'
      ? value.length === limit && /^[0-9a-f]*$/.test(value)
      : type[0] === 's' && within(value, limit);
  }
  const [count = 0, each = 0] = type.includes('*') ? type.split('*').map(Number) : [-1];
  return value.length <= count && value.every((one) => within(one, each));
}

/** Is the text at most so many bytes of UTF-8? */
function within(text: string, limit: number): boolean {
  if (text.length * 3 <= limit) return true;
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes <= limit;
}
