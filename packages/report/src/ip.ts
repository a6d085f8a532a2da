/** Addresses written as text, and which of them cannot be reached from outside the organisation. */

/** `bits` is 32 or 128. */
export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const MAPPED = 0xffffn << 32n;

/**
 * Reads an IP literal in every spelling that `getaddrinfo` and `inet_aton` take for an address: `127.1`, `0x7f000001`
 * and `2130706433` too, or a public address could pass for a single-label name. IPv4-mapped IPv6 is IPv4.
 *
 * @returns undefined for a name
 */
export function parseIp(text: string): Ip | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!bare.includes(':')) return parseV4(bare);
  const value = parseV6(bare.replace(/%.*$/s, ''));
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED >> 32n ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** IPv4-mapped IPv6 in the spelling of IPv4; everything else as it is. */
export function unmapped(text: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] ?? text;
}

function parseV4(text: string): Ip | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  const numbers: bigint[] = [];
  for (const part of parts) {
    if (/^(?:0x[0-9a-f]*|[1-9]\d*|0)$/i.test(part)) numbers.push(BigInt(/^0x$/i.test(part) ? '0' : part));
    else if (/^0[0-7]+$/.test(part)) numbers.push(BigInt(`0o${part.slice(1)}`));
    else return undefined;
  }
  const last = numbers.pop() ?? 0n;
  const room = BigInt(8 * (4 - numbers.length));
  if (numbers.some((number) => number > 255n) || last >> room !== 0n) return undefined;
  let value = 0n;
  for (const number of numbers) value = (value << 8n) | number;
  return { bits: 32, value: (value << room) | last };
}

function parseV6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const v4 = parseV4(dotted[2] ?? '');
    if (v4 === undefined) return undefined;
    return parseV6(`${dotted[1] ?? ''}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => '0'), ...tail]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** A block of addresses such as `10.0.0.0/8`. */
export interface IpRange {
  readonly first: Ip;
  readonly length: number;
}

/** @returns undefined if the text is no block: an address, a slash, a prefix length */
export function parseRange(text: string): IpRange | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const first = match === null ? undefined : parseIp(match[1] ?? '');
  const length = Number(match?.[2]);
  return first === undefined || length > first.bits ? undefined : { first, length };
}

export function inRange(ip: Ip, range: IpRange): boolean {
  const shift = BigInt(ip.bits - range.length);
  return ip.bits === range.first.bits && ip.value >> shift === range.first.value >> shift;
}

/** RFC 1918, loopback, link-local, unique local, unspecified, and multicast that never leaves the link. */
const PRIVATE: readonly IpRange[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '0.0.0.0/8',
  '224.0.0.0/24',
  '255.255.255.255/32',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff01::/16',
  'ff02::/16',
].flatMap((text) => parseRange(text) ?? []);

export function isPrivate(ip: Ip): boolean {
  return PRIVATE.some((range) => inRange(ip, range));
}
