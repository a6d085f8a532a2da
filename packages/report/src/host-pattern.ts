import { inRange, parseIp, parseRange } from './ip.ts';

const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/;

/** What a host pattern may look like, for error messages. */
export const HOST_PATTERN_FORM =
  'a host name in lower-case ASCII (xn--… for others), "*." and a host name, an IP address or an address block such as 10.1.0.0/16';

/** Is the text an exact host, `*.suffix`, an IP literal or a block of addresses? */
export function isHostPattern(text: string): boolean {
  return NAME.test(text.startsWith('*.') ? text.slice(2) : text) || parseIp(text) !== undefined || isRange(text);
}

function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * How well a pattern fits a host: longer patterns win, an exact one beats them all.
 *
 * @param host lower case, as in the leaf
 * @returns 0 = no match; `*.a.test` matches `x.a.test` and `y.x.a.test`, not `a.test`
 */
export function hostMatch(pattern: string, host: string): number {
  if (pattern === host) return Number.MAX_SAFE_INTEGER;
  if (pattern.startsWith('*.'))
    return host.endsWith(pattern.slice(1)) && host.length >= pattern.length ? pattern.length : 0;
  const ip = parseIp(host);
  if (ip === undefined) return 0;
  const range = parseRange(pattern);
  if (range !== undefined) return inRange(ip, range) ? range.length + 1 : 0;
  const same = parseIp(pattern);
  return same !== undefined && same.bits === ip.bits && same.value === ip.value ? Number.MAX_SAFE_INTEGER : 0;
}
