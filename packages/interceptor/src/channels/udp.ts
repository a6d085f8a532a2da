import type { Connection } from '../connection.ts';
import { type Address, type Handle, util } from '../node.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import type { Origin } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { createStamp, type Stamp } from '../stamp.ts';
import { plainHost } from '../target.ts';
import { contact, ownerOf } from './tcp.ts';
import { lockInternal } from '../locked.ts';

/** Beyond this many peers of one socket the oldest row ends to make room: a flood from forged addresses must not fill the memory. */
const MOST_FLOWS = 1024;

/** What one socket sends to and hears from one destination: one row. */
interface Flow {
  readonly connection: Connection;
  bytesOut: number;
  bytesIn: number;
}

/** The flows of one socket. */
interface Flows {
  /** By the name or address asked for and port: datagrams to a name are one row under that name. */
  readonly asked: Map<string, Flow>;
  /** By the peer's address and port. */
  readonly peers: Map<string, Flow>;
  connected: Flow | undefined;
  /** Who called `bind()`: responsible for what comes in. */
  listener: Origin | undefined;
}

interface Sent {
  readonly flow: Flow;
  readonly bytes: number;
}

/** A `dgram.Socket` that sends to a name looks the name up first. */
interface Outer {
  datagram: Connection | undefined;
}

/**
 * Datagrams: `dgram.Socket` tells who sends to what name, the handle is the truth that something is sent. One connection record per (socket, peer); who spoke first makes its direction.
 */
export function watchUdp(recorder: Recorder, UDP: object, owner: symbol | undefined): void {
  const { guards } = recorder;
  const flows = createStamp<Flows>();
  const of = (socket: object): Flows => flowsOf(flows, socket);
  watchSocket(recorder, of);

  for (const name of ['send', 'send6'] as const) {
    const point = guards.point<Sent>(`udp.${name}`, {
      inspect: (handle, args, wrapper) =>
        sending(recorder, of(ownerOf(handle, owner) ?? handle), handle, args, wrapper),
      observe: ({ flow, bytes }, result) => {
        if (typeof result !== 'number' || result >= 0) return;
        flow.bytesOut -= bytes;
        failed(flow, result);
      },
    });
    lockInternal(recorder, UDP, name, `UDP.${name}`, (original) => guards.callThrough(point, original));
  }
  for (const name of ['connect', 'connect6'] as const) {
    const point = guards.point<Flow>(`udp.${name}`, {
      inspect: (handle, args, wrapper) => {
        const held = of(ownerOf(handle, owner) ?? handle);
        const flow = flowTo(recorder, held, String(args[0]), Number(args[1]), wrapper);
        begin(recorder, flow, handle);
        return (held.connected = flow);
      },
      observe: (flow, result) => {
        if (typeof result === 'number' && result < 0) failed(flow, result);
      },
    });
    lockInternal(recorder, UDP, name, `UDP.${name}`, (original) => guards.callThrough(point, original));
  }
  for (const name of ['bind', 'bind6'] as const) {
    const point = guards.point<never>(`udp.${name}`, {
      inspect: (handle, _args, wrapper) => {
        if (ownerOf(handle, owner) === undefined) of(handle).listener ??= recorder.capture(wrapper);
        return undefined;
      },
    });
    lockInternal(recorder, UDP, name, `UDP.${name}`, (original) => guards.callThrough(point, original));
  }
  watchReceive(recorder, UDP, (handle) => of(ownerOf(handle, owner) ?? handle));

  const close = guards.point<never>('udp.close', {
    inspect: (handle) => {
      const held = flows.get(ownerOf(handle, owner) ?? handle);
      if (held !== undefined) finishAll(recorder, held);
      return undefined;
    },
  });
  lockInternal(recorder, UDP, 'close', 'UDP.close', (original) => guards.callThrough(close, original));
}

/** The public socket: names and callers. Replaced, since others may replace it too. */
function watchSocket(recorder: Recorder, of: (socket: object) => Flows): void {
  const { guards, patches, scope } = recorder;
  const { Socket } = process.getBuiltinModule('node:dgram');
  const ask = (later: boolean, place: (args: ArrayLike<unknown>) => { host: unknown; port: unknown } | undefined) => ({
    inspect: (socket: object, args: ArrayLike<unknown>, wrapper: Function): Outer | undefined => {
      const to = recorder.live('udp') ? place(args) : undefined;
      if (to === undefined) return undefined;
      const port = Number(to.port);
      if (!Number.isInteger(port) || port <= 0 || port > 65_535) return undefined;
      const host = typeof to.host === 'string' && to.host !== '' ? to.host : localhostOf(socket);
      const flow = askedFlow(recorder, of(socket), plainHost(host), port, wrapper);
      const outer: Outer = { datagram: scope.datagram };
      scope.datagram = flow.connection;
      // An unbound socket binds first and then connects by an internal function that nobody can see.
      if (later) scope.connecting = [flow.connection, ...scope.connecting.slice(0, 15)];
      return outer;
    },
    leave: (outer: Outer): void => {
      scope.datagram = outer.datagram;
    },
  });
  const send = guards.point<Outer>('dgram.send', ask(false, destinationOf));
  patches.replace(Socket.prototype, 'send', (original) => guards.callThrough(send, original));
  const connect = guards.point<Outer>(
    'dgram.connect',
    ask(true, (args) => ({ port: args[0], host: args[1] })),
  );
  patches.replace(Socket.prototype, 'connect', (original) => guards.callThrough(connect, original));
  const bind = guards.point<never>('dgram.bind', {
    inspect: (socket, _args, wrapper) => {
      if (recorder.live('udp')) of(socket).listener ??= recorder.capture(wrapper);
      return undefined;
    },
  });
  patches.replace(Socket.prototype, 'bind', (original) => guards.callThrough(bind, original));
}

function localhostOf(socket: object): string {
  return Reflect.get(socket, 'type') === 'udp6' ? '::1' : '127.0.0.1';
}

/** `send(msg[, offset, length][, port][, address][, callback])`; without a port the socket is connected. */
function destinationOf(args: ArrayLike<unknown>): { host: unknown; port: unknown } | undefined {
  const long = typeof args[1] === 'number' && typeof args[2] === 'number' && isPort(args[3]);
  if (long) return { port: args[3], host: args[4] };
  return isPort(args[1]) && typeof args[2] !== 'number' ? { port: args[1], host: args[2] } : undefined;
}

function isPort(value: unknown): boolean {
  return (typeof value === 'number' || (typeof value === 'string' && value !== '')) && Number(value) > 0;
}

function flowsOf(stamp: Stamp<Flows>, socket: object): Flows {
  let held = stamp.get(socket);
  if (held === undefined) {
    held = { asked: new Map(), peers: new Map(), connected: undefined, listener: undefined };
    stamp.set(socket, held);
  }
  return held;
}

/** The destination as the caller named it. Nothing is written yet: the call may still be found invalid. */
function askedFlow(recorder: Recorder, held: Flows, host: string, port: number, wrapper: Function): Flow {
  const key = `${host} ${port}`;
  const known = held.peers.get(key) ?? held.asked.get(key);
  if (known !== undefined && !known.connection.closed) return known;
  const flow = newFlow(recorder, 'out', host, port);
  flow.connection.origin = recorder.capture(wrapper);
  if (held.asked.size >= MOST_FLOWS) for (const old of held.asked.values()) finish(recorder, held, old);
  held.asked.set(key, flow);
  return flow;
}

function newFlow(
  recorder: Recorder,
  direction: 'in' | 'out',
  host: string | undefined,
  port: number | undefined,
): Flow {
  const connection = recorder.connectionRecords.create(direction, 'udp');
  connection.host = host;
  connection.port = port;
  return { connection, bytesOut: 0, bytesIn: 0 };
}

/** The flow to an address: the one that is there, the one whose name led to it, or a new one of whoever reached the handle without a `dgram.Socket`. */
function flowTo(recorder: Recorder, held: Flows, address: string, port: number, wrapper: Function): Flow {
  const key = `${plainHost(address)} ${port}`;
  const known = held.peers.get(key);
  const asked = askedNow(recorder, held, port);
  if (known !== undefined && (asked === undefined || asked === known)) return known;
  let flow = asked ?? held.asked.get(key) ?? namedFlow(held, port);
  if (flow === undefined) {
    flow = newFlow(recorder, 'out', plainHost(address), port);
    flow.connection.origin = recorder.capture(wrapper);
  }
  flow.connection.peerAddress = address;
  flow.connection.peerPort = port;
  // Answers belong to the name that led there first.
  if (known === undefined) remember(recorder, held, key, flow);
  return flow;
}

/** The name whose look-up has just been answered; its address may be that of another name. */
function askedNow({ scope: { datagram } }: Recorder, { asked }: Flows, port: number): Flow | undefined {
  return datagram?.port === port ? asked.get(`${datagram.host} ${port}`) : undefined;
}

/** A name that was asked for with this port and has no address yet: a `lookup` of the application answers for it. */
function namedFlow({ asked }: Flows, port: number): Flow | undefined {
  for (const flow of asked.values())
    if (flow.connection.port === port && flow.connection.peerAddress === undefined) return flow;
  return undefined;
}

function remember(recorder: Recorder, held: Flows, key: string, flow: Flow): void {
  if (held.peers.size >= MOST_FLOWS) {
    const oldest = held.peers.values().next().value;
    if (oldest !== undefined) finish(recorder, held, oldest);
  }
  held.peers.set(key, flow);
}

/** The record goes out before the first datagram does. */
function begin(recorder: Recorder, flow: Flow, handle: Handle): void {
  const { connection } = flow;
  if (connection.connected || !recorder.live('udp')) return;
  if (connection.localAddress === undefined) {
    const out: Address = {};
    handle.getsockname?.(out);
    connection.localAddress = out.address;
    connection.localPort = out.port;
  }
  connection.connected = true;
  contact(recorder, connection);
  recorder.connectionRecords.live(connection, () => [flow.bytesOut, flow.bytesIn]);
}

/** `send(req, list, count[, port, address], hasCallback)`. */
function sending(
  recorder: Recorder,
  held: Flows,
  handle: Handle,
  args: ArrayLike<unknown>,
  wrapper: Function,
): Sent | undefined {
  if (!recorder.live('udp')) return undefined;
  const flow =
    typeof args[4] === 'string'
      ? flowTo(recorder, held, args[4], Number(args[3]), wrapper)
      : (held.connected ?? connectedElsewhere(recorder, held, handle, wrapper));
  if (flow === undefined) return undefined;
  begin(recorder, flow, handle);
  let bytes = 0;
  for (const part of Array.from(args[1] as ArrayLike<unknown>))
    bytes += typeof part === 'string' ? Buffer.byteLength(part) : (part as ArrayBufferView).byteLength;
  flow.bytesOut += bytes;
  return { flow, bytes };
}

/** A socket made from a descriptor may be connected before Node has it. */
function connectedElsewhere(recorder: Recorder, held: Flows, handle: Handle, wrapper: Function): Flow | undefined {
  const out: Address = {};
  if (handle.getpeername?.(out) !== 0 || out.address === undefined || out.port === undefined) return undefined;
  return (held.connected = flowTo(recorder, held, out.address, out.port, wrapper));
}

/** What comes in: Node sets `onmessage(nread, handle, buffer, from)` on the handle before it starts to receive. */
function watchReceive(recorder: Recorder, UDP: object, of: (handle: object) => Flows): void {
  const { guards } = recorder;
  const received = guards.point<never>('udp.received', {
    inspect: (_self, args, _wrapper, context) => {
      if (recorder.live('udp')) receivedOne(recorder, context as Flows, args);
      return undefined;
    },
  });
  const start = guards.point<never>('udp.recvStart', {
    inspect: (self, _args, wrapper) => {
      const handle = self as { onmessage?: unknown };
      if (typeof handle.onmessage !== 'function' || wrapped.get(handle.onmessage) === true) return undefined;
      const held = of(handle);
      held.listener ??= recorder.capture(wrapper);
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handle of libuv is no event target
      handle.onmessage = guards.callThrough(received, handle.onmessage, held);
      wrapped.set(handle.onmessage as object, true);
      return undefined;
    },
  });
  const wrapped = createStamp<true>();
  lockInternal(recorder, UDP, 'recvStart', 'UDP.recvStart', (original) => guards.callThrough(start, original));
}

function receivedOne(recorder: Recorder, held: Flows, args: ArrayLike<unknown>): void {
  const bytes = Number(args[0]);
  if (bytes < 0) {
    if (held.connected !== undefined) failed(held.connected, bytes);
    return;
  }
  const from = args[3] as Address | undefined;
  if (from?.address === undefined || from.port === undefined) return;
  const key = `${plainHost(from.address)} ${from.port}`;
  let flow = held.peers.get(key);
  if (flow === undefined) {
    const handle = args[1] as Handle;
    const local: Address = {};
    handle.getsockname?.(local);
    flow = newFlow(recorder, 'in', local.address, local.port);
    const { connection } = flow;
    connection.localAddress = local.address;
    connection.localPort = local.port;
    connection.peerAddress = from.address;
    connection.peerPort = from.port;
    connection.origin = held.listener ?? { basis: 'none' };
    remember(recorder, held, key, flow);
    begin(recorder, flow, handle);
  }
  flow.bytesIn += bytes;
}

/** The peer's host may say that nobody listens there (ICMP), or nothing can be sent at all; the last word stands. */
function failed(flow: Flow, status: number): void {
  const code = util.getSystemErrorName(status);
  const error = Object.assign(new Error(code), { code, syscall: 'send' });
  flow.connection.outcome = outcomeOf(error, false);
  const word = codeOf(error);
  if (word !== undefined) flow.connection.error = word;
}

function finishAll(recorder: Recorder, held: Flows): void {
  // A name that was looked up has a row, whether its datagram left or not.
  for (const flow of [...held.peers.values(), ...held.asked.values()]) finish(recorder, held, flow);
}

function finish(recorder: Recorder, held: Flows, flow: Flow): void {
  for (const map of [held.peers, held.asked]) {
    for (const [key, other] of map) if (other === flow) map.delete(key);
  }
  if (held.connected === flow) held.connected = undefined;
  if (!flow.connection.connected) flow.connection.outcome = 'aborted';
  recorder.connectionRecords.closing(flow.connection, flow.bytesOut, flow.bytesIn);
}
