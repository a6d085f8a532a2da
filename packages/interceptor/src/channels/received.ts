import type { Address, Handle } from '../node.ts';
import type { Recorder } from '../recorder.ts';
import { subscribe } from './http.ts';
import { ownerOf } from './tcp.ts';

/** What lib/internal/child_process.js says of a handle that comes with a message. `key`: a server had accepted the socket. */
interface Announced {
  readonly cmd?: unknown;
  readonly type?: unknown;
  readonly key?: unknown;
}

interface Emitter {
  on(event: string, listener: () => void): unknown;
}

interface ChildProcess extends Emitter {
  readonly channel?: unknown;
}

/**
 * Connected sockets that another process sent (`subprocess.send(message, socket)`): what goes over them from now on is a connection of this process. Who will use it is not known when it comes.
 *
 * Sockets that a cluster's primary hands out are accepted by a server of this process; servers and datagram sockets are seen by what they do.
 */
export function watchReceived(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const point = guards.point<never>('received.handle', {
    inspect: (_self, args) => {
      const [message, handle] = [args[0], args[1]];
      if (recorder.enabled && isObject(message) && isObject(handle)) received(recorder, message, handle);
      return undefined;
    },
  });
  const listener = guards.callThrough(point, () => undefined) as () => void;
  const listen = (emitter: Emitter): void => void emitter.on('internalMessage', listener);
  // After Node's own listener, which makes the socket; the application is told in the next tick.
  const forked = guards.listener(
    guards.watch<ChildProcess>('received.forked', (child) => {
      if (typeof child.channel === 'object' && child.channel !== null) listen(child);
    }),
  );
  const created = guards.watch<{ process: ChildProcess }>('received.created', ({ process: child }) => {
    // Its channel is made when the program has been started.
    process.nextTick(forked, child);
  });
  subscribe(recorder, 'child_process', guards.listener(created));
  if (process.channel === undefined) return;
  listen(process);
  patches.later(() => process.off('internalMessage', listener));
}

function received(recorder: Recorder, { cmd, type, key }: Announced, handle: Handle): void {
  if (cmd !== 'NODE_HANDLE' || type !== 'net.Socket') return;
  const socket = ownerOf(handle, recorder.owner);
  if (socket === undefined || recorder.connections.get(socket) !== undefined) return;
  const direction = key === undefined ? 'out' : 'in';
  const unix = handle.getpeername === undefined;
  const channel = unix ? 'unix' : 'tcp';
  if (!recorder.live(channel)) return;
  const connection = recorder.connectionRecords.create(direction, channel);
  connection.origin = { basis: 'none' };
  connection.connected = connection.attempted = true;
  if (!unix) addresses(connection, handle);
  connection.startAt(socket);
  recorder.connections.set(socket, connection);
  recorder.connectionRecords.announce(connection);
}

function addresses(connection: ReturnType<Recorder['connectionRecords']['create']>, handle: Handle): void {
  const peer: Address = {};
  const local: Address = {};
  handle.getpeername?.(peer);
  handle.getsockname?.(local);
  connection.peerAddress = peer.address;
  connection.peerPort = peer.port;
  connection.localAddress = local.address;
  connection.localPort = local.port;
  const there = connection.direction === 'out' ? peer : local;
  connection.host = there.address;
  connection.port = there.port;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
