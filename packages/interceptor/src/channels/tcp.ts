import type { Connection } from '../connection.ts';
import type { Passed } from '../connection-records.ts';
import type { Point } from '../guard.ts';
import { type Address, type Handle, net, type NodeError, type Socket, util } from '../node.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import type { CallKey } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { plainHost } from '../target.ts';
import { lockInternal } from '../locked.ts';
import { Unopened } from '../unopened.ts';

/** What `net.Socket.prototype.connect` may be given, after normalising or before. */
interface ConnectOptions {
  host?: unknown;
  port?: unknown;
  path?: unknown;
}

interface ConnectRequest {
  oncomplete?: unknown;
}

/**
 * Outbound connections: `Socket.prototype.connect` tells who asks for what name, the handle's `connect` is the truth that a destination was contacted. Whatever reaches the handle without the former (raw bindings, a captured method) is seen by the latter.
 */
export function watchTcp(recorder: Recorder, TCP: object, owner: symbol | undefined): void {
  const { guards } = recorder;
  watchSocketConnect(recorder);

  const settled = guards.point<Attempted>('tcp.connected', {
    inspect: (_self, args, _wrapper, context) => settle(context as Attempted, args),
  });
  for (const name of ['connect', 'connect6'] as const) {
    const point = guards.point<Attempted>(`tcp.${name}`, {
      inspect: (handle, args, wrapper) =>
        attemptAt(recorder, ownerOf(handle, owner), handle, args, wrapper, settled as Point, {
          address: String(args[1]),
          port: Number(args[2]),
        }),
      observe: (attempted, result) => {
        if (typeof result === 'number' && result < 0) fail(attempted, result);
      },
    });
    lockInternal(recorder, TCP, name, `TCP.${name}`, (original) => guards.callThrough(point, original));
  }

  const open = guards.point<object>('tcp.open', {
    inspect: (handle) => {
      if (recorder.enabled) recorder.unopened?.explained(handle);
      return recorder.live('tcp') ? handle : undefined;
    },
    observe: (handle, result, _self) => openedFrom(recorder, handle, result),
  });
  lockInternal(recorder, TCP, 'open', 'TCP.open', (original) => guards.callThrough(open, original));
  watchClose(recorder, TCP, 'tcp', ['close', 'reset'], owner);
  recorder.unopened = new Unopened(recorder, TCP);
  // Once both sides have ended, a closed handle cannot tell any more who its peer was.
  const shutdown = guards.point<never>('tcp.shutdown', {
    inspect: (handle) => {
      const socket = ownerOf(handle, owner);
      if (socket !== undefined && recorder.connections.get(socket) !== undefined) return undefined;
      if (recorder.connections.get(handle) === undefined) recorder.unopened?.ending(handle);
      return undefined;
    },
  });
  lockInternal(recorder, TCP, 'shutdown', 'TCP.shutdown', (original) => guards.callThrough(shutdown, original));
}

function watchSocketConnect(recorder: Recorder): void {
  const { guards, patches, scope } = recorder;
  const point = guards.point<Outer>('socket.connect', {
    inspect: (self, args, wrapper) => {
      const socket = self as Socket;
      if (!recorder.enabled || socket._parent?.connecting === true) return undefined;
      const known = recorder.connections.get(socket);
      const http2 = recorder.http2Loaded();
      const connection = known !== undefined && !known.closed ? known : prepare(recorder, socket, args, wrapper, http2);
      const outer: Outer = { connection: scope.connection };
      scope.connection = connection;
      return outer;
    },
    leave: (outer) => {
      scope.connection = outer.connection;
    },
  });
  patches.replace(net.Socket.prototype, 'connect', (original) => guards.callThrough(point, original));
}

interface Outer {
  connection: Connection | undefined;
}

/** A connection that somebody asks for. Nothing is written yet: options may still be found invalid. */
function prepare(
  recorder: Recorder,
  socket: Socket,
  args: ArrayLike<unknown>,
  wrapper: Function,
  http2: boolean,
): Connection {
  const options = optionsOf(args);
  const path = typeof options.path === 'string' && options.path !== '' ? options.path : undefined;
  const above = recorder.covered.get(socket);
  const secure = (socket.encrypted === true || above !== undefined) && recorder.live('tls');
  const connection = recorder.connectionRecords.create('out', path !== undefined ? 'unix' : secure ? 'tls' : 'tcp');
  if (path !== undefined) connection.path = recorder.localPath(path);
  else {
    connection.host = plainHost(typeof options.host === 'string' && options.host !== '' ? options.host : 'localhost');
    const port = Number(options.port);
    if (Number.isInteger(port) && port >= 0 && port < 65_536) connection.port = port;
  }
  connection.socket = socket;
  if (above !== undefined) {
    recorder.connections.set(above, connection);
    connection.coverBy(above);
  }
  const { scope } = recorder;
  if (scope.undici !== undefined) {
    if (scope.undici !== 'unknown') connection.forCall = scope.undici.take();
    scope.undici = undefined;
    connection.by = 'undici';
  } else if (scope.call !== undefined) {
    connection.forCall = scope.call.id;
    scope.call.made = connection;
  }
  // Only `http2.connect` makes text of a port (lib/internal/http2/core.js), and who gives one like that. Mistaken, the
  // row is the same.
  else if (http2 && typeof options.port === 'string' && recorder.live('http2')) connection.by = 'http2';
  if (connection.forCall === undefined) connection.origin = recorder.capture(wrapper, keyOf(connection));
  recorder.connections.set(socket, connection);
  return connection;
}

function keyOf({ channel, host, port, path }: Connection): CallKey {
  return { method: 'connect', scheme: channel, host: host ?? '', port: port ?? 0, path: path ?? '', agent: undefined };
}

/** Options of `connect(options[, cb])`, `connect(port[, host][, cb])`, `connect(path[, cb])` or of arguments already normalised. Only read. */
function optionsOf(args: ArrayLike<unknown>): ConnectOptions {
  const first = args[0];
  if (Array.isArray(first)) return optionsOf(first);
  if (typeof first === 'object' && first !== null) return first;
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first };
  return { port: first, host: typeof args[1] === 'string' ? args[1] : undefined };
}

/** The socket that a handle belongs to. */
export function ownerOf(handle: object, owner: symbol | undefined): Socket | undefined {
  const found: unknown = owner === undefined ? undefined : Reflect.get(handle, owner);
  return typeof found === 'object' && found !== null ? (found as Socket) : undefined;
}

interface Attempted {
  readonly recorder: Recorder;
  readonly connection: Connection;
  readonly address: string;
  readonly port: number | undefined;
  settled: boolean;
}

/** An attempt at one address begins: the record goes out now, if the look-up did not send it before. */
export function attemptAt(
  recorder: Recorder,
  socket: Socket | undefined,
  handle: object,
  args: ArrayLike<unknown>,
  wrapper: Function,
  settled: Point,
  to: { address: string; port: number | undefined },
): Attempted | undefined {
  if (!recorder.enabled) return undefined;
  let connection =
    (socket === undefined ? undefined : recorder.connections.get(socket)) ?? recorder.connections.get(handle);
  if (connection === undefined || connection.closed) {
    connection = recorder.connectionRecords.create('out', to.port === undefined ? 'unix' : 'tcp');
    if (to.port === undefined) connection.path = recorder.localPath(to.address);
    else {
      connection.host = plainHost(to.address);
      connection.port = to.port;
    }
    connection.origin = recorder.capture(wrapper, keyOf(connection));
    connection.socket = socket;
    recorder.connections.set(socket ?? handle, connection);
  }
  contact(recorder, connection);
  recorder.connectionRecords.live(connection, socket === undefined ? passedBy(handle) : undefined);
  if (to.port !== undefined) {
    connection.peerAddress = to.address;
    connection.peerPort = to.port;
  } else if (connection.path !== undefined) connection.peerAddress = connection.path;
  const attempted: Attempted = { recorder, connection, ...to, settled: false };
  connection.attempt = attempted;
  const request = args[0] as ConnectRequest;
  if (typeof request.oncomplete === 'function') {
    request.oncomplete = recorder.guards.callThrough(settled, request.oncomplete, attempted);
  }
  return attempted;
}

/** A connection goes out on the network: written unless its channel is off and no call needs it. */
export function contact(recorder: Recorder, connection: Connection): void {
  connection.attempted = true;
  if (connection.forCall === undefined && connection.by === 'raw' && connection.id === 0)
    recorder.beginSession?.(connection);
  const silent = connection.forCall === undefined && connection.by === 'raw' && !recorder.live(connection.channel);
  if (!silent) recorder.connectionRecords.announce(connection);
}

/** `oncomplete(status, handle, req, readable, writable)` of a connect request. */
export function settle(attempted: Attempted, args: ArrayLike<unknown>): undefined {
  const { connection } = attempted;
  const status = Number(args[0]);
  if (status < 0) fail(attempted, status);
  else if (!attempted.settled && connection.attempt === attempted && !connection.closed) {
    attempted.settled = true;
    connection.connected = true;
    if (attempted.port !== undefined) {
      const out: Address = {};
      (args[1] as Handle).getsockname?.(out);
      if (out.address !== undefined) connection.localAddress = out.address;
      if (out.port !== undefined) connection.localPort = out.port;
    }
  }
  return undefined;
}

function fail(attempted: Attempted, status: number): void {
  if (attempted.settled) return;
  attempted.settled = true;
  note(attempted, util.getSystemErrorName(status));
}

function note(attempted: Attempted, code: string): void {
  if (attempted.port === undefined) return;
  (attempted.connection.attempts ??= []).push(`${attempted.address} ${attempted.port} ${code}`);
}

/** A socket made from a descriptor: if it has a peer, bytes can leave by it. */
function openedFrom(recorder: Recorder, handle: Handle, result: unknown): void {
  const out: Address = {};
  if (result !== 0 || handle.getpeername?.(out) !== 0 || out.address === undefined) return;
  const connection = recorder.connectionRecords.create('out', 'tcp');
  connection.host = connection.peerAddress = out.address;
  if (out.port !== undefined) connection.port = connection.peerPort = out.port;
  connection.connected = true;
  connection.origin = recorder.capture(undefined);
  recorder.connections.set(handle, connection);
  contact(recorder, connection);
  recorder.connectionRecords.live(connection, passedBy(handle));
}

/** What a handle has carried that no socket may own. */
export function passedBy(handle: Handle): Passed {
  return () => [handle.bytesWritten ?? 0, handle.bytesRead ?? 0];
}

/** The end of a connection is the close of its handle. */
export function watchClose(
  recorder: Recorder,
  prototype: object,
  channel: string,
  names: readonly string[],
  owner: symbol | undefined,
): void {
  const { guards } = recorder;
  for (const name of names) {
    if (!(name in prototype)) continue;
    const point = guards.point<object>(`${channel}.${name}`, {
      inspect: (handle) => {
        closeOf(recorder, handle, ownerOf(handle, owner));
        return undefined;
      },
    });
    lockInternal(recorder, prototype, name, `${channel}.${name}`, (original) => guards.callThrough(point, original));
  }
}

function closeOf(recorder: Recorder, handle: Handle, socket: Socket | undefined): void {
  const connection = socket === undefined ? undefined : recorder.connections.get(socket);
  const own =
    recorder.connections.get(handle) ?? (connection === undefined ? recorder.unopened?.ending(handle) : undefined);
  if (own !== undefined && !own.closed) {
    if (!own.connected) own.outcome = 'aborted';
    recorder.connectionRecords.closing(own, handle.bytesWritten ?? 0, handle.bytesRead ?? 0);
    return;
  }
  if (socket === undefined || connection === undefined || connection.closed) return;
  if (!socket.destroyed) {
    const attempt = connection.attempt as Attempted | undefined;
    // Happy eyeballs gives up one address and goes on to the next with a new handle (lib/net.js, internalConnectMultiple).
    if (attempt !== undefined && !attempt.settled) fail(attempt, TIMED_OUT);
    // It was sent to another process.
    else if (connection.connected && Reflect.get(socket, '_handle') === null)
      recorder.connectionRecords.closing(connection, handle.bytesWritten ?? 0, handle.bytesRead ?? 0);
    return;
  }
  judge(connection, socket);
  recorder.connectionRecords.closing(connection);
}

/** `UV_ETIMEDOUT` of this system. */
const TIMED_OUT: number = [...util.getSystemErrorMap()].find(([, [name]]) => name === 'ETIMEDOUT')?.[0] ?? -110;

function judge(connection: Connection, socket: Socket): void {
  const error = socket.errored ?? connection.socket?.errored ?? undefined;
  if (connection.connected) {
    // An error that Node did not make is a word of the application: it closed the connection itself.
    if (error?.syscall === undefined && !isTls(error)) return;
    connection.outcome = 'error';
  } else connection.outcome = error === undefined ? 'aborted' : outcomeOf(error, false);
  const code = codeOf(error);
  if (code !== undefined) connection.error = code;
}

function isTls(error: NodeError | undefined): boolean {
  return /^(ERR_(SSL|TLS)_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(error?.code ?? '');
}
