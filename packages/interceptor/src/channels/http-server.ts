import type { Channel } from '@outwitness/event';
import type { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { namesOfBlock, namesOfRaw } from '../header-names.ts';
import { http, type Socket } from '../node.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import type { Stamp } from '../stamp.ts';
import { plainHost, splitAuthority } from '../target.ts';
import { subscribe } from './http.ts';
import { schemeOn, websocketOr } from '../upgrade.ts';

/** http.IncomingMessage on the server's side. */
export interface ServerRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: string[];
  readonly headers: { readonly host?: string; readonly upgrade?: string };
}

interface ServerResponse {
  readonly req?: object;
  readonly statusCode: number;
  readonly _header?: string | null;
}

interface Exchange {
  request: ServerRequest;
  response: ServerResponse;
  socket: Socket;
  server: object;
}

/** Inbound http and https: counted before the first handler of the application runs. */
export function watchHttpServer(recorder: Recorder, listeners: Stamp<Origin>): void {
  const { guards, calls, patches, clock } = recorder;
  // Every part of an answer passes here on its way to the socket, the first with the head in front of it.
  const send = guards.point<never>('httpServer.send', {
    inspect: (response) => {
      const { req } = response as ServerResponse;
      const call = req === undefined ? undefined : calls.get(req);
      if (call !== undefined && call.answered === 0) call.answered = clock.monotonic();
      return undefined;
    },
  });
  patches.replace(http.ServerResponse.prototype, '_send', (original) => guards.callThrough(send, original));

  const start = guards.watch<Exchange>('httpServer.start', ({ request, socket, server }) => {
    if (!recorder.live('http')) return;
    const call = openInbound(recorder, request, socket, listeners.get(server));
    calls.set(request, call);
  });
  subscribe(recorder, 'http.server.request.start', guards.listener(start));

  const finish = guards.watch<Exchange>('httpServer.finish', ({ request, response }) => {
    const call = calls.get(request);
    if (call === undefined) return;
    call.status = response.statusCode;
    if (typeof response._header === 'string')
      call.responseHeaders = recorder.headerNames(namesOfBlock(response._header));
    call.outcome = 'ok';
    call.handledBy = recorder.handledBy(request);
    recorder.finish(call);
  });
  subscribe(recorder, 'http.server.response.finish', guards.listener(finish));
}

/** An upgrade or CONNECT that a handler of the application takes over: the connection is the call's until it closes. */
export function takenOver(
  recorder: Recorder,
  request: ServerRequest,
  socket: Socket,
  origin: Origin | undefined,
): void {
  const channel = websocketOr(recorder, 'http', request.headers.upgrade);
  if (channel === undefined) return;
  const call = openInbound(recorder, request, socket, origin, channel, true);
  recorder.calls.set(request, call);
}

function openInbound(
  recorder: Recorder,
  request: ServerRequest,
  socket: Socket,
  origin: Origin | undefined,
  channel: Channel = 'http',
  tunnel = false,
): Call {
  const call = recorder.newCall(channel, 'in');
  call.tunnel = tunnel;
  const connection = recorder.connections.get(socket);
  const scheme = schemeOn(channel, socket.encrypted === true ? 'https' : 'http');
  call.protocol = channel === 'websocket' ? scheme : `http/${request.httpVersion}`;
  const asked = hostIn(request.rawHeaders);
  const local = {
    host: plainHost(connection?.localAddress ?? socket.localAddress ?? ''),
    port: connection?.localPort ?? socket.localPort ?? 0,
  };
  const to = typeof asked === 'string' && asked !== '' ? splitAuthority(asked, scheme) : local;
  const record = recorder.openOf(call, origin ?? connection?.origin ?? { basis: 'none' });
  record.scheme = scheme;
  record.protocol = call.protocol;
  record.method = request.method;
  if (to.host !== '') record.host = to.host;
  record.port = to.port;
  const kept = recorder.redactTarget({ method: request.method, scheme, ...to, rawPath: request.url });
  if (kept !== undefined) {
    record.path = kept.path;
    record.queryKeys = kept.queryKeys;
    record.fingerprint = kept.fingerprint;
  }
  const names = recorder.headerNames(namesOfRaw(request.rawHeaders));
  if (names !== undefined) record.requestHeaders = names;
  if (connection !== undefined) addresses(record, connection);
  recorder.record(record);
  if (connection !== undefined) use(connection, call);
  return call;
}

/** The first Host header, which is what `headers.host` says too; reading that makes an object of all headers, which the application may never ask for. */
function hostIn(raw: readonly string[]): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') return raw[i + 1];
  }
  return undefined;
}

export function addresses(record: ReturnType<Recorder['openOf']>, connection: Connection): void {
  if (connection.id > 0) record.conn = connection.id;
  if (connection.peerAddress !== undefined) record.peerAddress = connection.peerAddress;
  if (connection.peerPort !== undefined) record.peerPort = connection.peerPort;
  if (connection.localAddress !== undefined) record.localAddress = connection.localAddress;
  if (connection.localPort !== undefined) record.localPort = connection.localPort;
}

/** `conn` in the `open` record is the claim. */
export function use(connection: Connection, call: Call): void {
  connection.claimed = true;
  if (!connection.closed) connection.assign(call);
  else call.connection = connection;
}
