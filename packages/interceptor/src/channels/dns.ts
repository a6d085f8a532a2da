import type { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import type { Point } from '../guard.ts';
import { type Handle, type NodeError, util } from '../node.ts';
import { outcomeOf } from '../outcome.ts';
import type { Recorder } from '../recorder.ts';
import { plainHost } from '../target.ts';
import { contact } from './tcp.ts';
import { lockInternal } from '../locked.ts';
import { apply, define } from '../own-builtins.ts';

interface LookupRequest {
  oncomplete?: unknown;
  callback?: unknown;
  hostname?: unknown;
  family?: unknown;
}

/** A look-up of a connection: how long its name took. */
interface Own {
  connection: Connection;
  started: number;
}

/** Name look-ups. One that user code asked for is a call; one that `connect()` makes for its own host is a field of the connection. */
export function watchDns(recorder: Recorder, cares: object | undefined, ChannelWrap: object): void {
  const { guards } = recorder;
  const own = guards.point<Own>('dns.ownAnswered', {
    inspect: (_self, args, _wrapper, context) => {
      const { connection, started } = context as Own;
      connection.lookupUs = Math.max(0, recorder.clock.monotonic() - started);
      if (connection.channel === 'udp') return answeredDatagram(recorder, connection, args[0]);
      return undefined;
    },
    leave: () => {
      recorder.scope.datagram = undefined;
    },
  });
  const answered = guards.point<Call>('dns.answered', {
    inspect: (_self, args, _wrapper, context) => {
      end(recorder, context as Call, args[0]);
      return undefined;
    },
  });

  if (cares !== undefined) {
    watchCaptured(recorder, cares, answered as Point);
    const getaddrinfo = guards.point<Call>('dns.getaddrinfo', {
      inspect: (_self, args, wrapper) => {
        if (recorder.calls.get(args[0] as object) !== undefined) return undefined;
        const host = plainHost(String(args[1]));
        const connection = recorder.scope.connection ?? recorder.scope.datagram ?? connectingTo(recorder, host);
        // A custom `lookup` may ask for any name while its connection is being made: only the connection's own is a part of it.
        if (connection !== undefined && connection.host === host && !connection.closed) {
          contact(recorder, connection);
          replaceCallback(recorder, own as Point, args[0], { connection, started: recorder.clock.monotonic() });
          return undefined;
        }
        return begin(recorder, host, typeOf(args[2]), args[0], wrapper, answered as Point);
      },
      observe: (call, result) => failAtOnce(recorder, call, result),
    });
    lockInternal(recorder, cares, 'getaddrinfo', 'cares.getaddrinfo', (original) =>
      guards.callThrough(getaddrinfo, original),
    );
    const getnameinfo = guards.point<Call>('dns.getnameinfo', {
      inspect: (_self, args, wrapper) => begin(recorder, String(args[1]), 'PTR', args[0], wrapper, answered as Point),
      observe: (call, result) => failAtOnce(recorder, call, result),
    });
    lockInternal(recorder, cares, 'getnameinfo', 'cares.getnameinfo', (original) =>
      guards.callThrough(getnameinfo, original),
    );
  }

  const names = Object.getOwnPropertyNames(ChannelWrap).filter(
    (name) => name.startsWith('query') || name === 'getHostByAddr',
  );
  for (const name of names) {
    const type = name === 'getHostByAddr' ? 'PTR' : name.slice('query'.length).toUpperCase();
    const query = guards.point<Call>(`dns.${name}`, {
      inspect: (handle, args, wrapper) =>
        begin(recorder, plainHost(String(args[1])), type, args[0], wrapper, answered as Point, handle),
      observe: (call, result) => failAtOnce(recorder, call, result),
    });
    lockInternal(recorder, ChannelWrap, name, `ChannelWrap.${name}`, (original) => guards.callThrough(query, original));
  }
}

function connectingTo({ scope }: Recorder, host: string): Connection | undefined {
  const found = scope.connecting.find((connection) => connection.host === host && connection.lookupUs < 0);
  if (found !== undefined) scope.connecting = scope.connecting.filter((connection) => connection !== found);
  return found;
}

/** A socket without a connection is not told of a failed look-up by its handle: nothing is sent, and the row ends here. Else its datagrams leave while the answer is being told. */
function answeredDatagram(recorder: Recorder, connection: Connection, error: unknown): Own | undefined {
  if (typeof error !== 'number' || error >= 0) {
    recorder.scope.datagram = connection;
    return { connection, started: 0 };
  }
  connection.outcome = 'error';
  connection.error = nameOf(error);
  recorder.connectionRecords.closing(connection, 0, 0);
  return undefined;
}

/**
 * lib/internal/dns/promises.js takes `getaddrinfo` and `getnameinfo` for itself when it is loaded, which any ESM import of `node:dns` does. If that was before us, its requests are recognised when they are made ready: they are the ones without a callback.
 */
function watchCaptured(recorder: Recorder, cares: object, answered: Point): void {
  if (!loadedBuiltins().includes('NativeModule internal/dns/promises')) return;
  const { guards, patches } = recorder;
  for (const [name, type] of [
    ['GetAddrInfoReqWrap', undefined],
    ['GetNameInfoReqWrap', 'PTR'],
  ] as const) {
    const prototype = (Reflect.get(cares, name) as { prototype: object } | undefined)?.prototype;
    if (prototype === undefined || Object.hasOwn(prototype, 'oncomplete')) continue;
    const ready = guards.point<Function>(`dns.${name}`, {
      inspect: (_self, _args, wrapper) => wrapper,
      observe: (wrapper, _result, self) => {
        const request = self as LookupRequest;
        if (request.callback !== undefined || typeof request.hostname !== 'string') return;
        const call = begin(
          recorder,
          plainHost(request.hostname),
          type ?? typeOf(request.family),
          request,
          wrapper,
          answered,
        );
        if (call !== undefined) recorder.calls.set(request, call);
      },
    });
    const set = guards.callThrough(ready, function set(this: object, value: unknown) {
      define(this, 'oncomplete', value, true);
    });
    Object.defineProperty(prototype, 'oncomplete', {
      configurable: true,
      enumerable: false,
      set(this: object, value: unknown) {
        apply(set, this, [value]);
      },
    });
    patches.later(() => Reflect.deleteProperty(prototype, 'oncomplete'));
  }
}

function loadedBuiltins(): string[] {
  const list: unknown = Reflect.get(process, 'moduleLoadList');
  return Array.isArray(list) ? list.map(String) : [];
}

function typeOf(family: unknown): string {
  return family === 4 ? 'A' : family === 6 ? 'AAAA' : 'A+AAAA';
}

function begin(
  recorder: Recorder,
  host: string,
  type: string,
  request: unknown,
  wrapper: Function,
  answered: Point,
  channel?: Handle,
): Call | undefined {
  if (!recorder.live('dns')) return undefined;
  const call = recorder.newCall('dns', 'out');
  call.host = host;
  const key = { method: type, scheme: 'dns', host, port: 0, path: '', agent: undefined };
  const open = recorder.openOf(call, recorder.capture(wrapper, key));
  open.host = host;
  open.method = type;
  const servers = channel?.getServers?.();
  const server = servers?.length === 1 ? servers[0] : undefined;
  if (server !== undefined) {
    open.peerAddress = server[0];
    open.peerPort = server[1];
  }
  recorder.intent(open);
  replaceCallback(recorder, answered, request, call);
  return call;
}

function replaceCallback(recorder: Recorder, point: Point, request: unknown, context: unknown): void {
  const { oncomplete } = request as LookupRequest;
  if (typeof oncomplete !== 'function') return;
  (request as LookupRequest).oncomplete = recorder.guards.callThrough(point, oncomplete, context);
}

/** A look-up that could not even be started returns a number other than 0. */
function failAtOnce(recorder: Recorder, call: Call, result: unknown): void {
  if (typeof result === 'number' && result !== 0) end(recorder, call, result);
}

/** `error` is null, a negative libuv number (getaddrinfo) or a c-ares word. */
function end(recorder: Recorder, call: Call, error: unknown): void {
  const code = typeof error === 'number' && error < 0 ? nameOf(error) : typeof error === 'string' ? error : undefined;
  if (code !== undefined) {
    const failure: Partial<NodeError> = { code };
    call.outcome = outcomeOf(failure as NodeError, true);
    call.error = code;
  }
  recorder.finish(call);
}

/** The words that lib/internal/errors.js (DNSException) uses. */
function nameOf(error: number): string {
  const name = util.getSystemErrorName(error);
  return name === 'EAI_NODATA' || name === 'EAI_NONAME' ? 'ENOTFOUND' : name;
}
