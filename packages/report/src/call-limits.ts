import { pathMatch } from './path-pattern.ts';

/** What a declaration may say beyond the host. Absent: anything goes. */
export interface CallLimits {
  readonly schemes?: readonly string[];
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
  /** Bytes of one call. */
  readonly maxBytesOut?: number;
}

/** What is known of a call; a member that is absent breaks no limit. */
export interface Call {
  readonly host?: string;
  readonly port?: number;
  readonly scheme?: string;
  readonly method?: string;
  readonly path?: string;
  readonly bytesOut?: number;
  readonly channel: string;
}

/** Channels whose `method` and `path` are those of a request, not a record type or a socket's file. */
const WITH_REQUEST = new Set(['http', 'undici', 'http2', 'websocket', 'requests', 'urllib', 'httpx']);

/**
 * The first thing in which a call goes beyond what was declared.
 *
 * @returns undefined if nothing that is known of the call contradicts the limits
 */
export function brokenLimit(call: Call, limits: CallLimits): 'scheme' | 'method' | 'path' | 'size' | undefined {
  const { schemes, methods, paths, maxBytesOut } = limits;
  // Of a tunnel (CONNECT without a path) nobody knows what is asked for in it.
  const tunnel = call.method === 'CONNECT' && (call.path ?? '') === '';
  const request = WITH_REQUEST.has(call.channel) && !tunnel;
  if (request && schemes !== undefined && call.scheme !== undefined && !schemes.includes(call.scheme)) return 'scheme';
  if (request && methods !== undefined && call.method !== undefined && !methods.includes(call.method.toUpperCase())) {
    return 'method';
  }
  if (
    request &&
    paths !== undefined &&
    call.path !== undefined &&
    !paths.some((path) => pathMatch(path, call.path ?? ''))
  ) {
    return 'path';
  }
  if (maxBytesOut !== undefined && (call.bytesOut ?? 0) > maxBytesOut) return 'size';
  return undefined;
}
