import type { Channel } from '@outwitness/event';
import type { Recorder } from './recorder.ts';

/**
 * The channel that a request belongs to.
 *
 * @param upgrade value of its Upgrade header
 * @returns `undefined` if that channel is off
 */
export function websocketOr<Other extends Channel>(
  recorder: Recorder,
  other: Other,
  upgrade: unknown,
): Other | 'websocket' | undefined {
  if (typeof upgrade === 'string' && upgrade.toLowerCase() === 'websocket' && recorder.live('websocket'))
    return 'websocket';
  return recorder.live(other) ? other : undefined;
}

/** RFC 6455, 3: `ws` is to `http` what `wss` is to `https`. */
export function schemeOn(channel: Channel, scheme: string): string {
  if (channel !== 'websocket') return scheme;
  return scheme === 'https' ? 'wss' : 'ws';
}

/** Value of the Upgrade header in the text of a header block. */
export function upgradeIn(block: string): string | undefined {
  return /\r\nupgrade:[ \t]*([^\r\n]*)/i.exec(block)?.[1]?.trim();
}

/** Words of the IANA registry of upgrade tokens that a CONNECT may ask for, beside `websocket`. */
const TOKENS: ReadonlySet<string> = new Set(
  'connect-udp connect-ip connect-tcp connect-ethernet webtransport'.split(' '),
);

/**
 * What an extended CONNECT (RFC 8441, 4) speaks on its stream once it is accepted: `ws` or `wss` for a WebSocket, else its `:protocol`.
 *
 * @returns `undefined` for any other request
 */
export function protocolAsked(asked: unknown, scheme: string): string | undefined {
  if (typeof asked !== 'string') return undefined;
  const token = asked.toLowerCase();
  if (token === 'websocket') return schemeOn('websocket', scheme);
  return TOKENS.has(token) ? token : '{s}';
}
