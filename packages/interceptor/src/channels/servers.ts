import { type Address, type Handle, type Http2Headers, type Http2Stream, net, type Socket } from '../node.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { createStamp, type Stamp } from '../stamp.ts';
import { type ServerRequest, takenOver } from './http-server.ts';
import { streamArrived } from './http2-server.ts';
import { lockInternal } from '../locked.ts';
import { ownerOf, passedBy } from './tcp.ts';

interface Server {
  readonly keepAliveTimeout?: unknown;
  readonly _sharedCreds?: unknown;
  readonly updateSettings?: unknown;
  address(): unknown;
}

interface ListeningHandle {
  onconnection?: unknown;
}

/**
 * Every server of Node: who called `listen()`, else who made it, and each accepted connection before the first handler sees it.
 *
 * @param listeners where the origin of a server's `listen()` is kept
 */
export function watchServers(recorder: Recorder, listeners: Stamp<Origin>): void {
  const { guards, patches } = recorder;
  const makers = createStamp<Origin>();
  const on = guards.point<never>('server.on', {
    inspect: (server, _args, wrapper) => {
      if (recorder.enabled && makers.get(server) === undefined && listeners.get(server) === undefined)
        makers.set(server, recorder.captureListener(wrapper));
      return undefined;
    },
  });
  // Every constructor of a server of Node calls it, so the first call tells who made the server.
  patches.replace(net.Server.prototype, 'on', (original) => guards.callThrough(on, original));

  const listen = guards.point<never>('server.listen', {
    inspect: (server, _args, wrapper) => {
      if (recorder.enabled) listeners.set(server, named(recorder.captureListener(wrapper), makers.get(server)));
      return undefined;
    },
  });
  patches.replace(net.Server.prototype, 'listen', (original) => guards.callThrough(listen, original));

  const emit = guards.point<never>('server.emit', {
    inspect: (self, args) => {
      const event = args[0];
      if (event === 'connection') accepted(recorder, self as Server, args[1] as Socket, listeners.get(self));
      else if (event === 'upgrade' || event === 'connect') {
        if (isHttp(self as Server) && !isHttp2Stream(args[1]) && isConnection(recorder, self as Server, args[2]))
          takenOver(recorder, args[1] as ServerRequest, args[2] as Socket, listeners.get(self));
      } else if (event === 'stream' && isHttp2(self as Server))
        streamArrived(recorder, args[1] as Http2Stream, args[2] as Http2Headers, listeners.get(self));
      return undefined;
    },
  });
  patches.replace(net.Server.prototype, 'emit', (original) => guards.callThrough(emit, original));
}

/** A framework that lets the server listen later, when the application is off the stack (NestJS on Fastify), was asked for it by somebody. */
function named(listening: Origin, making: Origin | undefined): Origin {
  return isWeak(listening) && making !== undefined && !isWeak(making) ? making : listening;
}

function isWeak({ basis }: Origin): boolean {
  return basis === 'transport' || basis === 'none';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isHttp2(server: Server): boolean {
  return typeof server.updateSettings === 'function';
}

/** The compatibility layer of http2 emits 'connect' too, with a request over a stream. */
function isHttp2Stream(request: unknown): boolean {
  return typeof request === 'object' && request !== null && typeof Reflect.get(request, 'stream') === 'object';
}

function isHttp(server: Server): boolean {
  return typeof server.keepAliveTimeout === 'number';
}

/** Frameworks let their own upgrade handlers run on streams in memory, with a plain object for a request (`injectWS`). */
function isConnection(recorder: Recorder, server: Server, socket: unknown): boolean {
  if (typeof socket !== 'object' || socket === null) return false;
  return (
    recorder.connections.get(socket) !== undefined ||
    (socket as Socket).remoteAddress !== undefined ||
    typeof server.address() === 'string'
  );
}

function accepted(recorder: Recorder, server: Server, socket: Socket, origin: Origin | undefined): void {
  if (
    !recorder.enabled ||
    typeof socket !== 'object' ||
    socket === null ||
    recorder.connections.get(socket) !== undefined
  )
    return;
  const address = server.address();
  const unix = typeof address === 'string';
  // A stream that somebody feeds into a server is no connection of its own.
  if (!unix && socket.remoteAddress === undefined) return;
  const secure = server._sharedCreds !== undefined && recorder.live('tls');
  const connection = recorder.connectionRecords.create('in', unix ? 'unix' : secure ? 'tls' : 'tcp');
  connection.by =
    isHttp2(server) && recorder.live('http2') ? 'http2' : isHttp(server) && recorder.live('http') ? 'http' : 'raw';
  connection.origin = origin ?? { basis: 'none' };
  connection.connected = connection.attempted = true;
  if (unix) connection.path = recorder.localPath(address);
  else {
    connection.peerAddress = socket.remoteAddress;
    connection.peerPort = socket.remotePort;
    connection.readLocalAddressOf(socket);
    connection.host = connection.localAddress;
    connection.port = connection.localPort;
  }
  connection.startAt(socket);
  recorder.connections.set(socket, connection);
  const handle: unknown = Reflect.get(socket, '_handle');
  // Not for what looks like a socket: nobody would see its end.
  if (isObject(handle) && ownerOf(handle, recorder.owner) === socket) recorder.connectionRecords.live(connection);
  if (connection.by === 'raw' && !recorder.live(connection.channel)) return;
  recorder.connectionRecords.announce(connection);
}

/**
 * A listening handle that no net.Server owns (raw bindings): its `onconnection` is the only sign of what it accepts.
 */
export function watchListen(
  recorder: Recorder,
  prototype: object,
  channel: 'tcp' | 'unix',
  isOwned: (handle: object) => boolean,
): void {
  const { guards } = recorder;
  const onconnection = guards.point<never>(`${channel}.onconnection`, {
    inspect: (_self, args, _wrapper, context) => {
      const handle = args[1] as Handle | undefined;
      if (handle === undefined || !recorder.live(channel)) return undefined;
      const connection = recorder.connectionRecords.create('in', channel);
      connection.origin = context as Origin;
      connection.connected = connection.attempted = true;
      const [peer, local]: [Address, Address] = [{}, {}];
      handle.getpeername?.(peer);
      handle.getsockname?.(local);
      connection.peerAddress = peer.address;
      connection.peerPort = peer.port;
      connection.host = connection.localAddress = local.address;
      connection.port = connection.localPort = local.port;
      recorder.connections.set(handle, connection);
      recorder.connectionRecords.live(connection, passedBy(handle));
      recorder.connectionRecords.announce(connection);
      return undefined;
    },
  });
  const listen = guards.point<never>(`${channel}.listen`, {
    inspect: (self, _args, wrapper) => {
      const handle = self as ListeningHandle;
      recorder.unopened?.listening(self);
      if (!recorder.enabled || isOwned(handle) || typeof handle.onconnection !== 'function') return undefined;
      handle.onconnection = guards.callThrough(onconnection, handle.onconnection, recorder.captureListener(wrapper));
      return undefined;
    },
  });
  lockInternal(recorder, prototype, 'listen', `${channel}.listen`, (original) => guards.callThrough(listen, original));
}
