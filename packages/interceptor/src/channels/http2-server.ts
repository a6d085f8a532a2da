import type { Call } from '../call.ts';
import type { Point } from '../guard.ts';
import { type Http2Headers, type Http2Session, type Http2Stream } from '../node.ts';
import { ownSymbol } from '../own-symbol.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import type { Stamp } from '../stamp.ts';
import { bytesOfFields, handleOf, namesOfFields } from '../stream-bytes.ts';
import { plainHost, splitAuthority } from '../target.ts';
import { protocolAsked, schemeOn, websocketOr } from '../upgrade.ts';
import { addresses, use } from './http-server.ts';
import { connectionOf, isPush, protocolOf, publishes, schemeOf, textOf } from './http2.ts';
import { subscribe } from './http.ts';
import { ownerOf } from './tcp.ts';

interface Created {
  readonly stream: Http2Stream;
  readonly headers: Http2Headers;
}

/** Inbound http2: counted when the stream is made, before any handler runs. Where Node publishes nothing, the server's 'stream' event is the first sign (channels/servers.ts), and of a push the return of `pushStream`. */
export function watchHttp2Server(recorder: Recorder, listeners: Stamp<Origin>): void {
  const created = recorder.guards.watch<Created>('http2Server.created', ({ stream, headers }, entry) => {
    const symbol = stream.session === undefined ? undefined : ownSymbol(stream.session, 'server');
    const server: unknown = symbol === undefined ? undefined : Reflect.get(stream.session ?? {}, symbol);
    const listener = typeof server === 'object' && server !== null ? listeners.get(server) : undefined;
    if (isPush(stream)) pushed(recorder, stream, headers, entry);
    else streamArrived(recorder, stream, headers, listener);
  });
  subscribe(recorder, 'http2.server.stream.created', recorder.guards.listener(created));
  recorder.streamAnswers = watchStreamAnswers(recorder);
}

/**
 * What is put in place on the prototypes that a first stream shows: its handle's `respond`, which every way of answering ends in (`respond`, `respondWithFile`, `respondWithFD`), and, for Node without channels of http2, `pushStream`.
 *
 * @returns to be told of streams
 */
function watchStreamAnswers(recorder: Recorder): (stream: Http2Stream) => void {
  const { guards, patches, calls, clock } = recorder;
  const respond = guards.point<never>('http2Server.respond', {
    inspect: (handle) => {
      const stream = ownerOf(handle, recorder.owner);
      const call = stream === undefined ? undefined : calls.get(stream);
      if (call !== undefined && call.answered === 0) call.answered = clock.monotonic();
      return undefined;
    },
  });
  const push = publishes(process.versions.node) ? undefined : watchPushes(recorder);
  let done = false;
  return (stream) => {
    const handle = done ? undefined : handleOf(stream);
    if (handle === undefined) return;
    done = true;
    const prototype = Object.getPrototypeOf(handle) as object;
    patches.replace(prototype, 'respond', (original) => guards.callThrough(respond, original));
    if (push === undefined) return;
    const streams = Object.getPrototypeOf(stream) as object;
    patches.replace(streams, 'pushStream', (original) => guards.callThrough(push, original));
  };
}

function watchPushes(recorder: Recorder): Point<Function> {
  return recorder.guards.point<Function>('http2Server.push', {
    inspect: (_stream, _args, wrapper) => (recorder.enabled ? wrapper : undefined),
    observe: (wrapper, _result, self) => {
      const made = newestPush((self as Http2Stream).session);
      if (made?.sentHeaders !== undefined) pushed(recorder, made, made.sentHeaders, wrapper);
    },
  });
}

/** A session keeps its streams by their ids, which grow. */
function newestPush(session: Http2Session | undefined): Http2Stream | undefined {
  const symbol = session === undefined ? undefined : ownSymbol(session, 'state');
  const state: unknown = symbol === undefined ? undefined : Reflect.get(session ?? {}, symbol);
  const streams: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'streams') : undefined;
  // Node's own kind of Map, which is no instance of the public one.
  if (typeof streams !== 'object' || streams === null) return undefined;
  let newest: Http2Stream | undefined;
  for (const stream of (streams as Map<number, Http2Stream>).values())
    if (isPush(stream) && (newest?.id ?? 0) < (stream.id ?? 0)) newest = stream;
  return newest;
}

/** An answer to a request that the server promises by itself (RFC 9113, 8.4): its row is of whoever pushes. */
function pushed(recorder: Recorder, stream: Http2Stream, promised: Http2Headers, entry: Function): void {
  if (!recorder.live('http2') || recorder.calls.get(stream) !== undefined) return;
  const call = recorder.newCall('http2', 'in');
  call.fieldsOut = bytesOfFields(promised);
  began(recorder, stream, call, promised, recorder.capture(entry));
}

/** A stream that a client began. */
export function streamArrived(
  recorder: Recorder,
  stream: Http2Stream,
  headers: Http2Headers,
  origin: Origin | undefined,
): void {
  if (stream.id === undefined || isPush(stream) || recorder.calls.get(stream) !== undefined) return;
  const channel = websocketOr(recorder, 'http2', headers[':protocol']);
  if (channel === undefined) return;
  const call = recorder.newCall(channel, 'in');
  call.fieldsIn = bytesOfFields(headers);
  began(recorder, stream, call, headers, origin);
}

function began(
  recorder: Recorder,
  stream: Http2Stream,
  call: Call,
  headers: Http2Headers,
  origin: Origin | undefined,
): void {
  recorder.streamEnds(stream);
  recorder.streamAnswers(stream);
  const { session } = stream;
  const connection = session === undefined ? undefined : connectionOf(recorder, session, 'in');
  recorder.calls.set(stream, call);
  call.multiplexed = true;
  call.stream = stream;
  call.protocol = protocolAsked(headers[':protocol'], schemeOf(headers)) ?? protocolOf(session);
  const scheme = schemeOn(call.channel, schemeOf(headers));
  const method = textOf(headers[':method']) ?? 'GET';
  const asked = textOf(headers[':authority']) ?? textOf(headers['host']) ?? '';
  const local = { host: plainHost(connection?.localAddress ?? ''), port: connection?.localPort ?? 0 };
  const to = asked === '' ? local : splitAuthority(asked, scheme);
  const record = recorder.openOf(call, origin ?? connection?.origin ?? { basis: 'none' });
  record.scheme = scheme;
  if (call.protocol !== undefined) record.protocol = call.protocol;
  record.method = method;
  if (to.host !== '') record.host = to.host;
  record.port = to.port;
  const kept = recorder.redactTarget({ method, scheme, ...to, rawPath: textOf(headers[':path']) ?? '' });
  if (kept !== undefined) {
    record.path = kept.path;
    record.queryKeys = kept.queryKeys;
    record.fingerprint = kept.fingerprint;
  }
  const names = recorder.headerNames(namesOfFields(headers));
  if (names !== undefined) record.requestHeaders = names;
  if (connection !== undefined) addresses(record, connection);
  recorder.record(record);
  if (connection !== undefined) use(connection, call);
  // Reset by the client before anybody could look at it.
  if (stream.destroyed) {
    call.outcome = 'aborted';
    recorder.finish(call);
  }
}
