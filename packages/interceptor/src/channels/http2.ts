import type { OpenRecord } from '@outwitness/event';
import type { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { type Http2Headers, type Http2Session, type Http2Stream, type NodeError, net, type Socket } from '../node.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import { ownSymbol } from '../own-symbol.ts';
import type { CallKey, Draft, Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { answerOf, bytesOfFields, countStream, namesOfFields } from '../stream-bytes.ts';
import { splitAuthority } from '../target.ts';
import { protocolAsked, schemeOn, websocketOr } from '../upgrade.ts';
import { adopt, subscribe } from './http.ts';

interface Created {
  readonly stream: Http2Stream;
  readonly headers?: Http2Headers;
}

/**
 * Outbound http2: a row per stream. `http2.client.stream.created` is published in the stack of `session.request()`, before the frames can leave (they are written in the next turn of the loop). Versions that publish nothing have `ClientHttp2Session.prototype.request` wrapped, which nobody can reach before a first session is made: see `unpublished`.
 */
export function watchHttp2(recorder: Recorder): void {
  const { guards } = recorder;
  const ends = watchStreamEnds(recorder);
  const created = guards.watch<Created>('http2.created', ({ stream, headers }, entry) => {
    ends(stream);
    if (isPush(stream)) pushed(recorder, stream, headers ?? {});
    else began(recorder, stream, headers ?? {}, entry);
  });
  subscribe(recorder, 'http2.client.stream.created', guards.listener(created));

  const answered = guards.watch<Created>('http2.finish', ({ stream, headers }) => {
    if (headers !== undefined) answer(recorder, stream, headers);
  });
  subscribe(recorder, 'http2.client.stream.finish', guards.listener(answered));

  const unpublished = publishes(process.versions.node) ? undefined : watchUnpublished(recorder, ends);
  recorder.http2Loaded = onceLoaded(unpublished);
}

/** Does this version of Node have the channels of http2? Of 22 and 24 the versions looked at (discoveries/http2.md). */
export function publishes(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 21) || (major === 22 && minor >= 23);
}

/** Loading http2 costs 13 to 119 ms of CPU, so it is waited for. Node notes every module of its own that it loads. */
function onceLoaded(then: (() => void) | undefined): () => boolean {
  const list: unknown = Reflect.get(process, 'moduleLoadList');
  let [seen, loaded] = [0, false];
  return () => {
    if (loaded || !Array.isArray(list) || list.length === seen) return loaded;
    loaded = list.includes('NativeModule internal/http2/core', seen);
    seen = list.length;
    if (loaded) then?.();
    return loaded;
  };
}

/** For Node without channels of http2. */
function watchUnpublished(recorder: Recorder, ends: (stream: Http2Stream) => void): () => void {
  const { guards, patches } = recorder;
  const response = guards.point<never>('http2.emit', {
    inspect: (stream, args) => {
      if (args[0] === 'response' || args[0] === 'push')
        answer(recorder, stream as Http2Stream, args[1] as Http2Headers);
      return undefined;
    },
  });
  let told = false;
  const request = guards.point<Function>('http2.request', {
    inspect: (_session, _args, wrapper) => (recorder.enabled ? wrapper : undefined),
    observe: (wrapper, made) => {
      const stream = made as Http2Stream;
      ends(stream);
      if (!told) {
        told = true;
        patches.replace(Object.getPrototypeOf(stream) as object, 'emit', (original) =>
          guards.callThrough(response, original),
        );
      }
      began(recorder, stream, stream.sentHeaders ?? {}, wrapper);
    },
  });
  const push = guards.point<never>('http2.push', {
    inspect: (_session, args) => {
      const stream = args[1] as Http2Stream;
      if (args[0] !== 'stream' || !isPush(stream)) return undefined;
      ends(stream);
      pushed(recorder, stream, args[2] as Http2Headers);
      return undefined;
    },
  });
  return () => {
    const sessions = prototypeOfSessions();
    patches.replace(sessions, 'request', (original) => guards.callThrough(request, original));
    patches.replace(sessions, 'emit', (original) => guards.callThrough(push, original));
  };
}

/** Behind a session over a socket that is never connected. */
function prototypeOfSessions(): object {
  const socket = new net.Socket();
  Object.assign(socket, { connecting: true });
  const session = process
    .getBuiltinModule('node:http2')
    .connect('http://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  session.destroy();
  socket.destroy();
  return Object.getPrototypeOf(session) as object;
}

/**
 * The end of every stream is its `_destroy`, whose `this` still has its handle. A guard around it is put on the prototype that both kinds of stream have, when a first one is seen.
 *
 * @returns to be told of streams
 */
function watchStreamEnds(recorder: Recorder): (stream: Http2Stream) => void {
  const { guards, patches, calls } = recorder;
  const destroy = guards.point<never>('http2.destroy', {
    inspect: (self, args) => {
      const stream = self as Http2Stream;
      const call = calls.get(stream);
      if (call === undefined || call.finished) return undefined;
      countStream(call);
      if (call.channel === 'undici') call.stream = undefined;
      else ended(recorder, call, stream, (args[0] ?? undefined) as NodeError | undefined);
      return undefined;
    },
  });
  let done = false;
  const watch = (stream: Http2Stream): void => {
    if (done) return;
    done = true;
    let owner: object | null = stream;
    while (owner !== null && !Object.hasOwn(owner, '_destroy')) owner = Object.getPrototypeOf(owner) as object | null;
    if (owner !== null) patches.replace(owner, '_destroy', (original) => guards.callThrough(destroy, original));
  };
  recorder.streamEnds = watch;
  return watch;
}

/** A stream that the server began (RFC 9113, 8.4) has an even number. */
export function isPush({ id }: Http2Stream): boolean {
  return id !== undefined && id % 2 === 0;
}

/** An answer that nobody asked for: its row is of the connection's maker, and all of its bytes came in, the promised request too. */
function pushed(recorder: Recorder, stream: Http2Stream, promised: Http2Headers): void {
  const { session } = stream;
  const connection = session === undefined ? undefined : connectionOf(recorder, session, 'out');
  if (connection === undefined || connection.by === 'undici' || !recorder.live('http2')) return;
  if (recorder.calls.get(stream) !== undefined) return;
  const call = recorder.newCall('http2', 'out');
  call.multiplexed = true;
  call.stream = stream;
  call.fieldsIn = bytesOfFields(promised);
  recorder.calls.set(stream, call);
  recorder.record(targeted(recorder, call, connection, promised, () => connection.origin));
  recorder.claim(call, connection);
}

function began(recorder: Recorder, stream: Http2Stream, headers: Http2Headers, entry: Function): void {
  const { session } = stream;
  // Aborted before it began: no frame of it leaves.
  if (session === undefined || recorder.calls.get(stream) !== undefined) return;
  const connection = connectionOf(recorder, session, 'out');
  const undici = connection?.by === 'undici' ? recorder.undiciCall(connection, headers) : undefined;
  const call = undici ?? open(recorder, connection, headers, entry);
  if (call === undefined) return;
  call.multiplexed = true;
  call.stream = stream;
  call.fieldsOut = bytesOfFields(headers);
  if (undici !== undefined) call.requestHeaders = recorder.headerNames(namesOfFields(headers));
  recorder.calls.set(stream, call);
  if (connection === undefined || call.connection === connection) return;
  recorder.claim(call, connection);
  // Whoever tunnels through the stream (CONNECT) uses the same connection.
  recorder.connections.set(stream, connection);
}

function open(
  recorder: Recorder,
  connection: Connection | undefined,
  headers: Http2Headers,
  entry: Function,
): Call | undefined {
  if (connection?.by === 'undici') return undefined;
  const channel = websocketOr(recorder, 'http2', headers[':protocol']);
  if (channel === undefined) return undefined;
  const call = recorder.newCall(channel, 'out');
  const record = targeted(recorder, call, connection, headers, (key) => recorder.capture(entry, key));
  const names = recorder.headerNames(namesOfFields(headers));
  if (names !== undefined) record.requestHeaders = names;
  recorder.intent(record);
  return call;
}

/** The `open` record of a stream, without header names. */
function targeted(
  recorder: Recorder,
  call: Call,
  connection: Connection | undefined,
  headers: Http2Headers,
  by: (key: CallKey | undefined) => Origin | undefined,
): Draft<OpenRecord> {
  const { channel } = call;
  call.upgrade = protocolAsked(headers[':protocol'], schemeOf(headers));
  const scheme = schemeOn(channel, schemeOf(headers));
  const method = textOf(headers[':method']) ?? 'GET';
  const rawPath = textOf(headers[':path']) ?? '';
  const to = splitAuthority(textOf(headers[':authority']) ?? textOf(headers['host']) ?? '', scheme);
  if (to.host === '' && connection?.host !== undefined)
    Object.assign(to, { host: connection.host, port: connection.port ?? to.port });
  // A client that looked the name up by itself connects to an address: no proxy, unless it asks for a tunnel.
  const tunnel = method === 'CONNECT' && call.upgrade === undefined;
  if (connection?.host !== undefined && (tunnel || net.isIP(connection.host) === 0)) {
    call.host = to.host;
    call.port = to.port;
  }
  const { host, port } = to;
  const kept = recorder.redactTarget({ method, scheme, host, port, rawPath });
  const key = kept && { method, scheme, host, port, path: kept.path, agent: undefined };
  const record = recorder.openOf(call, by(key));
  record.scheme = scheme;
  record.method = method;
  record.host = host;
  record.port = port;
  if (kept !== undefined) {
    record.path = kept.path;
    record.queryKeys = kept.queryKeys;
    record.fingerprint = kept.fingerprint;
  }
  return record;
}

/** The connection of a session, known or as old as the session is. */
export function connectionOf(
  recorder: Recorder,
  session: Http2Session,
  direction: 'in' | 'out',
): Connection | undefined {
  const symbol = ownSymbol(session, 'socket');
  const socket: unknown = symbol === undefined ? undefined : Reflect.get(session, symbol);
  if (typeof socket !== 'object' || socket === null) return undefined;
  // A stream that is no socket of the system is wrapped (lib/internal/js_stream_socket.js).
  const below: unknown = Reflect.get(socket, 'stream');
  const known =
    recorder.connections.get(socket) ??
    (typeof below === 'object' && below !== null ? recorder.connections.get(below) : undefined);
  return known ?? (direction === 'out' ? adopt(recorder, socket as Socket, 'http2') : undefined);
}

function answer(recorder: Recorder, stream: Http2Stream, headers: Http2Headers): void {
  const call = recorder.calls.get(stream);
  if (call === undefined || call.direction === 'in') return;
  call.fieldsIn += bytesOfFields(headers);
  if (call.channel === 'undici') return;
  call.answered = recorder.clock.monotonic();
  call.status = Number(headers[':status']) || 0;
  call.responseHeaders = recorder.headerNames(namesOfFields(headers));
  const agreed = call.status >= 200 && call.status < 300;
  call.protocol = (agreed ? call.upgrade : undefined) ?? protocolOf(stream.session);
}

/** Codes of RFC 9113, 7. */
const [NO_ERROR, CANCEL] = [0, 8];

/** Of a stream whose session ended before it began. */
const CANCELLED = 'ERR_HTTP2_STREAM_CANCEL';

/** The stream is being destroyed. */
function ended(recorder: Recorder, call: Call, stream: Http2Stream, error: NodeError | undefined): void {
  call.protocol ??= protocolOf(stream.session);
  if (call.direction === 'in') {
    const head = answerOf(stream);
    call.status = Number(head?.[':status']) || 0;
    if (head !== undefined) call.responseHeaders = recorder.headerNames(namesOfFields(head));
  }
  const why = error === undefined ? undefined : reasonOf(error);
  const code = codeOf(why);
  if (code !== undefined) call.error = code;
  if (why !== undefined && code !== CANCELLED) call.outcome = outcomeOf(why, call.connection?.connected === true);
  else if (why === undefined && stream.closed && stream.rstCode !== NO_ERROR && stream.rstCode !== CANCEL) {
    call.outcome = 'error';
    call.error = 'ERR_HTTP2_STREAM_ERROR';
  } else if (why !== undefined || call.status === 0 || stream.rstCode === CANCEL || !(stream.closed || isWhole(stream)))
    call.outcome = cutShort(call);
  recorder.finish(call);
}

/** Both sides had said all when the caller ended the session. */
function isWhole({ readableEnded, writableEnded }: Http2Stream): boolean {
  return readableEnded && writableEnded;
}

/** What ends its session is the cause of a stream's error; a signal that ran out is that of an AbortError. */
function reasonOf(error: NodeError): NodeError {
  const { cause } = error;
  if (!(cause instanceof Error)) return error;
  return error.code === CANCELLED || cause.name === 'TimeoutError' ? cause : error;
}

/** Ended without an error before it was complete: by the peer's doing if the connection is gone. */
function cutShort(call: Call): 'error' | 'aborted' {
  if (call.direction === 'in' || call.connection?.closed !== true) return 'aborted';
  call.error ??= 'ECONNRESET';
  return 'error';
}

/** Nobody who speaks http2 sends another one; whoever does may mean anything by it. */
export function schemeOf(headers: Http2Headers): 'http' | 'https' {
  return headers[':scheme'] === 'http' ? 'http' : 'https';
}

/** Of the session: in a TLS handshake the two sides may agree on any word. */
export function protocolOf(session: Http2Session | undefined): 'h2' | 'h2c' | undefined {
  const protocol = session?.alpnProtocol;
  return protocol === undefined ? undefined : protocol === 'h2c' ? 'h2c' : 'h2';
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
