import type { Watch } from '../guard.ts';
import { namesOfBlock, namesOfRaw } from '../header-names.ts';
import type { NodeError, Socket } from '../node.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import type { Recorder } from '../recorder.ts';
import { type Destination, defaultPort, destination, plainHost, splitAuthority } from '../target.ts';
import { subscribe } from './http.ts';
import { type Queue, Waiting } from './undici-waiting.ts';
import { schemeOn, websocketOr } from '../upgrade.ts';

/** undici's core Request (lib/core/request.js). */
interface Request {
  readonly origin: unknown;
  readonly method: string;
  readonly path: string;
  readonly upgrade?: unknown;
  readonly contentLength?: number | null;
  readonly body?: unknown;
}

interface Response {
  statusCode: number;
  headers: ArrayLike<unknown>;
}

/** What a Client tells its connector (lib/dispatcher/client.js); the port is empty if it is the scheme's. */
interface Connect {
  readonly protocol: unknown;
  readonly hostname: unknown;
  readonly port: unknown;
}

/** Origins remembered by their texts. */
const MOST_ORIGINS = 1000;

/** undici of every version, Node's own (`fetch`) and npm's, by its diagnostics channels: the same names since 4.7. */
export function watchUndici(recorder: Recorder): void {
  const { guards, calls, scope, redirects } = recorder;
  const origins: Origins = { known: new Map(), waiting: new Waiting() };
  /** Requests that have not gone out. */
  const unsent = new Set<Request>();
  /** The one of which undici 7 and later said so just now. */
  let streaming: Request | undefined;
  recorder.undiciCall = (connection, headers) => {
    const fits = (request: Request): boolean => {
      if (request.method !== headers[':method']) return false;
      if (request.method !== 'CONNECT' && request.path !== headers[':path']) return false;
      const queue = calls.get(request)?.queue;
      return queue?.host === connection.host && queue?.port === connection.port;
    };
    const exact = streaming;
    streaming = undefined;
    const found = exact !== undefined && fits(exact) ? exact : [...unsent].find(fits);
    if (found === undefined) return undefined;
    unsent.delete(found);
    const call = calls.get(found);
    call?.queue?.leave(call);
    return call;
  };
  const on = (name: string, channel: string, watch: Watch<never>['handle']): void =>
    subscribe(recorder, channel, guards.listener(guards.watch(name, watch)));

  on('undici.create', 'undici:request:create', ({ request }: { request: Request }, entry) => {
    const channel = websocketOr(recorder, 'undici', request.upgrade);
    if (channel === undefined) return;
    const call = recorder.newCall(channel, 'out');
    calls.set(request, call);
    unsent.add(request);
    if (channel === 'websocket') recorder.handshakes.add(call);
    call.queue = originOf(origins, String(request.origin));
    call.queue.add(call);
    const { method } = request;
    const to = destination(call.queue.scheme, call.queue.host, call.queue.port, request.path, method);
    const { host, port } = to;
    const scheme = schemeOn(channel, to.scheme);
    const kept = recorder.redactTarget({ method, scheme, host, port, rawPath: to.rawPath });
    const key = kept && { method, scheme, host, port, path: kept.path, agent: undefined };
    const caller = redirects.inherit(to, scope.fetch ?? recorder.capture(entry, key), call.opened);
    call.origin = caller;
    call.host = to.host;
    call.port = to.port;
    call.proxy = to.proxy;
    call.tunnel = method === 'CONNECT' || (request.upgrade !== null && request.upgrade !== undefined);
    const record = recorder.openOf(call, caller);
    record.scheme = scheme;
    record.method = method;
    record.host = host;
    record.port = port;
    if (to.proxy !== undefined) record.proxy = to.proxy;
    if (kept !== undefined) {
      record.path = kept.path;
      record.queryKeys = kept.queryKeys;
      record.fingerprint = kept.fingerprint;
    }
    recorder.intent(record);
  });

  // Published right before the connector is called, in the same stack. A connector that takes its time loses the mark: its connection is raw until claimed.
  const forget = (): void => {
    scope.undici = undefined;
  };
  on('undici.beforeConnect', 'undici:client:beforeConnect', ({ connectParams }: { connectParams: Connect }) => {
    if (!recorder.live('undici') && !recorder.live('websocket')) return;
    scope.undici = 'unknown';
    queueMicrotask(forget);
    const scheme = connectParams.protocol === 'https:' ? 'https' : 'http';
    const port = Number(connectParams.port) || defaultPort(scheme);
    scope.undici = origins.waiting.find(scheme, plainHost(String(connectParams.hostname)), port) ?? 'unknown';
  });

  on(
    'undici.sendHeaders',
    'undici:client:sendHeaders',
    ({ request, headers, socket }: { request: Request; headers: string; socket: Socket }) => {
      const call = calls.get(request);
      if (call === undefined) return;
      call.queue?.leave(call);
      // Over HTTP/2 the block has no request line; the fields are taken from the stream.
      if (headers.startsWith(`${request.method} `)) {
        unsent.delete(request);
        call.requestHeaders = recorder.headerNames([...namesOfBlock(headers), ...framing(request)]);
      } else {
        call.multiplexed = true;
        streaming = request;
      }
      const connection = recorder.connections.get(socket);
      if (connection !== undefined) recorder.claim(call, connection);
    },
  );

  on('undici.headers', 'undici:request:headers', ({ request, response }: { request: Request; response: Response }) => {
    const call = calls.get(request);
    if (call === undefined) return;
    unsent.delete(request);
    call.answered = recorder.clock.monotonic();
    call.status = response.statusCode;
    call.protocol = call.multiplexed ? (call.connection?.alpn === 'h2' ? 'h2' : 'h2c') : 'http/1.1';
    call.responseHeaders = recorder.headerNames(namesOfRaw(response.headers));
    if (call.status > 300 && call.status < 400)
      redirects.remember(call.origin, targetOf(origins, request), response.headers, call.answered);
    if (call.status !== 101 && !(request.method === 'CONNECT' && call.status < 300)) call.tunnel = false;
  });

  on('undici.trailers', 'undici:request:trailers', ({ request }: { request: Request }) => {
    const call = calls.get(request);
    if (call === undefined || call.finished) return;
    call.queue?.leave(call);
    if (call.tunnel && call.connection?.closed === false) return;
    call.outcome = 'ok';
    recorder.finish(call);
  });

  on('undici.error', 'undici:request:error', ({ request, error }: { request: Request; error: NodeError }) => {
    const call = calls.get(request);
    unsent.delete(request);
    if (call === undefined || call.finished) return;
    call.queue?.fail(call);
    const code = codeOf(error);
    if (code !== undefined) call.error = code;
    call.outcome = outcomeOf(error, call.connection?.connected === true);
    call.tunnel = false;
    recorder.finish(call);
  });
}

interface Origins {
  /** By the text in which undici has it. */
  readonly known: Map<string, Queue>;
  readonly waiting: Waiting;
}

function targetOf(origins: Origins, request: Request): Destination {
  const { scheme, host, port } = originOf(origins, String(request.origin));
  return destination(scheme, host, port, request.path, request.method);
}

function originOf({ known, waiting }: Origins, origin: string): Queue {
  let parsed = known.get(origin);
  if (parsed === undefined) {
    const scheme = origin.startsWith('https:') ? 'https' : 'http';
    const start = origin.indexOf('//');
    const end = origin.indexOf('/', start + 2);
    const authority = origin.slice(start === -1 ? 0 : start + 2, end === -1 ? undefined : end);
    const { host, port } = splitAuthority(authority, scheme);
    if (waiting.full || known.size >= MOST_ORIGINS) {
      // What is known by its text is a queue: it must not outlive there what `trim` lets go.
      known.clear();
      waiting.trim();
    }
    parsed = waiting.queue(scheme, host, port);
    known.set(origin, parsed);
  }
  return parsed;
}

/** lib/dispatcher/client-h1.js adds the framing headers after the channel was told. */
function framing(request: Request): string[] {
  if (typeof request.contentLength === 'number') return ['content-length'];
  return request.body === null || request.body === undefined ? [] : ['transfer-encoding'];
}
