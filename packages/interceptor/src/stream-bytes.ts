import type { Call } from './call.ts';
import type { Http2Headers, Http2Stream } from './node.ts';
import { ownSymbol } from './own-symbol.ts';

/**
 * Counts a call at its stream: the payload of its DATA frames, which the stream's handle counts by itself, and its header fields as they are before HPACK packs them. Frame heads and what the session sends for itself are nobody's (docs/formats/event.md, `bytesBasis`).
 */
export function countStream(call: Call): void {
  const stream = call.stream;
  if (stream === undefined) return;
  const handle = handleOf(stream);
  // Not begun, or destroyed: what could be counted was.
  if (handle === undefined) return;
  const answer = call.direction === 'in' ? bytesOfFields(answerOf(stream)) : 0;
  call.bytesOut = call.fieldsOut + answer + bytesOfFields(stream.sentTrailers) + (handle.bytesWritten ?? 0);
  call.bytesIn = call.fieldsIn + (handle.bytesRead ?? 0);
}

/** The header fields with which a server answered; those that a push has sent before are its promised request. */
export function answerOf({ sentHeaders }: Http2Stream): Http2Headers | undefined {
  return sentHeaders !== undefined && Object.hasOwn(sentHeaders, ':status') ? sentHeaders : undefined;
}

/** Read and let go: whoever holds a handle keeps it from being freed. */
export function handleOf(stream: Http2Stream): { bytesRead?: number; bytesWritten?: number } | undefined {
  const symbol = ownSymbol(stream, 'kHandle');
  return symbol === undefined ? undefined : (Reflect.get(stream, symbol) as object | undefined);
}

/** Names and values, without the separators that no frame has. */
export function bytesOfFields(headers: Http2Headers | undefined): number {
  if (typeof headers !== 'object' || headers === null) return 0;
  let bytes = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) bytes += name.length + lengthOf(one);
    else bytes += name.length + lengthOf(value);
  }
  return bytes;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : typeof value === 'number' ? String(value).length : 0;
}

/** Header names of a stream: pseudo-header fields (RFC 9113, 8.3) are none. */
export function namesOfFields(headers: Http2Headers): string[] {
  return Object.keys(headers).filter((name) => !name.startsWith(':'));
}
