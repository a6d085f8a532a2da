import type { Channel, ConnectionOwner } from '@outwitness/event';
import type { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { namesOfBlock, namesOfRaw } from '../header-names.ts';
import { dc, http, type NodeError, type Socket } from '../node.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import type { Recorder } from '../recorder.ts';
import { defaultPort, destination, splitAuthority } from '../target.ts';
import { ownerOf } from './tcp.ts';
import { schemeOn, upgradeIn, websocketOr } from '../upgrade.ts';

/** http.ClientRequest with what lib/_http_client.js keeps on it. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly host?: string;
  readonly protocol: string;
  readonly destroyed: boolean;
  readonly aborted: boolean;
  readonly timeout?: number;
  readonly agent?: unknown;
  readonly upgradeOrConnect?: boolean;
  readonly res?: Response | null;
  readonly socket?:
    | (Socket & { readonly timeout?: number; readonly _readableState?: { readonly ended?: boolean } })
    | null;
  readonly _header?: string | null;
  getHeader(name: string): unknown;
  on(event: 'close', listener: (this: Request) => void): unknown;
}

interface Response {
  readonly statusCode: number;
  readonly httpVersion: string;
  readonly rawHeaders: string[];
  readonly complete: boolean;
}

/**
 * Outbound http and https. A call opens at its first sight, which is the request's creation wherever Node lets us see it: `Agent.prototype.addRequest` (before a connection is looked for), then `http.client.request.created` (agents of other make; Node >= 22), then `…start` (`req.end()`), then the assignment of a socket.
 */
export function watchHttp(recorder: Recorder): void {
  const { guards, patches, scope, calls } = recorder;
  const onClose = guards.listener<Request>(guards.watch('http.close', (request) => closed(recorder, request)));
  const closeListener = function (this: Request): void {
    onClose(this);
  };
  const callOf = (request: Request, options: unknown, entry: Function): Call | undefined => {
    const known = calls.get(request);
    if (known !== undefined) return known;
    const channel = websocketOr(recorder, 'http', upgradeOf(request));
    if (channel === undefined) return undefined;
    const call = open(recorder, request, channel, options, entry);
    request.on('close', closeListener);
    return call;
  };

  const enter = (call: Call | undefined): Outer | undefined => {
    if (call === undefined) return undefined;
    const outer: Outer = { call: scope.call };
    scope.call = call;
    return outer;
  };
  const leave = (outer: Outer): void => {
    scope.call = outer.call;
  };
  const addRequest = guards.point<Outer>('http.addRequest', {
    inspect: (_agent, args, wrapper) => enter(callOf(args[0] as Request, args[1], wrapper)),
    leave,
  });
  // Also reached without addRequest: for a queued request when another one's socket closes.
  const createSocket = guards.point<Outer>('http.createSocket', {
    inspect: (_agent, args) => enter(calls.get(args[0] as Request)),
    leave,
  });
  patches.replace(http.Agent.prototype, 'addRequest', (original) => guards.callThrough(addRequest, original));
  patches.replace(http.Agent.prototype, 'createSocket', (original) => guards.callThrough(createSocket, original));

  const onSocket = guards.point<never>('http.onSocket', {
    inspect: (self, args, wrapper) => {
      const socket = args[0] as Socket | null | undefined;
      const call = callOf(self as Request, undefined, wrapper);
      if (call === undefined || typeof socket !== 'object' || socket === null || socket.destroyed) return undefined;
      const connection = recorder.connections.get(socket) ?? adopt(recorder, socket);
      if (connection === undefined || call.connection === connection) return undefined;
      recorder.claim(call, connection);
      const request = self as Request;
      if (request.method !== 'CONNECT' && request.getHeader('upgrade') === undefined) return undefined;
      // Tunnelling agents take all listeners off a request whose tunnel is there, and nobody hears of its end.
      connection.handOver = () => {
        if (request.upgradeOrConnect === true) onClose(request);
      };
      return undefined;
    },
  });
  patches.replace(http.ClientRequest.prototype, 'onSocket', (original) => guards.callThrough(onSocket, original));

  const seen = (name: string): void => {
    const watch = guards.watch<{ request: Request }>(`http.${name}`, ({ request }, entry) => {
      callOf(request, undefined, entry);
    });
    subscribe(recorder, `http.client.request.${name}`, guards.listener(watch));
  };
  seen('created');
  seen('start');

  const failed = guards.watch<{ request: Request; error: NodeError }>('http.error', ({ request, error }) => {
    const call = calls.get(request);
    if (call !== undefined) judge(recorder, call, request, error);
  });
  subscribe(recorder, 'http.client.request.error', guards.listener(failed));

  // Published when the head of the answer is there, whatever its name says.
  const answered = guards.watch<{ request: Request; response: Response }>('http.response', ({ request, response }) => {
    const call = calls.get(request);
    if (call === undefined) return;
    answer(recorder, call, response);
    if (response.statusCode > 300 && response.statusCode < 400) {
      const { host = '', port = 0 } = call;
      const scheme = request.protocol === 'https:' ? 'https' : 'http';
      const from = { scheme, host, port, rawPath: request.path };
      recorder.redirects.remember(call.origin, from, response.rawHeaders, call.answered);
    }
    if (call.connection === undefined && typeof request.socket === 'object' && request.socket !== null)
      claimLate(recorder, call, request.socket);
  });
  subscribe(recorder, 'http.client.response.finish', guards.listener(answered));
}

interface Outer {
  call: Call | undefined;
}

/** Subscribes for the life of the watcher. A name that a Node version does not publish is never called. */
export function subscribe(recorder: Recorder, name: string, listener: (this: unknown, message: never) => void): void {
  const onMessage = listener as (message: unknown) => void;
  dc.subscribe(name, onMessage);
  // The channel is held, or a channel without subscribers would be another object after a collection.
  const channel = dc.channel(name);
  recorder.footing.expect(`nobody tells the watcher of ${name} any more`, () => tells(channel, onMessage));
  recorder.patches.later(() => dc.unsubscribe(name, onMessage));
}

/** Whoever has the list of a channel can take others out of it. */
function tells(channel: object, listener: unknown): boolean {
  const list: unknown = Reflect.get(channel, '_subscribers');
  return Array.isArray(list) ? list.includes(listener) : Reflect.get(channel, 'hasSubscribers') === true;
}

function open(recorder: Recorder, request: Request, channel: Channel, options: unknown, entry: Function): Call {
  const call = recorder.newCall(channel, 'out');
  recorder.calls.set(request, call);
  const scheme = request.protocol === 'https:' ? 'https' : 'http';
  const given = typeof options === 'object' && options !== null ? Number(Reflect.get(options, 'port')) : NaN;
  const port = Number.isInteger(given) ? given : portOfHostHeader(request, scheme);
  const { method } = request;
  const to = destination(scheme, request.host ?? 'localhost', port, request.path, method);
  call.host = to.host;
  call.port = to.port;
  call.proxy = to.proxy;
  const { host } = to;
  const asked = schemeOn(channel, to.scheme);
  const kept = recorder.redactTarget({ method, scheme: asked, host, port: to.port, rawPath: to.rawPath });
  const key = kept && { method, scheme: asked, host, port: to.port, path: kept.path, agent: agentOf(request) };
  call.origin = recorder.redirects.inherit(to, recorder.capture(entry, key), call.opened);
  const record = recorder.openOf(call, call.origin);
  record.scheme = asked;
  record.method = method;
  record.host = host;
  record.port = to.port;
  if (to.proxy !== undefined) record.proxy = to.proxy;
  if (kept !== undefined) {
    record.path = kept.path;
    record.queryKeys = kept.queryKeys;
    record.fingerprint = kept.fingerprint;
  }
  recorder.intent(record);
  return call;
}

function agentOf({ agent }: Request): object | undefined {
  return typeof agent === 'object' && agent !== null ? agent : undefined;
}

/** What a request asks to upgrade to. Headers given as a list are only in the text that is sent. */
function upgradeOf(request: Request): unknown {
  return request.getHeader('upgrade') ?? (typeof request._header === 'string' ? upgradeIn(request._header) : undefined);
}

function portOfHostHeader(request: Request, scheme: string): number {
  const header = request.getHeader('host');
  return typeof header === 'string' ? splitAuthority(header, scheme).port : defaultPort(scheme);
}

/** An answer came and nobody saw the connection being used: such a call must not look as if it had not left the process. */
function claimLate(recorder: Recorder, call: Call, socket: Socket): void {
  const behind = socketBehind(recorder, socket);
  const connection = recorder.connections.get(behind) ?? call.made ?? adopt(recorder, behind);
  if (connection === undefined) return;
  const own = !connection.claimed && connection.opened >= call.opened;
  recorder.claim(call, connection);
  if (own) connection.creditEarlier(call);
}

/** Who stands in for a socket (nock, msw) gives the handle of a real one as its own, once it lets a request pass. */
function socketBehind({ owner }: Recorder, socket: Socket): Socket {
  const handle: unknown = Reflect.get(socket, '_handle');
  return (typeof handle === 'object' && handle !== null ? ownerOf(handle, owner) : undefined) ?? socket;
}

/** A pooled socket that is older than the watcher. Anything without a handle (a mock, a stream) is no connection. */
export function adopt(recorder: Recorder, socket: Socket, by: ConnectionOwner = 'http'): Connection | undefined {
  if (socket.connecting || socket.remoteAddress === undefined) return undefined;
  const handle: unknown = Reflect.get(socket, '_handle');
  const known = typeof handle === 'object' && handle !== null ? recorder.connections.get(handle) : undefined;
  if (known !== undefined && !known.closed) {
    // Made from a descriptor or a bare handle.
    known.socket = socket;
    recorder.connections.set(socket, known);
    return known;
  }
  const connection = recorder.connectionRecords.create('out', socket.encrypted === true ? 'tls' : 'tcp');
  connection.by = by;
  connection.connected = connection.attempted = true;
  connection.host = connection.peerAddress = socket.remoteAddress;
  if (socket.remotePort !== undefined) connection.port = connection.peerPort = socket.remotePort;
  connection.startAt(socket);
  recorder.connections.set(socket, connection);
  recorder.connectionRecords.announce(connection);
  return connection;
}

function answer(recorder: Recorder, call: Call, response: Response): void {
  call.answered = recorder.clock.monotonic();
  call.status = response.statusCode;
  call.protocol =
    call.channel === 'websocket' && response.statusCode === 101
      ? call.connection?.tls === undefined
        ? 'ws'
        : 'wss'
      : `http/${response.httpVersion}`;
  call.responseHeaders = recorder.headerNames(namesOfRaw(response.rawHeaders));
}

function judge(recorder: Recorder, call: Call, request: Request, error: NodeError): void {
  const code = codeOf(error);
  if (code !== undefined) call.error = code;
  call.outcome = outcomeOf(error, call.connection?.connected === true);
  // `destroyed` is set before the event only when the caller gave up; then the error is his own or `socket hang up`.
  if (call.outcome !== 'timeout' && (request.aborted || (request.destroyed && error.syscall === undefined)))
    call.outcome = gaveUp(recorder, call, request);
}

/** A caller who gives up after the time he had set has met a timeout. `request.setTimeout` sets that of the socket. */
function gaveUp(recorder: Recorder, call: Call, request: Request): 'timeout' | 'aborted' {
  const limit = request.timeout ?? request.socket?.timeout ?? 0;
  return limit > 0 && call.answered === 0 && recorder.clock.monotonic() - call.opened >= limit * 1000 - 1000
    ? 'timeout'
    : 'aborted';
}

function closed(recorder: Recorder, request: Request): void {
  const call = recorder.calls.get(request);
  if (call === undefined || call.finished) return;
  if (typeof request._header === 'string') call.requestHeaders = recorder.headerNames(namesOfBlock(request._header));
  const response = request.res;
  if (request.upgradeOrConnect === true && typeof response === 'object' && response !== null) {
    answer(recorder, call, response);
    call.tunnel = true;
    const connection = call.connection;
    if (connection !== undefined && !connection.closed) {
      connection.release(call);
      return;
    }
  } else if (call.outcome === undefined) {
    if (response === undefined || response === null) call.outcome = gaveUp(recorder, call, request);
    else if (!response.complete) cutShort(recorder, call, request);
  }
  recorder.finish(call);
}

/** The answer ended before it was complete: by the peer's doing if the socket says so. */
function cutShort(recorder: Recorder, call: Call, request: Request): void {
  const socket = request.socket;
  const error = socket?.errored;
  const code = codeOf(error ?? undefined);
  if (error?.syscall !== undefined || socket?._readableState?.ended === true) {
    call.outcome = 'error';
    call.error = code ?? 'ECONNRESET';
  } else call.outcome = gaveUp(recorder, call, request);
}
