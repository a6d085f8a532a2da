import type { Address, Handle } from '../node.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { createStamp } from '../stamp.ts';
import { subscribe } from './http.ts';
import { ownerOf, passedBy } from './tcp.ts';

/** What lib/internal/child_process.js says of a handle that comes with a message. `key`: a server had accepted the socket. */
interface Announced {
  readonly cmd?: unknown;
  readonly type?: unknown;
  readonly key?: unknown;
}

interface Emitter {
  on(event: string, listener: (this: unknown, ...args: never[]) => void): unknown;
  off(event: string, listener: (this: unknown, ...args: never[]) => void): unknown;
}

interface ChildProcess extends Emitter {
  readonly channel?: unknown;
}

/**
 * Connected sockets that another process sent (`subprocess.send(message, socket)`), as sockets or as bare handles: what goes over them from now on is a connection of this process, and of the package that listens for messages.
 *
 * Sockets that a cluster's primary hands out are accepted by a server of this process; servers and datagram sockets are seen by what they do.
 */
export function watchReceived(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const listeners = createStamp<Origin>();
  const point = guards.point<never>('received.handle', {
    inspect: (self, args) => {
      const [message, handle] = [args[0], args[1]];
      if (!recorder.enabled || !isObject(message) || !isObject(handle)) return undefined;
      received(recorder, message, handle, listeners.get(self));
      return undefined;
    },
  });
  const onHandle = guards.callThrough(point, () => undefined) as () => void;
  // Emitted in the stack of whoever adds a listener.
  const added = guards.point<never>('received.listener', {
    inspect: (self, args, wrapper) => {
      if (args[0] === 'message' && listeners.get(self) === undefined) listeners.set(self, recorder.capture(wrapper));
      return undefined;
    },
  });
  const onListener = guards.callThrough(added, () => undefined) as () => void;
  // After Node's own listener, which makes the socket; the application is told in the next tick.
  const forked = guards.listener(
    guards.watch<ChildProcess>('received.forked', (child) => {
      if (isObject(child.channel)) child.on('internalMessage', onHandle);
      else child.off('newListener', onListener);
    }),
  );
  const created = guards.watch<{ process: ChildProcess }>('received.created', ({ process: child }) => {
    child.on('newListener', onListener);
    // Its channel is made when the program has been started.
    process.nextTick(forked, child);
  });
  subscribe(recorder, 'child_process', guards.listener(created));
  if (process.channel === undefined) return;
  process.on('internalMessage', onHandle).on('newListener', onListener);
  recorder.footing.expect('nobody tells the watcher of sockets that another process sends any more', () =>
    process.listeners('internalMessage' as 'message').includes(onHandle),
  );
  patches.later(() => process.off('internalMessage', onHandle).off('newListener', onListener));
}

function received(recorder: Recorder, { cmd, type, key }: Announced, handle: Handle, by: Origin | undefined): void {
  recorder.unopened?.explained(handle);
  if (cmd !== 'NODE_HANDLE' || (type !== 'net.Socket' && type !== 'net.Native')) return;
  const socket = ownerOf(handle, recorder.owner);
  if (recorder.connections.get(socket ?? handle) !== undefined) return;
  const direction = key === undefined ? 'out' : 'in';
  const unix = handle.getpeername === undefined;
  const channel = unix ? 'unix' : 'tcp';
  // A bare handle may be anything: only one with a peer is a connection.
  if (!recorder.live(channel) || (socket === undefined && handle.getpeername?.({}) !== 0)) return;
  const connection = recorder.connectionRecords.create(direction, channel);
  connection.origin = by ?? { basis: 'none' };
  connection.connected = connection.attempted = true;
  if (!unix) addresses(connection, handle);
  if (socket !== undefined) connection.startAt(socket);
  recorder.connections.set(socket ?? handle, connection);
  recorder.connectionRecords.live(connection, socket === undefined ? passedBy(handle) : undefined);
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
