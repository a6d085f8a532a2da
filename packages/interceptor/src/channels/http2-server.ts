import { type Http2Headers, type Http2Stream } from '../node.ts';
import { ownSymbol } from '../own-symbol.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import type { Stamp } from '../stamp.ts';
import { bytesOfFields, namesOfFields } from '../stream-bytes.ts';
import { plainHost, splitAuthority } from '../target.ts';
import { addresses, use } from './http-server.ts';
import { connectionOf, protocolOf, schemeOf, textOf } from './http2.ts';
import { subscribe } from './http.ts';

interface Created {
  readonly stream: Http2Stream;
  readonly headers: Http2Headers;
}

/** Inbound http2: counted when the stream is made, before any handler runs. Where Node publishes nothing, the server's 'stream' event is the first sign (channels/servers.ts). */
export function watchHttp2Server(recorder: Recorder, listeners: Stamp<Origin>): void {
  const created = recorder.guards.watch<Created>('http2Server.created', ({ stream, headers }) => {
    const symbol = stream.session === undefined ? undefined : ownSymbol(stream.session, 'server');
    const server: unknown = symbol === undefined ? undefined : Reflect.get(stream.session ?? {}, symbol);
    streamArrived(
      recorder,
      stream,
      headers,
      typeof server === 'object' && server !== null ? listeners.get(server) : undefined,
    );
  });
  subscribe(recorder, 'http2.server.stream.created', recorder.guards.listener(created));
}

/** A stream that a client began. */
export function streamArrived(
  recorder: Recorder,
  stream: Http2Stream,
  headers: Http2Headers,
  origin: Origin | undefined,
): void {
  if (!recorder.live('http2') || recorder.calls.get(stream) !== undefined) return;
  // A push has an even number; it is a part of the answer to another stream.
  if (stream.id === undefined || stream.id % 2 === 0) return;
  recorder.streamEnds(stream);
  const { session } = stream;
  const connection = session === undefined ? undefined : connectionOf(recorder, session, 'in');
  const call = recorder.newCall('http2', 'in');
  recorder.calls.set(stream, call);
  call.multiplexed = true;
  call.stream = stream;
  call.fieldsIn = bytesOfFields(headers);
  call.protocol = protocolOf(session);
  const scheme = schemeOf(headers);
  const method = textOf(headers[':method']) ?? 'GET';
  const asked = textOf(headers[':authority']) ?? textOf(headers['host']) ?? '';
  const local = { host: plainHost(connection?.localAddress ?? ''), port: connection?.localPort ?? 0 };
  const to = asked === '' ? local : splitAuthority(asked, scheme);
  const record = recorder.openOf(call, origin ?? { basis: 'none' });
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
